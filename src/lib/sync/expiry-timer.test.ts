import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ExpiryTimer } from './expiry-timer.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

test('[GONE-11] it goes off at its time, however far away, and not again', () => {
  const due = vi.fn();
  const timer = new ExpiryTimer(() => Date.now(), due);
  timer.wait(1_000 + YEAR_MS);
  vi.advanceTimersByTime(YEAR_MS - 1);
  expect(due).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(due).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(YEAR_MS);
  expect(due).toHaveBeenCalledTimes(1);
});

test('[GONE-11] a clock that turns out to be ahead makes nothing disappear before its time', () => {
  const due = vi.fn();
  let offsetMs = 10 * YEAR_MS;
  const timer = new ExpiryTimer(() => Date.now() + offsetMs, due);
  timer.wait(10 * YEAR_MS + 61_000);
  // The server's time has come.
  offsetMs = 0;
  vi.advanceTimersByTime(60_000);
  expect(due).not.toHaveBeenCalled();
  timer.close();
  expect(vi.getTimerCount()).toBe(0);
});

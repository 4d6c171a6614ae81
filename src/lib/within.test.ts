import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { within } from './within.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what comes in time is given, and nothing is waited for any more', async () => {
  expect(await within(100, Promise.resolve('came'), 'late')).toBe('came');
  expect(vi.getTimerCount()).toBe(0);
});

test('what does not come in time is done without', async () => {
  const given = within(100, new Promise<string>(() => undefined), 'late');
  await vi.advanceTimersByTimeAsync(99);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await given).toBe('late');
});

test('what fails in time fails for who waits, with no timer left', async () => {
  await expect(within(100, Promise.reject(new Error('broken')), 'late')).rejects.toThrow('broken');
  expect(vi.getTimerCount()).toBe(0);
});

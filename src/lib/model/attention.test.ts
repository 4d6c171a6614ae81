import { expect, onTestFinished, test, vi } from 'vitest';
import { Attention, AWAY_AFTER_MS } from './attention.ts';

test('[PRES-15] who touches nothing for five minutes, or hides the page, is away until they touch or show it', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const page = { visible: true, shown: (): void => undefined, touched: (): void => undefined };
  const attention = new Attention({
    now: () => Date.now(),
    visible: () => page.visible,
    onVisibility: (listener) => {
      page.shown = listener;
      return () => undefined;
    },
    onInput: (listener) => {
      page.touched = listener;
      return () => undefined;
    }
  });
  const told: boolean[] = [];
  attention.listen(() => told.push(attention.here));
  vi.advanceTimersByTime(AWAY_AFTER_MS - 1);
  page.touched();
  vi.advanceTimersByTime(AWAY_AFTER_MS - 1);
  expect([attention.here, told]).toEqual([true, []]);
  vi.advanceTimersByTime(1_001);
  expect([attention.here, told]).toEqual([false, [false]]);
  page.touched();
  expect(attention.here).toBe(true);
  page.visible = false;
  page.shown();
  expect(attention.here).toBe(false);
  page.visible = true;
  page.shown();
  expect(told).toEqual([false, true, false, true]);
  vi.advanceTimersByTime(AWAY_AFTER_MS + 1_000);
  expect(attention.here).toBe(false);
  attention.close();
  expect(vi.getTimerCount()).toBe(0);
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TypingNotice } from './typing-notice.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('others are told once that one types, and when no key has come for four seconds that one does not', () => {
  const told: boolean[] = [];
  const notice = new TypingNotice((typing) => told.push(typing));
  notice.key();
  vi.advanceTimersByTime(3_900);
  notice.key();
  vi.advanceTimersByTime(3_900);
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(100);
  expect(told).toEqual([true, false]);
});

test('what was sent or left is not typed any more, which is told at once and once', () => {
  const told: boolean[] = [];
  const notice = new TypingNotice((typing) => told.push(typing));
  notice.stop();
  notice.key();
  notice.stop();
  notice.stop();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([true, false]);
});

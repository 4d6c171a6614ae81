import { describe, expect, test } from 'vitest';
import { DateLabels, dayKey } from './date-labels.ts';

const labels = new DateLabels('en-GB');
const at = (year: number, month: number, day: number, hour = 12, minute = 0) =>
  new Date(year, month - 1, day, hour, minute).getTime();
const now = at(2025, 10, 18, 18, 52);

test('a day ends at midnight, not after 24 hours', () => {
  expect(dayKey(at(2025, 10, 17, 23, 59))).not.toBe(dayKey(at(2025, 10, 18, 0, 1)));
  expect(dayKey(at(2025, 10, 18, 0, 0))).toBe(dayKey(at(2025, 10, 18, 23, 59)));
});

describe('the separator', () => {
  test.each([
    [at(2025, 10, 18, 0, 1), 'Today'],
    [at(2025, 10, 17, 23, 59), 'Yesterday'],
    [at(2025, 10, 10), 'Friday 10 October'],
    [at(2024, 10, 18), '18 October 2024']
  ])('%s', (time, label) => {
    expect(labels.day(time, now)).toBe(label);
  });
});

describe('the room list', () => {
  test.each([
    [now - 20_000, 'now'],
    [now + 90_000, 'now'],
    [at(2025, 10, 18, 9, 5), '09:05'],
    [at(2025, 10, 17, 23, 0), 'Fri'],
    [at(2025, 10, 12), 'Sun'],
    [at(2025, 10, 11), '11 Oct'],
    [at(2024, 12, 31), '31 Dec 2024']
  ])('%s', (time, label) => {
    expect(labels.recent(time, now)).toBe(label);
  });
});

describe('what was, in a sentence', () => {
  test.each([
    [now + 5_000, 'just now'],
    [now - 59_000, 'just now'],
    [now - 60_000, 'a minute ago'],
    [now - 12 * 60_000, '12 minutes ago'],
    [at(2025, 10, 18, 9, 5), 'today, 09:05'],
    [at(2025, 10, 17, 23, 0), 'yesterday, 23:00'],
    [at(2025, 10, 12), 'on Sunday'],
    [at(2025, 8, 3), 'on 3 Aug'],
    [at(2024, 12, 31), 'on 31 Dec 2024']
  ])('%s', (time, label) => {
    expect(labels.past(time, now)).toBe(label);
  });
});

describe('a late message', () => {
  test('of the same day has two times', () => {
    expect(labels.late(at(2025, 10, 18, 9, 12), at(2025, 10, 18, 18, 40))).toEqual({
      written: '09:12',
      arrived: '18:40'
    });
  });
  test('of an earlier day names it', () => {
    expect(labels.late(at(2025, 10, 17, 9, 12), at(2025, 10, 18, 18, 40)).written).toBe('Fri 09:12');
    expect(labels.late(at(2025, 9, 7, 9, 12), at(2025, 10, 18, 18, 40)).written).toBe('7 Sept, 09:12');
  });
});

test('the gutter drops the day period', () => {
  expect(new DateLabels('en-US').gutter(at(2025, 10, 18, 18, 5))).toBe('6:05');
  expect(labels.gutter(at(2025, 10, 18, 18, 5))).toBe('18:05');
});

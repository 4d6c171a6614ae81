import { expect, test } from 'vitest';
import { DateLabels } from '#lib/ui/date-labels.ts';
import { fieldValue, scheduledWords, sendTimeWords, timeOfField, usualTimes } from './schedule-times.ts';

const local = (text: string): number => new Date(text).getTime();
const words = (now: string): string[] => usualTimes(local(now)).map(({ label, at }) => `${label} ${fieldValue(at)}`);

test('the usual times lie ahead, by the calendar of who writes', () => {
  expect(words('2026-03-04T23:30')).toEqual([
    'In 1 hour 2026-03-05T00:30',
    'Tomorrow 2026-03-05T09:00',
    'Monday 2026-03-09T09:00'
  ]);
  // On a Sunday tomorrow is Monday; on a Monday it is the next one.
  expect(words('2026-03-08T12:00').slice(1)).toEqual(['Tomorrow 2026-03-09T09:00']);
  expect(words('2026-03-09T08:00').slice(1)).toEqual(['Tomorrow 2026-03-10T09:00', 'Monday 2026-03-16T09:00']);
  expect(words('2026-12-31T10:00')[1]).toBe('Tomorrow 2027-01-01T09:00');
});

test('what the field says is read as it was written', () => {
  for (const at of [local('2026-03-01T09:30'), local('2026-11-30T00:00')]) expect(timeOfField(fieldValue(at))).toBe(at);
  expect([timeOfField(''), timeOfField('soon')]).toEqual([null, null]);
});

test('a time is said as people say it, over the turn of a year', () => {
  const dates = new DateLabels('en-GB');
  const said = (at: string) => sendTimeWords(dates, local(at), local('2026-12-31T10:00'));
  expect(said('2026-12-31T14:00')).toBe('Today, 14:00');
  expect(said('2027-01-01T09:00')).toBe('Tomorrow, 09:00');
  expect(said('2027-01-04T09:00')).toBe('4 January 2027, 09:00');
});

test('what is scheduled without a line is said to be on this device alone', () => {
  const dates = new DateLabels('en-GB');
  const said = (hasLine: boolean) =>
    scheduledWords(dates, local('2026-03-04T19:38'), local('2026-03-04T10:00'), hasLine);
  expect(said(true)).toBe('Will be sent: Today, 19:38');
  expect(said(false)).toBe('To be sent: Today, 19:38. Kept on this device until you are online.');
});

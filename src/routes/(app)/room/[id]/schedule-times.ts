// Times that a message is sent at later: the usual ones, and what the browser's own field for a date and time says.

import type { DateLabels } from '#lib/ui/date-labels.ts';
import { m } from '#lib/words/generated/messages.js';

export interface ScheduleTime {
  readonly label: string;
  /** Epoch ms. */
  readonly at: number;
}

const HOUR_MS = 3_600_000;
const MORNING_HOUR = 9;

/** The usual ones, soonest first, in the reader's time zone. @param now epoch ms */
export function usualTimes(now: number): ScheduleTime[] {
  const tomorrow = morning(now, 1);
  // Of the week after this one, unless that is tomorrow.
  const untilMonday = (8 - new Date(now).getDay()) % 7 || 7;
  return [
    { label: m.schedule_hour(), at: now + HOUR_MS },
    { label: m.schedule_tomorrow(), at: tomorrow },
    ...(untilMonday > 1 ? [{ label: m.schedule_monday(), at: morning(now, untilMonday) }] : [])
  ];
}

/** By the calendar, so that a day with a change of clocks is one day. */
function morning(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, MORNING_HOUR).getTime();
}

/** As `<input type="datetime-local">` has it: "2026-03-01T09:30". */
export function fieldValue(at: number): string {
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Epoch ms, or null: nothing that is a time. */
export function timeOfField(value: string): number | null {
  const at = value === '' ? NaN : new Date(value).getTime();
  return Number.isNaN(at) ? null : at;
}

/** "Today, 14:00", "Tomorrow, 09:00", "Monday, 9 March, 09:00". */
export function sendTimeWords(dates: Pick<DateLabels, 'day' | 'clock'>, at: number, now: number): string {
  const isTomorrow = fieldValue(at).slice(0, 10) === fieldValue(morning(now, 1)).slice(0, 10);
  return m.schedule_time({ day: isTomorrow ? m.schedule_tomorrow() : dates.day(at, now), time: dates.clock(at) });
}

/** Once it is scheduled: what no server knows yet is not promised. */
export function scheduledWords(
  dates: Pick<DateLabels, 'day' | 'clock'>,
  at: number,
  now: number,
  hasLine: boolean
): string {
  const time = sendTimeWords(dates, at, now);
  return hasLine ? m.schedule_done({ time }) : m.schedule_done_here({ time });
}

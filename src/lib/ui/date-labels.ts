// Days and times as people say them, in the reader's own locale and time zone. Pure: now is given.

import { m } from '../words/generated/messages.js';

const DAY_MS = 86_400_000;

/** Days apart by the calendar, not by 24 hours, so that 23:50 yesterday is yesterday at 00:10. */
function daysBefore(at: number, now: number): number {
  const startOf = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  // Rounded: a day with a clock change has 23 or 25 hours.
  return Math.round((startOf(now) - startOf(at)) / DAY_MS);
}

/** A key that is equal for two times on the same local day. */
export function dayKey(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

export class DateLabels {
  readonly #clock: Intl.DateTimeFormat;
  readonly #hourMinute: Intl.DateTimeFormat;
  readonly #weekday: Intl.DateTimeFormat;
  readonly #shortWeekday: Intl.DateTimeFormat;
  readonly #dayMonth: Intl.DateTimeFormat;
  readonly #shortDayMonth: Intl.DateTimeFormat;
  readonly #dayMonthYear: Intl.DateTimeFormat;
  readonly #shortDate: Intl.DateTimeFormat;
  readonly #exact: Intl.DateTimeFormat;

  constructor(locale?: string) {
    const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
    this.#clock = format({ hour: '2-digit', minute: '2-digit' });
    this.#hourMinute = format({ hour: 'numeric', minute: '2-digit' });
    this.#weekday = format({ weekday: 'long' });
    this.#shortWeekday = format({ weekday: 'short' });
    this.#dayMonth = format({ weekday: 'long', day: 'numeric', month: 'long' });
    this.#shortDayMonth = format({ day: 'numeric', month: 'short' });
    this.#dayMonthYear = format({ day: 'numeric', month: 'long', year: 'numeric' });
    this.#shortDate = format({ day: 'numeric', month: 'short', year: 'numeric' });
    this.#exact = format({
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit'
    });
  }

  /** "18:52" */
  clock(at: number): string {
    return this.#clock.format(at);
  }

  /** Like `clock`, without "AM" or "PM": for the narrow gutter beside a message. */
  gutter(at: number): string {
    return this.#hourMinute
      .formatToParts(at)
      .filter((part) => part.type !== 'dayPeriod')
      .map((part) => part.value)
      .join('')
      .trim();
  }

  /** For the separator: "Today", "Yesterday", "Friday, 17 October", "17 October 2024". */
  day(at: number, now: number): string {
    const days = daysBefore(at, now);
    if (days === 0) return m.date_today();
    if (days === 1) return m.date_yesterday();
    return new Date(at).getFullYear() === new Date(now).getFullYear()
      ? this.#dayMonth.format(at)
      : this.#dayMonthYear.format(at);
  }

  /** For the room list: "now", "18:52", "Fri", "17 Oct", "17 Oct 2024". */
  recent(at: number, now: number): string {
    // Another device's clock may run ahead: what is not past is now.
    if (now - at < 60_000) return m.date_now();
    const days = daysBefore(at, now);
    if (days === 0) return this.clock(at);
    if (days < 7) return this.#shortWeekday.format(at);
    return new Date(at).getFullYear() === new Date(now).getFullYear()
      ? this.#shortDayMonth.format(at)
      : this.#shortDate.format(at);
  }

  /** In a sentence about what was: "a minute ago", "12 minutes ago", "today, 18:52", "on Friday", "on 17 Oct". */
  past(at: number, now: number): string {
    const minutes = Math.floor((now - at) / 60_000);
    if (minutes < 1) return m.date_just_now();
    if (minutes < 60) return m.date_minutes_ago({ n: minutes });
    const days = daysBefore(at, now);
    if (days === 0) return m.date_past_today({ time: this.clock(at) });
    if (days === 1) return m.date_past_yesterday({ time: this.clock(at) });
    if (days < 7) return m.date_past_on({ day: this.#weekday.format(at) });
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return m.date_past_on({ day: (sameYear ? this.#shortDayMonth : this.#shortDate).format(at) });
  }

  /** A late message's two times, each with its day unless that is the day it arrived. */
  late(writtenAt: number, arrivedAt: number): { readonly written: string; readonly arrived: string } {
    const days = daysBefore(writtenAt, arrivedAt);
    const day =
      days === 0
        ? ''
        : days < 7
          ? `${this.#shortWeekday.format(writtenAt)} `
          : `${this.#shortDayMonth.format(writtenAt)}, `;
    return { written: day + this.clock(writtenAt), arrived: this.clock(arrivedAt) };
  }

  /** "Friday, 28 November": when something ends. */
  until(at: number, now: number): string {
    const days = daysBefore(now, at);
    return days > 0 && days < 7 ? this.#weekday.format(at) : this.#shortDayMonth.format(at);
  }

  /** To the second, for a tooltip. */
  exact(at: number): string {
    return this.#exact.format(at);
  }
}

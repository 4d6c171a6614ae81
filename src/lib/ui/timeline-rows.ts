// Turns a room's timeline into the rows that are drawn: groups, date separators, the New line.
// Invariant: every item of the timeline is exactly one row, in the same order; keys are unique and stable.

import type { MessageItem, SystemItem, TimelineItem } from '../model/app-model.ts';
import { dayKey } from './date-labels.ts';

/** Messages of one author closer than this make one group. */
export const GROUP_GAP_MS = 5 * 60_000;

export type Row =
  /** What is above the oldest loaded message. Always there, so that its coming and going moves nothing. */
  | { readonly kind: 'head'; readonly key: 'head' }
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: 'new' }
  | { readonly kind: 'system'; readonly key: string; readonly item: SystemItem }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly item: MessageItem;
      /** First and last of its group: who wrote it, and which corners are joints. */
      readonly first: boolean;
      readonly last: boolean;
    };

/**
 * Where an item stands in time. The order is that of arrival, so a late message belongs to the day it came;
 * imported messages arrive long after they were written too, but are not late: their own time counts.
 */
export function shownAt(item: TimelineItem): number {
  return item.kind === 'message' && item.late ? (item.arrivedAt ?? item.sentAt) : item.sentAt;
}

export function timelineRows(timeline: readonly TimelineItem[], firstUnreadId: string | null): readonly Row[] {
  const rows: Row[] = [{ kind: 'head', key: 'head' }];
  const days = new Map<string, number>();
  let day: string | null = null;
  for (const [index, item] of timeline.entries()) {
    const itemDay = dayKey(shownAt(item));
    const newDay = itemDay !== day;
    if (newDay) {
      // Clocks of others can put one day twice: the key must not repeat.
      const times = days.get(itemDay) ?? 0;
      days.set(itemDay, times + 1);
      rows.push({ kind: 'day', key: times === 0 ? `day ${itemDay}` : `day ${itemDay} ${times}`, at: shownAt(item) });
      day = itemDay;
    }
    if (item.id === firstUnreadId) rows.push({ kind: 'new', key: 'new' });
    if (item.kind === 'system') {
      rows.push({ kind: 'system', key: item.id, item });
      continue;
    }
    const before = timeline[index - 1];
    const after = timeline[index + 1];
    rows.push({
      kind: 'message',
      key: item.id,
      item,
      first: !before || item.id === firstUnreadId || !grouped(before, item),
      last: !after || after.id === firstUnreadId || !grouped(item, after)
    });
  }
  return rows;
}

function grouped(a: TimelineItem, b: TimelineItem): boolean {
  return (
    a.kind === 'message' &&
    b.kind === 'message' &&
    a.author.id === b.author.id &&
    a.own === b.own &&
    a.late === b.late &&
    !a.action &&
    !b.action &&
    Math.abs(b.sentAt - a.sentAt) <= GROUP_GAP_MS &&
    dayKey(shownAt(a)) === dayKey(shownAt(b))
  );
}

/** Whether rows came or went at the top alone, as older pages do: then the view is held from its end. */
export function changedAtTop(before: readonly Row[], after: readonly Row[]): boolean {
  if (before.length === after.length || before.at(-1)?.key !== after.at(-1)?.key) return false;
  const first = before.find((row) => 'item' in row);
  const firstNow = after.find((row) => 'item' in row);
  return first !== undefined && firstNow !== undefined && first.key !== firstNow.key;
}

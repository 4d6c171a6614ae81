// Turns a room's timeline into the rows that are drawn: groups, date separators, the New line.
// Invariant: every item of the timeline is exactly one row, in the same order; keys are unique and stable.

import type { MessageItem, SystemItem, TimelineItem } from '../model/timeline-item.ts';
import { dayKey } from './date-labels.ts';

/** Messages of one author closer than this make one group. */
const GROUP_GAP_MS = 5 * 60_000;

export type Row =
  /** What is above the oldest loaded message. Always there, so that its coming and going moves nothing. */
  | { readonly kind: 'head'; readonly key: 'head' }
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: 'new' }
  /** Between the root of a thread and what was said below it. */
  | { readonly kind: 'replies'; readonly key: 'replies' }
  | { readonly kind: 'system'; readonly key: string; readonly item: SystemItem }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly item: MessageItem;
      /** First and last of its group: who wrote it, and which corners are joints. */
      readonly first: boolean;
      readonly last: boolean;
    }
  /** What is below the newest loaded message, where that is not the newest of all. */
  | { readonly kind: 'foot'; readonly key: 'foot' };

/**
 * Where an item stands in time. The order is that of arrival, so a late message belongs to the day it came;
 * imported messages arrive long after they were written too, but are not late: their own time counts.
 */
function shownAt(item: TimelineItem): number {
  return item.kind === 'message' && item.late ? (item.arrivedAt ?? item.sentAt) : item.sentAt;
}

/** Rows of a timeline that changes: those of items before the first change stay the same objects. */
export class TimelineRows {
  #items: readonly TimelineItem[] = [];
  #firstUnreadId: string | null = null;
  #hasFoot = false;
  #rows: readonly Row[] = [{ kind: 'head', key: 'head' }];
  /** How often each day has been opened. */
  readonly #days = new Map<string, number>();
  readonly #isThread: boolean;

  /** @param isThread the first item is a root, the others are replies */
  constructor(isThread = false) {
    this.#isThread = isThread;
  }

  /**
   * @param hasFoot the timeline ends before the newest message
   * @returns the same array as before when nothing has changed
   */
  update(items: readonly TimelineItem[], firstUnreadId: string | null, hasFoot: boolean): readonly Row[] {
    if (items === this.#items && firstUnreadId === this.#firstUnreadId && hasFoot === this.#hasFoot) return this.#rows;
    const same = firstUnreadId === this.#firstUnreadId ? commonStart(items, this.#items) : 0;
    // The last of them may end its group now, or not any more.
    const from = Math.max(0, same - 1);
    const rows = this.#keep(from, same > 0);
    this.#items = items;
    this.#firstUnreadId = firstUnreadId;
    this.#hasFoot = hasFoot;
    for (let index = from; index < items.length; index += 1) {
      if (index >= same) this.#separate(rows, items, index);
      rows.push(rowOf(items, index, firstUnreadId));
    }
    if (hasFoot) rows.push({ kind: 'foot', key: 'foot' });
    this.#rows = rows;
    return rows;
  }

  /** The rows above an item. @param separated with those that separate it from the item before */
  #keep(index: number, separated: boolean): Row[] {
    let end = this.#rows.length;
    if (!separated) end = 1;
    else for (let left = this.#items.length; left > index;) if ('item' in this.#rows[--end]!) left -= 1;
    for (const row of this.#rows.slice(end)) {
      if (row.kind !== 'day') continue;
      const day = dayKey(row.at);
      this.#days.set(day, this.#days.get(day)! - 1);
    }
    return this.#rows.slice(0, end);
  }

  #separate(rows: Row[], items: readonly TimelineItem[], index: number): void {
    const item = items[index]!;
    const before = items[index - 1];
    const at = shownAt(item);
    const day = dayKey(at);
    if (this.#isThread && index === 1) rows.push({ kind: 'replies', key: 'replies' });
    if (!before || day !== dayKey(shownAt(before))) {
      // Clocks of others can put one day twice: the key must not repeat.
      const times = this.#days.get(day) ?? 0;
      this.#days.set(day, times + 1);
      rows.push({ kind: 'day', key: times === 0 ? `day ${day}` : `day ${day} ${times}`, at });
    }
    if (item.id === this.#firstUnreadId) rows.push({ kind: 'new', key: 'new' });
  }
}

function rowOf(items: readonly TimelineItem[], index: number, firstUnreadId: string | null): Row {
  const item = items[index]!;
  if (item.kind === 'system') return { kind: 'system', key: item.id, item };
  const before = items[index - 1];
  const after = items[index + 1];
  return {
    kind: 'message',
    key: item.id,
    item,
    first: !before || item.id === firstUnreadId || !grouped(before, item),
    last: !after || after.id === firstUnreadId || !grouped(item, after)
  };
}

function commonStart(a: readonly TimelineItem[], b: readonly TimelineItem[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

function grouped(a: TimelineItem, b: TimelineItem): boolean {
  return (
    a.kind === 'message' &&
    b.kind === 'message' &&
    a.author.id === b.author.id &&
    a.thread === b.thread &&
    a.own === b.own &&
    a.late === b.late &&
    !a.action &&
    !b.action &&
    Math.abs(b.sentAt - a.sentAt) <= GROUP_GAP_MS &&
    dayKey(shownAt(a)) === dayKey(shownAt(b))
  );
}

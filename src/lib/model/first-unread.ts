// Where a room's unread messages begin. The server counts them without opening the room; here the first is found, on
// pages that are loaded or further back. Invariant: once the room is in step, the answer does not change any more.

import { threadOf } from '#protocol/entry.ts';
import { isImportedAuthor } from '#protocol/ids.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { isErased } from '../sync/erased-entry.ts';
import type { TimelineItem } from './timeline-item.ts';

/** As they were when the room was opened. */
export interface Unread {
  /** Read up to this Arrival.n. */
  readonly read: number;
  /** Messages of others above it. */
  readonly count: number;
}

/** What is known of the room now. */
export interface UnreadView {
  readonly items: readonly TimelineItem[];
  /** Whether `items` begin with the room. */
  readonly fromStart: boolean;
  /** Whether all that is in the room is known of. */
  readonly inStep: boolean;
  readonly now: Unread;
}

export class FirstUnread {
  #atOpen: Unread | null = null;
  #id: string | null = null;
  #before = false;
  #sought: 'not-yet' | 'found' | 'in-vain' = 'not-yet';
  #fixed = false;

  /** The first unread message; null: there is none, or it is not loaded. */
  get id(): string | null {
    return this.#id;
  }
  /** It is further back than what is loaded, and was not looked for yet. */
  get before(): boolean {
    return this.#before;
  }

  /** The room is opened, read up to this Arrival.n. */
  open(read: number): void {
    this.#atOpen ??= { read, count: 0 };
  }

  /** It was marked unread from here on while it is open: the New line goes there. */
  markFrom(id: string): void {
    this.#id = id;
    this.#before = false;
    this.#fixed = true;
  }

  look({ items, fromStart, inStep, now }: UnreadView): void {
    if (this.#fixed || this.#atOpen === null) return;
    const { read } = this.#atOpen;
    // Once something is marked, the count is from there.
    if (now.read === read) this.#atOpen = now;
    const reached = fromStart || this.#sought === 'found' || reachesFirstUnread(items, this.#atOpen);
    this.#before = !reached && this.#sought === 'not-yet';
    const first = this.#before ? null : items.find((item) => isUnreadItem(item, read));
    this.#id = first?.id ?? null;
    if (reached && inStep) this.#fixed = true;
  }

  /**
   * @param load asks about page after page before what is loaded, each before the one asked about last, and shows the
   *   one that has the message
   */
  async seek(
    me: string,
    loaded: readonly TimelineItem[],
    load: (hasIt: (page: { readonly entries: readonly OrderedEntry[] }) => boolean) => Promise<unknown>
  ): Promise<void> {
    if (!this.#before || !this.#atOpen) return;
    const hasIt = firstUnreadSearch(me, this.#atOpen, loaded);
    await load((page) => {
      const found = hasIt(page);
      // Before the page is shown: what is drawn of it must have its New line.
      if (found) this.#sought = 'found';
      return found;
    });
    if (this.#sought === 'not-yet') this.#sought = 'in-vain';
  }
}

const isUnreadItem = (item: TimelineItem, read: number): boolean =>
  item.kind === 'message' && !item.own && !item.redacted && !item.author.imported && item.n !== null && item.n > read;

const isUnread = ({ entry, arrival }: OrderedEntry, me: string, read: number): boolean =>
  entry.type === 'message' &&
  !isErased(entry) &&
  threadOf(entry) === null &&
  entry.author !== me &&
  !isImportedAuthor(entry.author) &&
  (arrival?.n ?? 0) > read;

/** Whether what comes before `items` cannot hold an unread message. */
function reachesFirstUnread(items: readonly TimelineItem[], { read, count }: Unread): boolean {
  const first = items.find(({ n }) => n !== null);
  // The message after the last one that was read is the earliest that can be unread.
  if (first && first.n! <= read + 1) return true;
  return items.filter((item) => isUnreadItem(item, read)).length >= count;
}

/** @returns says of pages, each before the one asked about last, whether the first unread message is found with it */
function firstUnreadSearch(
  me: string,
  unread: Unread,
  loaded: readonly TimelineItem[]
): (page: { readonly entries: readonly OrderedEntry[] }) => boolean {
  let missing = unread.count - loaded.filter((item) => isUnreadItem(item, unread.read)).length;
  return ({ entries }) => {
    missing -= entries.filter((ordered) => isUnread(ordered, me, unread.read)).length;
    if (missing <= 0) return true;
    const [first] = entries;
    if (first === undefined) return false;
    // What was imported was there before all that can be unread.
    return (first.arrival?.n ?? 0) <= unread.read + 1 || isImportedAuthor(first.entry.author);
  };
}

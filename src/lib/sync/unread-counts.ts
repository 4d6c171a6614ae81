// What is unread of a room for this person: what the server counts above the read marker, less what was read here since,
// and what was marked unread by hand.
// Invariant: a read marker never takes a mark away, however late it comes; only who opens the room after it was made does.

import type { UnreadMark } from '#protocol/personal.ts';
import type { RoomList } from './room-list.ts';
import type { RoomMarks } from './room-marks.ts';

export interface UnreadCount {
  /** Read up to this Arrival.n, as the screens have it. */
  readonly read: number;
  readonly count: number;
  /** Unread mentions of this person. */
  readonly mentions: number;
}

const isSame = (a: UnreadMark | null, b: UnreadMark | null): boolean =>
  a === b || (a !== null && b !== null && a.from === b.from && a.upTo === b.upTo && a.count === b.count);

export class UnreadCounts {
  readonly #list: Pick<RoomList, 'summary' | 'readUpTo' | 'unread' | 'all'>;
  readonly #marks: RoomMarks;
  /** Moves the read marker up, here and at the server. */
  readonly #read: (room: string, n: number) => Promise<void>;

  constructor(
    list: Pick<RoomList, 'summary' | 'readUpTo' | 'unread' | 'all'>,
    marks: RoomMarks,
    read: (room: string, n: number) => Promise<void>
  ) {
    this.#list = list;
    this.#marks = marks;
    this.#read = read;
  }

  of(room: string): UnreadCount {
    const summary = this.#list.summary(room);
    const read = this.#list.readUpTo(room);
    const above = this.#list.unread(room);
    const mentions = (summary?.mentions ?? []).filter((n) => n > read).length;
    const mark = this.#marks.get(room, 'unread');
    if (!mark || !summary) return { read, count: above, mentions };
    // What came since the mark was made counts beside what it counted, wherever the marker stands by now.
    const since = Math.max(0, Math.min(above, summary.n - Math.max(mark.upTo, read)));
    return { read: Math.min(read, mark.from - 1), count: Math.max(1, above, mark.count + since), mentions };
  }

  /** The mark as it stands: what a view had before it when it was opened, it may take away by reading on. */
  mark(room: string): UnreadMark | null {
    return this.#marks.get(room, 'unread');
  }

  /**
   * The person sees the room up to n.
   * @param opened the mark that stood when they opened it; another one was made since, and stands
   */
  async seen(room: string, n: number, opened: UnreadMark | null): Promise<void> {
    const mark = this.mark(room);
    if (mark && !isSame(mark, opened)) return;
    if (mark && n >= mark.from) await this.#marks.set(room, 'unread', null);
    await this.#read(room, n);
  }

  /** All of it is read, whatever was marked. */
  async markRead(room: string): Promise<void> {
    await this.#marks.set(room, 'unread', null);
    const n = this.#list.summary(room)?.n;
    if (n !== undefined) await this.#read(room, n);
  }

  async markAllRead(): Promise<void> {
    const unread = this.#list.all().filter(({ id }) => this.of(id).count > 0);
    await Promise.all(unread.map(({ id }) => this.markRead(id)));
  }

  /**
   * From a message on it is unread again.
   * @param from its Arrival.n; null: the newest
   * @param count messages of others from there on
   * @returns whether there was anything to mark
   */
  async markUnread(room: string, from: number | null, count: number): Promise<boolean> {
    const newest = this.#list.summary(room)?.n ?? 0;
    const place = from ?? newest;
    if (place < 1) return false;
    const upTo = Math.max(newest, place);
    await this.#marks.set(room, 'unread', { from: place, upTo, count: Math.max(1, count) });
    // What stands before it is not unread any more.
    await this.#read(room, place - 1);
    return true;
  }
}

// How far this person has read a room: what is unread in it, where that begins, and what is marked.
// Invariant: where the unread begin stays as it was when the room was opened, unless it is marked anew while it is open.

import type { UnreadMark } from '#protocol/personal.ts';
import type { RoomReplica } from '../sync/room-replica.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import { FirstUnread } from './first-unread.ts';
import type { RoomTimeline } from './room-timeline.svelte.ts';
import type { MessageItem, TimelineItem } from './timeline-item.ts';

interface Attached {
  readonly client: SyncClient;
  readonly replica: RoomReplica;
}

export class RoomReading {
  readonly #room: string;
  readonly #timeline: RoomTimeline;
  #at: Attached | null = null;
  #unread = $state(0);
  #firstUnreadId = $state<string | null>(null);
  #unreadBefore = $state(false);
  readonly #firstUnread = new FirstUnread();
  /** As it was when the room was opened. */
  #marked: UnreadMark | null = null;

  constructor(room: string, timeline: RoomTimeline) {
    this.#room = room;
    this.#timeline = timeline;
  }

  get unread() {
    return this.#unread;
  }
  get firstUnreadId() {
    return this.#firstUnreadId;
  }
  /** The first unread message is further back than what is loaded, and was not looked for yet. */
  get unreadBefore() {
    return this.#unreadBefore;
  }

  attach(client: SyncClient, replica: RoomReplica): void {
    this.#at = { client, replica };
    this.#marked = client.unread.mark(this.#room);
    if (client.list.summary(this.#room)) this.#firstUnread.open(client.unread.of(this.#room).read);
  }

  detach(): void {
    this.#at = null;
  }

  /** The timeline is another, or what is known of the room. */
  update(): void {
    if (!this.#at) return;
    const { client, replica } = this.#at;
    const { history, items } = this.#timeline;
    this.marksChanged();
    const newest = replica.head.arrived.at(-1)?.arrival?.n ?? items.findLast(({ n }) => n !== null)?.n ?? 0;
    this.#firstUnread.look({
      items,
      fromStart: history === 'start',
      inStep: replica.head.synced && newest >= (replica.summary?.n ?? 0),
      now: client.unread.of(this.#room)
    });
    this.#firstUnreadId = this.#firstUnread.id;
    this.#unreadBefore = this.#firstUnread.before;
  }

  marksChanged(): void {
    if (this.#at) this.#unread = this.#at.client.unread.of(this.#room).count;
  }

  /** Who writes has read. */
  wrote(): void {
    this.#marked = this.#at?.client.unread.mark(this.#room) ?? null;
  }

  /** All up to this item was seen. */
  seen(upTo: TimelineItem): void {
    if (upTo.n === null || !this.#at) return;
    const { client, replica } = this.#at;
    // What disappeared after it is not there to be seen, and not unread either.
    const { items, newer } = this.#timeline;
    const isLast = items.findLast(({ n }) => n !== null) === upTo && newer === 'none';
    const n = Math.max(upTo.n, (isLast && replica.head.arrived.at(-1)?.arrival?.n) || 0);
    // The list of rooms tells of a marker that moved; one that did not must change nothing, as the screen marks what it
    // sees whenever something changes.
    void client.unread.seen(this.#room, n, this.#marked);
  }

  /** From this message on it is unread again. */
  markUnread({ id, n }: MessageItem): void {
    if (n === null || !this.#at) return;
    const { client } = this.#at;
    const others = this.#timeline.items.filter(
      (item) => item.kind === 'message' && !item.own && !item.redacted && (item.n ?? 0) >= n
    );
    this.#firstUnread.markFrom(id);
    this.#firstUnreadId = id;
    void client.hold(client.unread.markUnread(this.#room, n, others.length));
  }

  /** Takes the window of the room back to where the unread begin, unless that cannot be had or is not wanted any more. */
  async toFirst(signal: AbortSignal): Promise<void> {
    if (!this.#at) return;
    const { client, replica } = this.#at;
    await this.#firstUnread.seek(client.me.id, this.#timeline.items, (hasIt) => replica.goBack(hasIt, signal));
  }
}

// Passes the events of all rooms on to whoever has subscribed.

import type { EntryId, PageRef, RoomId, UserId } from '#protocol/ids.ts';
import type { Receipt } from '#protocol/receipt.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { JustArrived, RoomEvents } from './room-service.ts';

export class RoomEventHub implements RoomEvents {
  readonly #listeners = new Set<RoomEvents>();

  subscribe(events: RoomEvents): () => void {
    this.#listeners.add(events);
    return () => void this.#listeners.delete(events);
  }

  changed(user: UserId, room: RoomId): void {
    for (const listener of this.#listeners) listener.changed(user, room);
  }

  gone(user: UserId, room: RoomId): void {
    for (const listener of this.#listeners) listener.gone(user, room);
  }

  read(user: UserId, room: RoomId, n: number, unread: number): void {
    for (const listener of this.#listeners) listener.read(user, room, n, unread);
  }

  receipt(user: UserId, room: RoomId, receipt: Receipt): void {
    for (const listener of this.#listeners) listener.receipt(user, room, receipt);
  }

  pageChanged(user: UserId, ref: PageRef, revision: number, cursor: number): void {
    for (const listener of this.#listeners) listener.pageChanged(user, ref, revision, cursor);
  }

  arrived(room: RoomId, state: RoomState, arrived: readonly JustArrived[]): void {
    for (const listener of this.#listeners) listener.arrived?.(room, state, arrived);
  }

  erased(room: RoomId, ids: readonly EntryId[]): void {
    for (const listener of this.#listeners) listener.erased?.(room, ids);
  }
}

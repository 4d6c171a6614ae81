// A room's state by the entries that have arrived on the head page. Invariant: each is folded in once, however often it
// is looked at; a page that does not go on from what was folded is folded from its start.

import { fold } from '#protocol/fold.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { RoomState } from '#protocol/room-state.ts';

export class ArrivedState {
  #state: RoomState | null = null;
  #count = 0;
  #last: OrderedEntry | undefined;

  /** null: not known. */
  get state(): RoomState | null {
    return this.#state;
  }

  /** Another page is the head. @param state holds until that page's snapshot is here */
  startOver(state: RoomState | null): void {
    this.#state = state;
    this.#count = 0;
    this.#last = undefined;
  }

  /** @returns the entries that were not folded in before */
  take(arrived: readonly OrderedEntry[]): readonly OrderedEntry[] {
    const goesOn = this.#count <= arrived.length && (this.#count === 0 || arrived[this.#count - 1] === this.#last);
    if (!goesOn) this.startOver(null);
    const fresh = arrived.slice(this.#count);
    for (const { entry } of fresh) this.#state = fold(this.#state, entry);
    this.#count = arrived.length;
    this.#last = arrived[arrived.length - 1];
    return fresh;
  }
}

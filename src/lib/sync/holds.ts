// What its author can still call back: on disk as all that waits, but not to be sent before its time.
// Invariant: a hold ends by itself, whatever becomes of tab, room and line, and a moment after the last call, so that one
// tab's call is heard by the tab that sends. A clock that is set back makes it longer by what has passed of it at the most.

import { CALL_BACK_MS } from '#protocol/limits.ts';

/** As long as a call in one tab may take to be heard in the others. */
const HEARD_MS = 500;
const HELD_MS = CALL_BACK_MS + HEARD_MS;

interface Held {
  /** Epoch ms by this device's clock; missing: it is not held. */
  readonly heldUntil?: number | undefined;
}

export class Holds {
  readonly #now: () => number;
  readonly #over: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** @param over called once that has come which is watched for */
  constructor(now: () => number, over: () => void) {
    this.#now = now;
    this.#over = over;
  }

  /** When a hold that begins now ends. */
  end(): number {
    return this.#now() + HELD_MS;
  }

  isHeld(one: Held): boolean {
    return this.#leftMs(one) > 0;
  }

  /** Whether it can still be called back. */
  isRecallable(one: Held): boolean {
    return this.#leftMs(one) > HEARD_MS;
  }

  /** Waits until the first of these can be called back no more, or is held no more, and for no other. */
  watch(all: Iterable<Held>): void {
    clearTimeout(this.#timer);
    let first = Infinity;
    for (const one of all) {
      if (!this.isHeld(one)) continue;
      first = Math.min(first, this.#leftMs(one) - (this.isRecallable(one) ? HEARD_MS : 0));
    }
    if (first < Infinity && !this.#closed) this.#timer = setTimeout(this.#over, first);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #leftMs({ heldUntil }: Held): number {
    const left = heldUntil === undefined ? 0 : heldUntil - this.#now();
    // Further off than any hold: the clock was set back.
    return left > HELD_MS ? 0 : left;
  }
}

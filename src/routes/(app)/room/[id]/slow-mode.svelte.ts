// How long slow mode still makes one wait before one may write. Invariant: it counts only while one waits.

import type { RoomModel } from '#lib/model/room-model.ts';

const TICK_MS = 500;

/** Made while a component is set up, and ends with it. */
export class SlowMode {
  readonly #until: () => number | null;
  #now = $state(Date.now());

  constructor(room: () => RoomModel) {
    this.#until = () => room().about.writesAgainAt;
    $effect(() => {
      const until = this.#until();
      this.#now = Date.now();
      if (until === null || until <= this.#now) return;
      const timer = setInterval(() => {
        this.#now = Date.now();
        if (this.#now >= until) clearInterval(timer);
      }, TICK_MS);
      return () => clearInterval(timer);
    });
  }

  get waitMs(): number {
    const until = this.#until();
    return until === null ? 0 : Math.max(0, until - this.#now);
  }
}

// How long a room waits before its next commit, so that many writers share one and nobody waits long. Waits at least for
// what the sockets have at hand.

import type { Timers } from '../timers.ts';

/** With so many readers and more, one commit in 10 ms; with fewer, as much sooner as there are fewer. */
const TICK_MAX_MS = 10;
const TICK_MAX_AT_READERS = 200;

export class CommitPace {
  readonly #timers: Timers;
  #lastAt = -Infinity;
  #end: () => void = () => undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** @param hurries what is to be committed has waited already */
  async wait(channels: number, hurries: boolean): Promise<void> {
    const readers = Math.min(channels, TICK_MAX_AT_READERS);
    const everyMs = Math.floor((TICK_MAX_MS * readers) / TICK_MAX_AT_READERS);
    // A clock that is set back must not make the room wait for it to come round again.
    const sinceMs = Math.max(0, this.#timers.nowMs() - this.#lastAt);
    const waitMs = hurries ? 0 : everyMs - sinceMs;
    await new Promise<void>((resolve) => {
      const cancel = this.#timers.after(Math.max(0, waitMs), resolve);
      this.#end = () => {
        cancel();
        resolve();
      };
    });
    this.#lastAt = this.#timers.nowMs();
  }

  /** Whoever waits waits no longer. */
  end(): void {
    this.#end();
  }
}

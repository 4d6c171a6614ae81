// Time that tests turn by hand. What is due at once runs in the next turn of the event loop, as the process's own does.

import type { Timers } from '../timers.ts';

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

export class HandTimers implements Timers {
  #nowMs: number;
  readonly #waiting = new Set<Waiting>();

  /** @param nowMs epoch ms */
  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const waiting = { atMs: this.#nowMs + ms, run };
    this.#waiting.add(waiting);
    if (ms <= 0) {
      setImmediate(() => {
        if (this.#waiting.delete(waiting)) run();
      });
    }
    return () => void this.#waiting.delete(waiting);
  }

  /** Runs what falls due on the way, in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#waiting].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#waiting.delete(next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }

  /** Timers that would still run. */
  get pending(): number {
    return this.#waiting.size;
  }
}

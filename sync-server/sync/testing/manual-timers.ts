// A clock that stands still until a test turns it.

import type { Timers } from '../timers.ts';

interface Planned {
  readonly atMs: number;
  readonly run: () => void;
}

export class ManualTimers implements Timers {
  #nowMs: number;
  readonly #planned = new Set<Planned>();

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const planned = { atMs: this.#nowMs + ms, run };
    this.#planned.add(planned);
    return () => this.#planned.delete(planned);
  }

  /** Turns the clock on and runs what is due, in order of time. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#planned].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#planned.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.run();
    }
    this.#nowMs = untilMs;
  }

  /** Timers that would still run. */
  get pending(): number {
    return this.#planned.size;
  }
}

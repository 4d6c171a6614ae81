// Warns before the browser loses what is on this device alone: space that runs short, messages that wait where the browser may
// clear, and that it has cleared already. Invariant: never rejects; a warning that was hidden comes back only with more reason, or another time.

import type { StorageWarning } from '../model/storage-warning.ts';
import { m } from '../words/generated/messages.js';

/** Less than this is gone with a few photos. */
const LOW_BYTES = 64 * 1024 * 1024;
/** Browsers tell of space in steps, and it changes slowly. */
const LOOK_EVERY_MS = 5 * 60_000;
/** So long a message may wait before one is told that it stands on the device alone. */
const WAITED_LONG_MS = 24 * 60 * 60_000;

export interface UnsentHere {
  readonly count: number;
  /** When the oldest was written, epoch ms. */
  readonly since: number | null;
}

type Kind = 'none' | 'cleared' | 'low' | 'waiting';
const NOTHING = { kind: 'none', unsent: 0 } as const;

export class StorageWatch implements StorageWarning {
  readonly #storage: StorageManager | null;
  readonly #now: () => number;
  #kind = $state<Kind>('none');
  #unsent = $state(0);
  /** What the person has hidden, with so many messages. */
  #hidden = $state.raw<{ readonly kind: Kind; readonly unsent: number }>(NOTHING);
  #lookedAt = -Infinity;

  constructor(storage: StorageManager | null, now: () => number) {
    this.#storage = storage;
    this.#now = now;
  }

  get words(): string | null {
    const { kind, unsent } = this.#hidden;
    if (this.#kind === kind && this.#unsent <= unsent) return null;
    const n = this.#unsent;
    switch (this.#kind) {
      case 'none':
        return null;
      case 'cleared':
        return m.storage_cleared();
      case 'low':
        return n === 0 ? m.storage_low() : m.storage_low_waiting({ count: n });
      case 'waiting':
        return m.storage_waiting_long({ count: n });
    }
  }

  hide(): void {
    this.#hidden = { kind: this.#kind, unsent: this.#unsent };
    if (this.#kind === 'cleared') this.#kind = 'none';
  }

  /** The session was there, by its cookie, and nothing else. */
  wasCleared(): void {
    this.#kind = 'cleared';
  }

  /** Whoever comes next has had no part in it. */
  end(): void {
    this.#turnTo('none');
    this.#unsent = 0;
    this.#lookedAt = -Infinity;
  }

  /** At every change of what waits: it asks the browser now and then. */
  look(unsent: UnsentHere): void {
    this.#unsent = unsent.count;
    if (this.#kind === 'waiting' && unsent.count === 0) this.#turnTo('none');
    if (!this.#storage || this.#kind === 'cleared' || this.#now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = this.#now();
    void this.#ask(this.#storage, unsent.since);
  }

  #turnTo(kind: Kind): void {
    this.#kind = kind;
    // What was hidden is over: the next time is another one.
    if (kind === 'none') this.#hidden = NOTHING;
  }

  async #ask(storage: StorageManager, since: number | null): Promise<void> {
    try {
      const { usage, quota } = await storage.estimate();
      const isLow = usage !== undefined && quota !== undefined && quota - usage < LOW_BYTES;
      const hasWaited = since !== null && this.#now() - since > WAITED_LONG_MS;
      const mayClear = hasWaited && !(await storage.persisted());
      if (this.#kind !== 'cleared') this.#turnTo(isLow ? 'low' : mayClear && this.#unsent > 0 ? 'waiting' : 'none');
    } catch {
      // Private windows of some browsers tell nothing.
    }
  }
}

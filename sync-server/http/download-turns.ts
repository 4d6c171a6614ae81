// How many files one person is sent at once: what is beyond waits for its turn, so that nobody's tabs and scripts take
// all files and memory that the process may hold. Invariant: whoever had a turn gives it back, and who is gone waits for none.

import type { UserId } from '#protocol/ids.ts';

interface Turns {
  under: number;
  readonly waiting: Set<() => void>;
}

export interface DownloadLimits {
  /** Of one person: their devices and windows together. */
  readonly atOnce: number;
  readonly waiting: number;
}

/** A browser asks for six at once of one server over HTTP/1. */
export const DOWNLOAD_LIMITS: DownloadLimits = { atOnce: 32, waiting: 256 };

export class DownloadTurns {
  readonly #limits: DownloadLimits;
  readonly #turns = new Map<UserId, Turns>();

  constructor(limits: DownloadLimits) {
    this.#limits = limits;
  }

  /** Gives the turn back, which may be done twice; null: too many wait already. @param gone aborts when nobody waits any more */
  async take(user: UserId, gone: AbortSignal): Promise<(() => void) | null> {
    const turns = this.#turns.get(user) ?? { under: 0, waiting: new Set<() => void>() };
    this.#turns.set(user, turns);
    if (turns.under >= this.#limits.atOnce) {
      if (turns.waiting.size >= this.#limits.waiting) return null;
      const isNext = await new Promise<boolean>((resolve) => {
        const next = (): void => resolve(true);
        turns.waiting.add(next);
        gone.addEventListener('abort', () => {
          if (turns.waiting.delete(next)) resolve(false);
        });
      });
      if (!isNext) return () => undefined;
    } else turns.under += 1;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#giveBack(user, turns);
    };
  }

  #giveBack(user: UserId, turns: Turns): void {
    // The turn goes to the next one as it is.
    for (const next of turns.waiting) {
      turns.waiting.delete(next);
      next();
      return;
    }
    turns.under -= 1;
    if (turns.under === 0) this.#turns.delete(user);
  }
}

// One tab at a time: Web Locks, and where they are missing (plain http) a lease in the person's database.
// Invariant of the lease: it ends LEASE_MS after its holder was last alive, so a crashed tab blocks nobody for long.

import type { Environment } from '../environment.ts';
import type { UserDb } from '../storage/user-db.ts';

const LEASE_MS = 6_000;
const RENEW_EVERY_MS = 2_000;

interface Lease {
  readonly holder: string;
  /** Epoch ms. */
  readonly until: number;
}

export class TabLocks {
  readonly #environment: Pick<Environment, 'locks' | 'now'>;
  readonly #db: UserDb;
  readonly #tab: string;

  constructor(environment: Pick<Environment, 'locks' | 'now'>, db: UserDb, tab: string) {
    this.#environment = environment;
    this.#db = db;
    this.#tab = tab;
  }

  /**
   * Runs once no other tab is within the lock of this name. Does nothing when the signal aborts first.
   * @param task keeps the lock until it settles
   */
  async hold(name: string, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
    if (signal.aborted) return;
    const full = `${this.#db.name}:${name}`;
    const { locks } = this.#environment;
    if (!locks) return this.#lease(full, signal, task);
    try {
      await locks.request(full, { signal }, task);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #lease(name: string, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
    const key = `lease:${name}`;
    // Two holds within one tab wait for each other too.
    const holder = `${this.#tab}:${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    const renew = async (): Promise<boolean> => {
      try {
        const now = this.#environment.now();
        const lease = await this.#db.swapMeta<Lease>(key, (before) =>
          before && before.holder !== holder && before.until > now ? before : { holder, until: now + LEASE_MS }
        );
        return lease?.holder === holder;
      } catch {
        // Without a database tabs cannot meet at all; each works for itself, which the server tells apart by id.
        return true;
      }
    };
    while (!(await renew())) {
      if (!(await pause(RENEW_EVERY_MS / 2, signal))) return;
    }
    const timer = setInterval(() => void renew(), RENEW_EVERY_MS);
    try {
      // Given up while it was being taken: let go of at once, or the next tab would wait it out.
      if (!signal.aborted) await task();
    } finally {
      clearInterval(timer);
      await this.#db
        .swapMeta<Lease>(key, (before) => (before?.holder === holder ? { holder, until: 0 } : before))
        .catch(() => undefined);
    }
  }
}

/** @returns false when aborted */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    }, ms);
    const stop = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

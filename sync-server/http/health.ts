// Whether storage works: not only that no write has failed, but that one just went through. A disk that fills up
// under a quiet server shows here first.

import { StoreError } from '../store/key-value.ts';
import type { Store } from '../store/store.ts';

const PROBE_KEY = 'health/probe';
/** Anybody may ask, so a written probe holds for a while. */
const PROBE_HOLDS_MS = 10_000;

export interface HealthDeps {
  readonly store: Store;
  /** Whether the rooms are. */
  readonly rooms: { healthy(): boolean };
  /** Epoch ms. */
  readonly now: () => number;
}

export class Health {
  readonly #deps: HealthDeps;
  #probedAt = -Infinity;
  #probing: Promise<boolean> | null = null;

  constructor(deps: HealthDeps) {
    this.#deps = deps;
  }

  async check(): Promise<boolean> {
    const { store, rooms, now } = this.#deps;
    if (!store.healthy() || !rooms.healthy()) return false;
    if (now() - this.#probedAt < PROBE_HOLDS_MS) return true;
    this.#probing ??= this.#probe().finally(() => (this.#probing = null));
    return this.#probing;
  }

  async #probe(): Promise<boolean> {
    const { store, now } = this.#deps;
    const value = new TextEncoder().encode(String(now()));
    try {
      await store.kv.batch([{ type: 'put', key: PROBE_KEY, value }], { sync: true });
      this.#probedAt = now();
      return true;
    } catch (error) {
      if (error instanceof StoreError) return false;
      throw error;
    }
  }
}

// What the worker has kept of a share. Invariant: never rejects; what cannot be read is not there.

import { dropShared, readShared } from '../storage/shared-cache.ts';
import type { Shared as SharedThings, SharedModel } from './shared-model.ts';

export class Shared implements SharedModel {
  readonly #caches: CacheStorage | null;
  readonly #now: () => number;
  readonly #me: () => string | null;

  /** @param me who is signed in: what came for somebody else is not theirs */
  constructor(caches: CacheStorage | null, now: () => number, me: () => string | null) {
    this.#caches = caches;
    this.#now = now;
    this.#me = me;
  }

  async read(): Promise<SharedThings | null> {
    return (this.#caches && (await readShared(this.#caches, this.#now(), this.#me()).catch(() => null))) ?? null;
  }

  async drop(at: number | null): Promise<void> {
    if (this.#caches) await dropShared(this.#caches, at).catch(() => undefined);
  }
}

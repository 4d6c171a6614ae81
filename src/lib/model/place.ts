// Where the person was last on this device, for an app that the system has ended meanwhile. Kept in the person's own database,
// so that it goes with all that is theirs. Invariant: never rejects; nothing depends on it.

import type { UserDb } from '../storage/user-db.ts';

export interface Place {
  readonly path: string;
  /** Epoch ms. */
  readonly at: number;
}

export interface PlaceModel {
  note(path: string): void;
  last(): Promise<Place | null>;
}

const KEY = 'place';

export class LastPlace implements PlaceModel {
  readonly #db: () => Pick<UserDb, 'meta' | 'putMeta'> | null;
  readonly #now: () => number;
  #noted: Promise<unknown> = Promise.resolve();

  constructor(db: () => Pick<UserDb, 'meta' | 'putMeta'> | null, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  note(path: string): void {
    const place: Place = { path, at: this.#now() };
    this.#noted = Promise.resolve(this.#db()?.putMeta(KEY, place)).catch(() => undefined);
  }

  async last(): Promise<Place | null> {
    await this.#noted;
    try {
      return (await this.#db()?.meta<Place>(KEY)) ?? null;
    } catch {
      return null;
    }
  }
}

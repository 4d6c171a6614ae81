// One LevelDB iterator: a snapshot that is held until it ends. Closing the database ends it under a reader, who
// then gets StoreError 'closed'; LevelDB allows no end while a step is under way, so the end waits for it.

import type { LevelDownIterator } from 'leveldown';
import { StoreError } from './key-value.ts';
import { levelError } from './level-error.ts';

export class LevelCursor {
  readonly #iterator: LevelDownIterator;
  readonly #done = Promise.withResolvers<void>();
  #step: Promise<unknown> = Promise.resolve();
  #ending = false;

  constructor(iterator: LevelDownIterator) {
    this.#iterator = iterator;
  }

  /** Resolves when the snapshot is released. */
  get ended(): Promise<void> {
    return this.#done.promise;
  }

  /** The next entry, or null at the end. One call at a time. */
  async next(): Promise<readonly [key: string, sealed: Buffer] | null> {
    if (this.#ending) throw new StoreError('closed', 'the store was closed during a read');
    const step = new Promise<readonly [string, Buffer] | null>((resolve, reject) => {
      this.#iterator.next((error, key, value) => {
        if (error) reject(levelError(error));
        else resolve(key === undefined ? null : [key as string, value as Buffer]);
      });
    });
    this.#step = step.catch(() => undefined);
    return step;
  }

  async end(): Promise<void> {
    if (!this.#ending) {
      this.#ending = true;
      await this.#step;
      this.#iterator.end(() => this.#done.resolve());
    }
    await this.ended;
  }
}

// What does not get onto this device's disk, put into words. Invariant: it is told as long as any database has trouble,
// and its end once the last has none.

import { fullWords, type MeasureRoom } from '../storage/full-words.ts';
import { storageWords, type StorageFailure, type Stored } from '../storage/storage-failure.ts';
import { m } from '../words/generated/messages.js';

export class StorageTroubles {
  readonly #tell: (words: string | null) => void;
  readonly #measureRoom: MeasureRoom;
  readonly #failures = new Map<string, StorageFailure>();
  #ownTooLarge = false;

  /** @param tell words for the person; null: all is well again */
  constructor(tell: (words: string | null) => void, measureRoom: MeasureRoom) {
    this.#tell = tell;
    this.#measureRoom = measureRoom;
  }

  /** @param source the database that was written to */
  stored(source: string, outcome: Stored): void {
    const before = this.#failures.size;
    if (outcome.ok) this.#failures.delete(source);
    else this.#failures.set(source, outcome.failure);
    if (this.#failures.size === before && outcome.ok) return;
    this.#say();
  }

  /** The person's own document has grown beyond what is synced. */
  ownTooLarge(tooLarge: boolean): void {
    this.#ownTooLarge = tooLarge;
    this.#say();
  }

  #say(): void {
    const [failure] = this.#failures.values();
    const words = failure === undefined ? null : storageWords(failure);
    this.#tell(words ?? (this.#ownTooLarge ? m.storage_own_full() : null));
    if (failure === 'quota') void this.#sayHowFull();
  }

  /** Once the browser has told, unless it is over by then. */
  async #sayHowFull(): Promise<void> {
    const room = await this.#measureRoom();
    const [failure] = this.#failures.values();
    if (failure === 'quota') this.#tell(fullWords(room));
  }
}

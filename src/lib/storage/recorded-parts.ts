// What was recorded so far for a composer, piece by piece as it comes, in the database of files: a tab that ends before it
// is a file leaves it here. Invariant: pieces are in order, and all are of one recording.

import type { BlobSchema } from './blob-rows.ts';
import type { Connection } from './connection.ts';
import type { Stored } from './storage-failure.ts';

export interface RecordedPart {
  /** The composer, as of drafts. */
  readonly of: string;
  readonly recording: string;
  /** From 0. */
  readonly part: number;
  /** The tab that records. */
  readonly tab: string;
  readonly bytes: Blob;
  /** ms of sound up to its end. */
  readonly duration: number;
  /** How loud it was since the part before, 0 to 1. */
  readonly levels: readonly number[];
}

const rangeOf = (...key: readonly string[]): IDBKeyRange => IDBKeyRange.bound([...key], [...key, []]);

export class RecordedParts {
  readonly #connection: Connection<BlobSchema>;

  constructor(connection: Connection<BlobSchema>) {
    this.#connection = connection;
  }

  put(part: RecordedPart): Promise<Stored> {
    return this.#connection.write(['recordings'], 'relaxed', (tx) => tx.objectStore('recordings').put(part));
  }

  of(composer: string): Promise<RecordedPart[]> {
    return this.#connection.use((db) => db.getAll('recordings', rangeOf(composer)));
  }

  all(): Promise<RecordedPart[]> {
    return this.#connection.use((db) => db.getAll('recordings'));
  }

  drop(composer: string, recording: string): Promise<Stored> {
    const range = rangeOf(composer, recording);
    return this.#connection.write(['recordings'], 'relaxed', (tx) => tx.objectStore('recordings').delete(range));
  }
}

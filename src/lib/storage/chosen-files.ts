// Files as they were chosen for a composer, in the database of files until what is made of them stands there: a tab that
// ends before leaves them here. Invariant: a row has its bytes, and goes in the transaction that brings what was made of it.

import type { BlobSchema, BlobStore, BlobWrite } from './blob-rows.ts';
import type { Connection } from './connection.ts';
import type { Stored } from './storage-failure.ts';

export interface ChosenFile {
  /** The composer, as of drafts. */
  readonly of: string;
  /** Sorts as they were chosen. */
  readonly id: string;
  readonly name: string;
  /** The tab that makes it ready. */
  readonly tab: string;
  /** How many tabs have ended over it. */
  readonly ended: number;
}

/** Which row a file in the composer comes from, and who made it. */
export type ChosenBy = Pick<ChosenFile, 'id' | 'tab'>;

const STORES: BlobStore[] = ['chosen', 'bytes'];
/** No hash looks like this. */
const bytesKey = (id: string): string => `chosen ${id}`;

export class ChosenFiles {
  readonly #connection: Connection<BlobSchema>;

  constructor(connection: Connection<BlobSchema>) {
    this.#connection = connection;
  }

  put(row: ChosenFile, bytes: Blob): Promise<Stored> {
    return this.#write(async (tx) => {
      await tx.objectStore('chosen').put(row);
      await tx.objectStore('bytes').put(bytes, bytesKey(row.id));
    });
  }

  /** Of one composer, in the order in which they were chosen. */
  of(composer: string): Promise<ChosenFile[]> {
    return this.#connection.use((db) => db.getAll('chosen', IDBKeyRange.bound([composer], [composer, []])));
  }

  all(): Promise<ChosenFile[]> {
    return this.#connection.use((db) => db.getAll('chosen'));
  }

  async bytes(id: string): Promise<Blob | null> {
    return (await this.#connection.use((db) => db.get('bytes', bytesKey(id)))) ?? null;
  }

  /**
   * This tab makes it ready from now on.
   * @param wasUnderWay the tab before ended over it, and not while it waited for its turn
   * @returns null: another one was faster, or has done it
   */
  async claim(row: ChosenFile, tab: string, wasUnderWay: boolean): Promise<ChosenFile | null> {
    let claimed: ChosenFile | null = null;
    const stored = await this.#write(async (tx) => {
      const now = await tx.objectStore('chosen').get([row.of, row.id]);
      if (now?.tab !== row.tab) return;
      claimed = { ...now, tab, ended: now.ended + (wasUnderWay ? 1 : 0) };
      await tx.objectStore('chosen').put(claimed);
    });
    return stored.ok ? claimed : null;
  }

  /** It was taken or refused by who made it ready. */
  drop(of: string, by: ChosenBy): Promise<Stored> {
    return this.#write((tx) => takeChosen(tx, of, by));
  }

  #write(run: (tx: BlobWrite) => Promise<unknown>): Promise<Stored> {
    return this.#connection.write(STORES, 'relaxed', run);
  }
}

/** @returns false where another tab makes it ready by now, or has */
export async function takeChosen(tx: BlobWrite, of: string, { id, tab }: ChosenBy): Promise<boolean> {
  const row = await tx.objectStore('chosen').get([of, id]);
  if (row?.tab !== tab) return false;
  await tx.objectStore('chosen').delete([of, id]);
  await tx.objectStore('bytes').delete(bytesKey(id));
  return true;
}

// The connection to one database of IndexedDB: whoever deletes or upgrades the database in another tab gets it, and the
// next question opens it again. Invariant: once closed it stays closed.

import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import { openDatabase } from './page-cache.ts';
import { STORED, storageFailure, type Stored } from './storage-failure.ts';

export class Connection<Schema extends DBSchema> {
  readonly #open: () => Promise<IDBPDatabase<Schema>>;
  #db: IDBPDatabase<Schema> | null = null;
  #opening: Promise<IDBPDatabase<Schema>> | null = null;
  #closed = false;

  /** @param upgrade makes the stores that are missing; `from` is 0 for a new database */
  constructor(name: string, version: number, upgrade: (db: IDBPDatabase<Schema>, from: number) => void) {
    this.#open = () =>
      openDatabase<Schema>(name, version, {
        upgrade,
        // Another tab deletes or upgrades it.
        blocking: () => this.#letGo(),
        terminated: () => this.#letGo()
      });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs this, once more where the connection was closed under it. */
  async use<Value>(run: (db: IDBPDatabase<Schema>) => Promise<Value>): Promise<Value> {
    const db = await this.#opened();
    try {
      return await run(db);
    } catch (error) {
      if (this.#closed || (error as { name?: unknown }).name !== 'InvalidStateError') throw error;
      this.#letGo();
      return run(await this.#opened());
    }
  }

  /**
   * One transaction over these stores; good once it is complete.
   * @param durability strict: it waits for the disk itself
   */
  async write<Name extends StoreNames<Schema>>(
    stores: Name[],
    durability: 'strict' | 'relaxed',
    run: (tx: IDBPTransaction<Schema, Name[], 'readwrite'>) => Promise<unknown>
  ): Promise<Stored> {
    try {
      return await this.use(async (db) => {
        const tx = db.transaction(stores, 'readwrite', { durability });
        // Whatever fails says why (quota) on the transaction; requests only say that it was aborted.
        const done = tx.done.catch((error: unknown) => {
          throw tx.error ?? error;
        });
        const outcome = await Promise.allSettled([run(tx), done]);
        const failed = outcome.toReversed().find((one) => one.status === 'rejected');
        if (failed) throw failed.reason;
        return STORED;
      });
    } catch (error) {
      return { ok: false, failure: storageFailure(error) };
    }
  }

  close(): void {
    this.#closed = true;
    this.#letGo();
  }

  async #opened(): Promise<IDBPDatabase<Schema>> {
    if (this.#closed) throw new DOMException('closed', 'InvalidStateError');
    if (this.#db) return this.#db;
    this.#opening ??= this.#open().then(
      (db) => {
        this.#opening = null;
        if (this.#closed) db.close();
        this.#db = db;
        return db;
      },
      (error: unknown) => {
        this.#opening = null;
        throw error;
      }
    );
    return this.#opening;
  }

  #letGo(): void {
    this.#db?.close();
    this.#db = null;
  }
}

// A page's document on this device's disk, in the layout of y-indexeddb 9, so that either reads what the other wrote.
// As released, that package ignores aborted transactions, never settles a failed open and throws on a closed
// connection (DESIGN §8). Here: a write counts when its transaction is complete, a lost one is made good by storing
// the whole state, and nothing throws on an edit.
// Invariant: after a rebuild (epoch) no tab writes what it still holds of the copy that was dropped.

import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { PREFERRED_TRIM_SIZE } from 'y-indexeddb';
import * as Y from 'yjs';
import { openDatabase } from './page-cache.ts';
import { STORED, storageFailure, type Stored } from './storage-failure.ts';

interface Schema extends DBSchema {
  updates: { key: number; value: Uint8Array };
  custom: { key: string; value: unknown };
}

type PageTransaction<Mode extends 'readonly' | 'readwrite'> = IDBPTransaction<Schema, ('updates' | 'custom')[], Mode>;
const STORES: ('updates' | 'custom')[] = ['updates', 'custom'];

const EPOCH = 'epoch';
/** How long to wait after a failed write before the whole state is tried again without a new edit. */
const REPAIR_AFTER_MS = 10_000;

export interface PersistenceEvents {
  /** The outcome of each write. */
  stored(outcome: Stored): void;
  /** Another tab has rebuilt this page: this document must be dropped. */
  superseded(): void;
}

export type Loaded =
  /** `stranded`: some of what was stored cannot be integrated, as a write before it was lost. */
  { readonly ok: true; readonly stranded: boolean; readonly empty: boolean } | Extract<Stored, { ok: false }>;

export class PagePersistence {
  readonly name: string;
  readonly doc: Y.Doc;
  readonly #events: PersistenceEvents;
  #db: IDBPDatabase<Schema> | null = null;
  #epoch = 0;
  #queue: Uint8Array[] = [];
  #records = 0;
  #storeWhole = false;
  /** The next write drops what is stored, whoever wrote it. */
  #replacing = false;
  #flushing: Promise<void> | null = null;
  #loaded = false;
  #ended = false;
  /** Nothing is opened any more: what was wiped would be there again. */
  #shut = false;
  #repairTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #onUpdate = (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
    if (origin === this || this.#ended) return;
    // Erased content lives on in the records before: only a new whole state gets rid of it.
    if (transaction.deleteSet.clients.size > 0) this.#storeWhole = true;
    this.#queue.push(update);
    void this.#flush();
  };

  /** @param name of the database */
  constructor(name: string, doc: Y.Doc, events: PersistenceEvents) {
    this.name = name;
    this.doc = doc;
    this.#events = events;
    doc.on('update', this.#onUpdate);
  }

  /** Reads the stored copy into the document. What was edited meanwhile is written after. */
  async load(): Promise<Loaded> {
    try {
      const updates = await this.#transact('readonly', async (tx) => {
        this.#epoch = ((await tx.objectStore('custom').get(EPOCH)) as number | undefined) ?? 0;
        return tx.objectStore('updates').getAll();
      });
      this.#records = updates.length;
      if (updates.length > 0 && !this.#ended) {
        this.doc.transact(() => {
          for (const update of updates) Y.applyUpdate(this.doc, update, this);
        }, this);
      }
      this.#loaded = true;
      if (this.#queue.length > 0) void this.#flush();
      return { ok: true, stranded: updates.length > 0 && isStranded(this.doc), empty: updates.length === 0 };
    } catch (error) {
      // What comes from the network is still written: the page may be there after the next start.
      this.#loaded = true;
      this.#storeWhole = true;
      return { ok: false, failure: storageFailure(error) };
    }
  }

  /** Resolves once everything known now is on disk, or has failed. @returns whether it is on disk */
  async settled(): Promise<boolean> {
    while (this.#flushing) await this.#flushing;
    return !this.#storeWhole;
  }

  /**
   * Hands the stored copy over to a document that was fetched anew. This persistence is over; other tabs learn of it
   * at their next write. What was stored is replaced in the same transaction, so no crash leaves nothing.
   */
  async replaceWith(doc: Y.Doc, events: PersistenceEvents): Promise<PagePersistence> {
    this.#end();
    const next = new PagePersistence(this.name, doc, events);
    await this.settled();
    this.#shutDown();
    next.#replacing = true;
    next.#storeWhole = true;
    next.#loaded = true;
    await next.#flush();
    return next;
  }

  /** Whether another tab has rebuilt the page since this one loaded it. */
  async isSuperseded(): Promise<boolean> {
    try {
      const epoch = await this.#transact('readonly', (tx) => tx.objectStore('custom').get(EPOCH));
      return ((epoch as number | undefined) ?? 0) !== this.#epoch;
    } catch {
      return false;
    }
  }

  /** Drops the stored copy for all tabs. This persistence is over; the document is not touched. */
  async discard(): Promise<Stored> {
    this.#end();
    await this.settled();
    try {
      await this.#transact('readwrite', async (tx) => {
        const epoch = ((await tx.objectStore('custom').get(EPOCH)) as number | undefined) ?? 0;
        await tx.objectStore('updates').clear();
        await tx.objectStore('custom').put(epoch + 1, EPOCH);
      });
      return STORED;
    } catch (error) {
      return { ok: false, failure: storageFailure(error) };
    } finally {
      this.#shutDown();
    }
  }

  /** Writes what is left, then closes. */
  async close(): Promise<void> {
    this.#end();
    await this.settled();
    this.#shutDown();
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#repairTimer);
    this.doc.off('update', this.#onUpdate);
  }

  #flush(): Promise<void> {
    if (!this.#loaded) return Promise.resolve();
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = null;
      // An edit may have come between the last look at the queue and here.
      if (this.#queue.length > 0 && !this.#ended) void this.#flush();
    });
    return this.#flushing;
  }

  async #drain(): Promise<void> {
    // Edits of the same tick go together.
    await Promise.resolve();
    while (this.#queue.length > 0 || this.#storeWhole) {
      const batch = this.#queue;
      this.#queue = [];
      const outcome = await this.#writeBatch(batch);
      if (outcome === 'superseded') {
        this.#end();
        this.#events.superseded();
        return;
      }
      this.#events.stored(outcome);
      if (!outcome.ok) {
        // Updates after a lost one would be stranded behind the gap: from now on only the whole state will do.
        this.#storeWhole = true;
        if (!this.#ended) this.#repairLater();
        return;
      }
    }
  }

  #repairLater(): void {
    clearTimeout(this.#repairTimer);
    this.#repairTimer = setTimeout(() => void this.#flush(), REPAIR_AFTER_MS);
  }

  async #writeBatch(batch: readonly Uint8Array[]): Promise<Stored | 'superseded'> {
    const whole = this.#storeWhole || this.#records + 1 >= PREFERRED_TRIM_SIZE;
    // What is erased while this is written asks for the whole state anew.
    this.#storeWhole = false;
    // mergeUpdates is superlinear in the number of updates: it is for the few edits of a tick.
    const records = batch.length > 1 && batch.length <= 64 ? [Y.mergeUpdates([...batch])] : batch;
    let replacedEpoch: number | null = null;
    try {
      const superseded = await this.#transact('readwrite', async (tx) => {
        const epoch = ((await tx.objectStore('custom').get(EPOCH)) as number | undefined) ?? 0;
        const updates = tx.objectStore('updates');
        if (this.#replacing) {
          await updates.clear();
          await updates.add(Y.encodeStateAsUpdate(this.doc));
          await tx.objectStore('custom').put(epoch + 1, EPOCH);
          replacedEpoch = epoch + 1;
          return false;
        }
        if (epoch !== this.#epoch) return true;
        if (whole) {
          // Another tab's records may hold what this document has yet to hear of.
          const others = await updates.getAll();
          await updates.clear();
          await updates.add(wholeState(this.doc, others));
        } else await Promise.all(records.map((record) => updates.add(record)));
        return false;
      });
      if (superseded) return 'superseded';
      if (replacedEpoch !== null) {
        this.#epoch = replacedEpoch;
        this.#replacing = false;
      }
      this.#records = whole ? 1 : this.#records + records.length;
      return STORED;
    } catch (error) {
      return { ok: false, failure: storageFailure(error) };
    }
  }

  /** One transaction over both stores, on a connection that is opened again when it was closed under us. */
  async #transact<Mode extends 'readonly' | 'readwrite', Value>(
    mode: Mode,
    run: (tx: PageTransaction<Mode>) => Promise<Value>
  ): Promise<Value> {
    let tx: PageTransaction<Mode>;
    try {
      tx = (await this.#open()).transaction(STORES, mode);
    } catch (error) {
      if ((error as { name?: unknown }).name !== 'InvalidStateError') throw error;
      this.#letGo();
      tx = (await this.#open()).transaction(STORES, mode);
    }
    const done = tx.done.then(
      () => null,
      (error: unknown) => ({ error: tx.error ?? error })
    );
    try {
      const value = await run(tx);
      const failed = await done;
      if (failed) throw failed.error;
      return value;
    } catch (error) {
      try {
        tx.abort();
      } catch {
        // It has ended already.
      }
      // An abort names its reason (quota) on the transaction; single requests only say AbortError.
      const failed = await done;
      throw failed?.error ?? error;
    }
  }

  async #open(): Promise<IDBPDatabase<Schema>> {
    if (this.#shut) throw closed();
    if (this.#db) return this.#db;
    const db = await openDatabase<Schema>(this.name, 1, {
      upgrade(upgrading) {
        upgrading.createObjectStore('updates', { autoIncrement: true });
        upgrading.createObjectStore('custom');
      },
      blocking: () => this.#letGo(),
      terminated: () => this.#letGo()
    });
    // It may have been closed while the database opened.
    if (this.#shut) {
      db.close();
      throw closed();
    }
    this.#db = db;
    return db;
  }

  #shutDown(): void {
    this.#shut = true;
    this.#letGo();
  }

  #letGo(): void {
    this.#db?.close();
    this.#db = null;
  }
}

const closed = (): DOMException => new DOMException('this copy is closed', 'AbortError');

/** The document's state and what else is stored, as one record without erased content. */
function wholeState(doc: Y.Doc, others: readonly Uint8Array[]): Uint8Array {
  const state = Y.encodeStateAsUpdate(doc);
  if (others.length === 0) return state;
  // Through a document: mergeUpdates would keep the bytes of deleted content.
  const merged = new Y.Doc();
  merged.transact(() => {
    for (const update of [state, ...others]) Y.applyUpdate(merged, update);
  });
  const whole = Y.encodeStateAsUpdate(merged);
  merged.destroy();
  return whole;
}

/** Whether the document holds structs that wait for some that never came. */
function isStranded(doc: Y.Doc): boolean {
  const integrated = Y.decodeStateVector(Y.encodeStateVector(doc));
  return Y.decodeUpdate(Y.encodeStateAsUpdate(doc)).structs.some(
    ({ id, length }) => id.clock + length > (integrated.get(id.client) ?? 0)
  );
}

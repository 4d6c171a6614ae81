// KeyValue over one LevelDB folder. Writes go one after the other, and after a failed one this object takes no more:
// LevelDB goes on acknowledging batches behind a torn log record, and drops them all when it is opened again.

import leveldown from 'leveldown';
import type { LevelDown } from 'leveldown';
import { checkKey } from './key-order.ts';
import { sealValue, unsealValue } from './checked-value.ts';
import { StoreError } from './key-value.ts';
import type { KeyValue, Operation, RangeOptions } from './key-value.ts';
import { LevelCursor } from './level-cursor.ts';
import { levelError } from './level-error.ts';
import { newestTable, tablesBetween } from './level-tables.ts';

export interface LevelOptions {
  /** False only in tests that show what is lost then: nothing waits for the disk. */
  readonly sync?: boolean;
}

/** Twice LevelDB's own: half as many table files while a large history is imported, and still a short recovery. */
const WRITE_BUFFER_BYTES = 8 * 1024 * 1024;

/** Above all keys: bytes that no string encodes to. */
const NO_KEY = Buffer.from([0xff]);

/** One is enough, unless LevelDB moves tables about on its own account at that very time. */
const ROUNDS_OF_COMPACTION = 10;

/** What LevelDB is handed. */
type RawOperation =
  | { readonly type: 'put'; readonly key: string | Buffer; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: string | Buffer };

export class LevelKeyValue implements KeyValue {
  readonly #db: LevelDown;
  readonly #sync: boolean;
  readonly #cursors = new Set<LevelCursor>();
  /** Of loops and of single reads, each until it is released. */
  readonly #snapshots = new Set<Promise<unknown>>();
  #lastWrite: Promise<unknown> = Promise.resolve();
  #failedWrite: StoreError | null = null;
  #closing: Promise<void> | null = null;

  private constructor(db: LevelDown, sync: boolean) {
    this.#db = db;
    this.#sync = sync;
  }

  /** Makes the folder when it is missing. Rejects with StoreError 'locked' while another process has it open. */
  static async open(folder: string, options: LevelOptions = {}): Promise<LevelKeyValue> {
    const db = leveldown(folder);
    // Snappy, LevelDB's default, stays on: it works on table files alone, off the path of a write, and the text and
    // JSON in our values shrink to about half.
    await settled<void>((done) =>
      db.open({ createIfMissing: true, compression: true, writeBufferSize: WRITE_BUFFER_BYTES }, done)
    );
    return new LevelKeyValue(db, options.sync ?? true);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.getMany([key]))[0];
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    keys.forEach(checkKey);
    this.#checkOpen();
    const reading = settled<(Buffer | undefined)[]>((done) =>
      this.#db.getMany([...keys], (error, values) => done(error, values as (Buffer | undefined)[]))
    );
    const sealed = await this.#holding(reading);
    return sealed.map((bytes, i) => (bytes === undefined ? undefined : unsealValue(keys[i]!, bytes)));
  }

  async *range(options: RangeOptions): AsyncGenerator<readonly [string, Uint8Array]> {
    const { gt, gte, lt, lte } = options;
    for (const bound of [gt, gte, lt, lte]) if (bound !== undefined) checkKey(bound);
    this.#checkOpen();
    if (options.limit !== undefined && options.limit <= 0) return;
    const cursor = new LevelCursor(this.#db.iterator({ ...options, keyAsBuffer: false }));
    this.#cursors.add(cursor);
    void this.#holding(cursor.ended);
    try {
      for (let entry = await cursor.next(); entry !== null; entry = await cursor.next()) {
        yield [entry[0], unsealValue(entry[0], entry[1])];
      }
    } finally {
      await cursor.end();
      this.#cursors.delete(cursor);
    }
  }

  async batch(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void> {
    this.#checkOpen();
    const raw = operations.map(({ key, ...operation }): RawOperation => {
      checkKey(key);
      return operation.type === 'put'
        ? { type: 'put', key, value: sealValue(key, operation.value) }
        : { type: 'del', key };
    });
    await this.#write(raw, options.sync);
  }

  /**
   * LevelDB's own compaction never rewrites the deepest tables that it finds, yet one written straight from memory may
   * lie there with a value and its deletion side by side. So the first key of each table is written anew: that lies
   * above its table, and is kept on the way down until the two meet and are merged.
   */
  async compactRange(from: string, to: string): Promise<void> {
    checkKey(from);
    checkKey(to);
    const [start, end] = [Buffer.from(from), Buffer.from(to)];
    // A snapshot keeps alive what was deleted after it was taken; younger ones do not matter.
    await Promise.all(this.#snapshots);
    await this.#flush();
    const newest = newestTable(this.#db);
    for (let round = 1; ; round++) {
      const before = tablesBetween(this.#db, start, end).filter(({ number }) => number <= newest);
      if (before.length === 0) break;
      if (round > ROUNDS_OF_COMPACTION) throw new StoreError('io', `LevelDB has not rewritten what lies from ${from}`);
      await this.#writeAnew(before.map(({ first }) => first));
      const bounds = [start, end, ...before.map(({ first }) => first)].sort((a, b) => Buffer.compare(a, b));
      await this.#compact(bounds[0]!, bounds.at(-1)!);
    }
    // A snapshot taken meanwhile keeps the old files; they go with the next change of the tables.
    await Promise.all(this.#snapshots);
    await this.#flush();
    // Compaction itself reports nothing; a write after it fails with what it ran into.
    await this.#write([{ type: 'del', key: NO_KEY }], true);
  }

  async approximateBytes(from: string, to: string): Promise<number> {
    checkKey(from);
    checkKey(to);
    this.#checkOpen();
    return settled<number>((done) => this.#db.approximateSize(from, to, done));
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    await this.#lastWrite;
    await Promise.all([...this.#cursors].map((cursor) => cursor.end()));
    await settled<void>((done) => this.#db.close(done));
  }

  async #compact(from: Buffer, to: Buffer): Promise<void> {
    this.#checkOpen();
    await settled<void>((done) => this.#db.compactRange(from, to, done));
  }

  async #holding<T>(snapshot: Promise<T>): Promise<T> {
    const released = snapshot.catch(() => undefined);
    this.#snapshots.add(released);
    try {
      return await snapshot;
    } finally {
      this.#snapshots.delete(released);
    }
  }

  /** What lies in memory goes to a table, and files that nothing refers to are deleted. */
  #flush(): Promise<void> {
    return this.#compact(NO_KEY, NO_KEY);
  }

  /** The same once more for each key: its value, or that it has none. */
  #writeAnew(keys: Buffer[]): Promise<void> {
    return this.#write(async () => {
      const values = await settled<(Buffer | undefined)[]>((done) =>
        this.#db.getMany(keys, (error, found) => done(error, found as (Buffer | undefined)[]))
      );
      return keys.map((key, i) => {
        const value = values[i];
        return value === undefined ? { type: 'del', key } : { type: 'put', key, value };
      });
    }, false);
  }

  /** `operations` is asked for when all writes before are done. */
  #write(operations: RawOperation[] | (() => Promise<RawOperation[]>), sync: boolean): Promise<void> {
    this.#checkOpen();
    const write = this.#lastWrite.then(async () => {
      if (this.#failedWrite !== null) {
        const { code, message } = this.#failedWrite;
        throw new StoreError(code, `no write after a failed one: ${message}`, { cause: this.#failedWrite });
      }
      try {
        const raw = typeof operations === 'function' ? await operations() : operations;
        await settled<void>((done) => this.#db.batch(raw, { sync: sync && this.#sync }, done));
      } catch (error) {
        this.#failedWrite = levelError(error);
        throw this.#failedWrite;
      }
    });
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }

  /** The binding itself crashes on some calls to a closed database. */
  #checkOpen(): void {
    if (this.#closing !== null) throw new StoreError('closed', 'the store is closed');
  }
}

/** A call of the binding as a promise; rejects with StoreError. */
function settled<T>(call: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error) reject(levelError(error));
      else resolve(value as T);
    });
  });
}

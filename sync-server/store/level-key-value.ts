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

export interface LevelOptions {
  /** False only in tests that show what is lost then: nothing waits for the disk. */
  readonly sync?: boolean;
}

/** Twice LevelDB's own: half as many table files while a large history is imported, and still a short recovery. */
const WRITE_BUFFER_BYTES = 8 * 1024 * 1024;

/** What LevelDB is handed: keys of our own marks are bytes that no string encodes to. */
type RawOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: string | Buffer };

export class LevelKeyValue implements KeyValue {
  readonly #db: LevelDown;
  readonly #sync: boolean;
  readonly #cursors = new Set<LevelCursor>();
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
    const sealed = await settled<(Buffer | undefined)[]>((done) =>
      this.#db.getMany([...keys], (error, values) => done(error, values as (Buffer | undefined)[]))
    );
    return sealed.map((bytes, i) => (bytes === undefined ? undefined : unsealValue(keys[i]!, bytes)));
  }

  async *range(options: RangeOptions): AsyncGenerator<readonly [string, Uint8Array]> {
    const { gt, gte, lt, lte } = options;
    for (const bound of [gt, gte, lt, lte]) if (bound !== undefined) checkKey(bound);
    this.#checkOpen();
    if (options.limit !== undefined && options.limit <= 0) return;
    const cursor = new LevelCursor(this.#db.iterator({ ...options, keyAsBuffer: false }));
    this.#cursors.add(cursor);
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
   * LevelDB's own compaction never rewrites the deepest level that it finds, yet a table written straight from memory
   * may lie there with a value and its deletion side by side. So after a first pass, which brings all to tables, two
   * marks around the range are deleted: their table lands above what it spans, and the second pass merges it down.
   */
  async compactRange(from: string, to: string): Promise<void> {
    checkKey(from);
    checkKey(to);
    // A snapshot keeps alive what was deleted after it was taken; younger ones do not matter.
    await Promise.all([...this.#cursors].map((cursor) => cursor.ended));
    await this.#compact(from, to);
    const [below, above] = marksAround(from, to);
    await this.#write(
      [below, above].map((key) => ({ type: 'del', key })),
      false
    );
    await this.#compact(below, above);
    // Compaction itself reports nothing; a write after it fails with what it ran into.
    await this.#write([{ type: 'del', key: below }], true);
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

  async #compact(from: string | Buffer, to: string | Buffer): Promise<void> {
    this.#checkOpen();
    await settled<void>((done) => this.#db.compactRange(from, to, done));
  }

  #write(operations: RawOperation[], sync: boolean): Promise<void> {
    this.#checkOpen();
    const write = this.#lastWrite.then(async () => {
      if (this.#failedWrite !== null) {
        const { code, message } = this.#failedWrite;
        throw new StoreError(code, `no write after a failed one: ${message}`, { cause: this.#failedWrite });
      }
      try {
        await settled<void>((done) => this.#db.batch(operations, { sync: sync && this.#sync }, done));
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

/** Byte strings just below `from` and just above `to` that are no key, since 0xff never occurs in UTF-8. */
function marksAround(from: string, to: string): [below: Buffer, above: Buffer] {
  const below = Buffer.concat([Buffer.from(from), Buffer.from([0xff])]);
  below[below.length - 2]! -= 1;
  return [below, Buffer.concat([Buffer.from(to), Buffer.from([0x00, 0xff])])];
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

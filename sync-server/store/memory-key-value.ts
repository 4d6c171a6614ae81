// KeyValue over a MemoryDisk, for tests. Behaves as LevelDB does, down to refusing writes after a failed one; every
// call settles in a later turn of the event loop, as a real disk's does.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkKey, compareKeys } from './key-order.ts';
import { unsealValue } from './checked-value.ts';
import { StoreError } from './key-value.ts';
import type { KeyValue, Operation, RangeOptions } from './key-value.ts';
import { MemoryDisk } from './memory-disk.ts';

export class MemoryKeyValue implements KeyValue {
  readonly #disk: MemoryDisk;
  readonly #release: () => void;
  readonly #loops = new Set<Promise<void>>();
  #lastWrite: Promise<unknown> = Promise.resolve();
  #failedWrite: StoreError | null = null;
  #closing: Promise<void> | null = null;

  /** Opened by MemoryDisk.open. */
  constructor(disk: MemoryDisk, release: () => void) {
    this.#disk = disk;
    this.#release = release;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await this.getMany([key]))[0];
  }

  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    keys.forEach(checkKey);
    this.#checkOpen();
    await nextTurn();
    const { entries } = this.#disk;
    return keys.map((key) => {
      const entry = entries[MemoryDisk.indexOf(entries, key)];
      return entry?.[0] === key ? copy(unsealValue(key, entry[1])) : undefined;
    });
  }

  async *range(options: RangeOptions): AsyncGenerator<readonly [string, Uint8Array]> {
    const { gt, gte, lt, lte } = options;
    for (const bound of [gt, gte, lt, lte]) if (bound !== undefined) checkKey(bound);
    this.#checkOpen();
    const found = this.#disk.entries.filter(
      ([key]) =>
        (gt === undefined || compareKeys(key, gt) > 0) &&
        (gte === undefined || compareKeys(key, gte) >= 0) &&
        (lt === undefined || compareKeys(key, lt) < 0) &&
        (lte === undefined || compareKeys(key, lte) <= 0)
    );
    if (options.reverse) found.reverse();
    const loop = Promise.withResolvers<void>();
    this.#loops.add(loop.promise);
    try {
      for (const [key, sealed] of found.slice(0, Math.max(0, options.limit ?? found.length))) {
        await nextTurn();
        if (this.#closing !== null) throw new StoreError('closed', 'the store was closed during a read');
        yield [key, copy(unsealValue(key, sealed))];
      }
    } finally {
      this.#loops.delete(loop.promise);
      loop.resolve();
    }
  }

  async batch(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void> {
    this.#checkOpen();
    for (const { key } of operations) checkKey(key);
    const copies = operations.map((operation) =>
      operation.type === 'put' ? { ...operation, value: copy(operation.value) } : operation
    );
    const write = this.#lastWrite.then(async () => {
      await nextTurn();
      if (this.#failedWrite !== null) {
        const { code, message } = this.#failedWrite;
        throw new StoreError(code, `no write after a failed one: ${message}`, { cause: this.#failedWrite });
      }
      try {
        await this.#disk.write(copies, options.sync);
      } catch (error) {
        this.#failedWrite = error as StoreError;
        throw error;
      }
    });
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }

  async compactRange(from: string, to: string): Promise<void> {
    checkKey(from);
    checkKey(to);
    this.#checkOpen();
    await Promise.all([...this.#loops, this.#lastWrite]);
    this.#checkOpen();
    this.#disk.compact(from, to);
  }

  async approximateBytes(from: string, to: string): Promise<number> {
    checkKey(from);
    checkKey(to);
    this.#checkOpen();
    await nextTurn();
    const within = this.#disk.entries.filter(([key]) => compareKeys(key, from) >= 0 && compareKeys(key, to) < 0);
    return within.reduce((sum, [, sealed]) => sum + sealed.length, 0);
  }

  close(): Promise<void> {
    this.#closing ??= this.#lastWrite.then(() => this.#release());
    return this.#closing;
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new StoreError('closed', 'the store is closed');
  }
}

const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

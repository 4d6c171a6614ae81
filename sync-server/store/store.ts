// Everything the server keeps, in one data folder: the key-value store, the log of the rooms over it, and the words
// about the whole: the format it is written in, and its generation, which tells clients whether it is still the
// store that they knew. `kv` and `log` stay the same objects while the database is closed and opened anew.

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openingError, prepareDataFolder } from './data-folder.ts';
import { StoreError } from './key-value.ts';
import type { KeyValue, Operation } from './key-value.ts';
import { KeyValueRoomLog } from './key-value-room-log.ts';
import { LevelKeyValue } from './level-key-value.ts';
import type { LevelOptions } from './level-key-value.ts';
import { MemoryDisk } from './memory-disk.ts';
import { ReopeningKeyValue } from './reopening-key-value.ts';
import type { ReopeningOptions } from './reopening-key-value.ts';
import type { RoomLog } from './room-log.ts';

/** Goes up when what is stored changes in a way that an older Roost would misread. */
export const STORE_FORMAT = 1;

const FORMAT_KEY = 'meta/format';
const GENERATION_KEY = 'meta/generation';
const GENERATION_BYTES = 16;

export interface StoreOptions extends LevelOptions {
  /** Made, for its owner alone, when it is missing. The database is in `db` below it. */
  readonly dataDir: string;
}

export class Store {
  readonly kv: KeyValue;
  readonly log: RoomLog;
  readonly #reopening: ReopeningKeyValue;
  #generation: string;

  private constructor(reopening: ReopeningKeyValue, generation: string) {
    this.kv = reopening;
    this.log = new KeyValueRoomLog(reopening);
    this.#reopening = reopening;
    this.#generation = generation;
  }

  /** Rejects with StoreError ('locked', 'read-only', 'full', 'format', 'corrupt', 'io') and a line that says why. */
  static async open(options: StoreOptions): Promise<Store> {
    const folder = await prepareDataFolder(options.dataDir);
    try {
      return await Store.over({ open: () => LevelKeyValue.open(folder, options), pause });
    } catch (error) {
      throw error instanceof StoreError ? openingError(options.dataDir, error) : error;
    }
  }

  /** For tests: the same store over a disk in memory, whose faults are up to the caller. */
  static inMemory(disk: MemoryDisk = new MemoryDisk()): Promise<Store> {
    return Store.over({ open: () => disk.open(), pause });
  }

  /** The store over anything that can be opened. */
  static async over(options: ReopeningOptions): Promise<Store> {
    const kv = await ReopeningKeyValue.open(options);
    try {
      return new Store(kv, await readMeta(kv));
    } catch (error) {
      await kv.close();
      throw error;
    }
  }

  /** 22 base64url characters, another for each life of the data. */
  get generation(): string {
    return this.#generation;
  }

  /** Makes and keeps another generation, when the data is found to be an older copy of itself. */
  async newGeneration(): Promise<string> {
    const generation = freshGeneration();
    await this.kv.batch([putText(GENERATION_KEY, generation)], { sync: true });
    this.#generation = generation;
    return generation;
  }

  /** False from a failed write until the store is open again and a synced write succeeded. */
  healthy(): boolean {
    return this.#reopening.healthy();
  }

  /** Called before the write that failed rejects: from here on nothing that was not acknowledged may be believed. */
  onFailure(listener: (cause: StoreError) => void): () => void {
    return this.#reopening.onFailure(listener);
  }

  /** Called when the store is healthy again: what was held of it in memory must be loaded anew. */
  onReopened(listener: () => void): () => void {
    return this.#reopening.onReopened(listener);
  }

  close(): Promise<void> {
    return this.#reopening.close();
  }
}

/** The generation of the store; a new store gets its format and generation here. */
async function readMeta(kv: KeyValue): Promise<string> {
  const [format, generation] = (await kv.getMany([FORMAT_KEY, GENERATION_KEY])).map(asText);
  if (format === undefined) {
    for await (const [key] of kv.range({ limit: 1 })) {
      throw new StoreError('corrupt', `holds ${key}, but no word of its format`);
    }
    const fresh = freshGeneration();
    await kv.batch([putText(FORMAT_KEY, String(STORE_FORMAT)), putText(GENERATION_KEY, fresh)], { sync: true });
    return fresh;
  }
  if (!(Number(format) <= STORE_FORMAT)) {
    throw new StoreError(
      'format',
      `it was written by a newer Roost (format ${format}, this one knows ${STORE_FORMAT})`
    );
  }
  if (generation === undefined) throw new StoreError('corrupt', 'has a format, but no generation');
  return generation;
}

const freshGeneration = (): string => randomBytes(GENERATION_BYTES).toString('base64url');

const putText = (key: string, text: string): Operation => ({ type: 'put', key, value: new TextEncoder().encode(text) });

const asText = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

/** Ends early when aborted. Holds up no exit of the process. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

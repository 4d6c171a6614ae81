// The bytes of a page that are synced to disk: all that readers may be told. A merged base and a short tail of
// updates, so that neither a commit nor a join costs more than the page's bound.

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { StoreError } from '../store/key-value.ts';
import { mergeInSteps } from './merge-updates.ts';

/** Beyond this the tail is merged into the base in memory. */
const TAIL_MAX_UPDATES = 64;
/** The base is stored again, and the log trimmed, after so many records that weigh against it, or this many in all. */
const REBASE_AFTER_RECORDS = 64;
const REBASE_AT_RECORDS = 512;

const EMPTY_UPDATE: Uint8Array = Uint8Array.of(0, 0);

export interface StoredBase {
  /** The log position whose record comes next for this page. */
  readonly from: number;
  readonly update: Uint8Array;
}

export function encodeBase({ from, update }: StoredBase): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, from);
  encoding.writeUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

/** @throws StoreError 'corrupt' */
export function decodeBase(bytes: Uint8Array): StoredBase {
  try {
    const decoder = decoding.createDecoder(bytes);
    const from = decoding.readVarUint(decoder);
    return { from, update: decoding.readTailAsUint8Array(decoder).slice() };
  } catch (cause) {
    throw new StoreError('corrupt', 'The base of a page cannot be read.', { cause });
  }
}

const isEmptyStateVector = (bytes: Uint8Array): boolean => bytes.length === 1 && bytes[0] === 0;

export class CommittedPage {
  #base: Uint8Array;
  #tail: Uint8Array[];
  #stateVector: ReadonlyMap<number, number>;
  #recordsSinceBase: number;
  #bytesSinceBase: number;

  /** @param tail updates of the log that the stored base lacks, in order */
  constructor(base: Uint8Array | null, tail: readonly Uint8Array[], stateVector: ReadonlyMap<number, number>) {
    this.#base = base ?? EMPTY_UPDATE;
    this.#tail = [...tail];
    this.#stateVector = stateVector;
    this.#recordsSinceBase = tail.length;
    this.#bytesSinceBase = tail.reduce((sum, update) => sum + update.length, 0);
  }

  get stateVector(): ReadonlyMap<number, number> {
    return this.#stateVector;
  }

  encodedStateVector(): Uint8Array {
    return Y.encodeStateVector(this.#stateVector as Map<number, number>);
  }

  apply(update: Uint8Array, stateVector: ReadonlyMap<number, number>): void {
    this.#tail.push(update);
    this.#stateVector = stateVector;
    this.#recordsSinceBase += 1;
    this.#bytesSinceBase += update.length;
    if (this.#tail.length > TAIL_MAX_UPDATES) this.whole();
  }

  /** Content was erased: this is the page now, and nothing of the bytes before it stays. */
  replace(whole: Uint8Array, stateVector: ReadonlyMap<number, number>): void {
    this.#base = whole;
    this.#tail = [];
    this.#stateVector = stateVector;
    this.rebased();
  }

  /** The whole page as one update. */
  whole(): Uint8Array {
    if (this.#tail.length > 0) {
      this.#base = mergeInSteps([this.#base, mergeInSteps(this.#tail)]);
      this.#tail = [];
    }
    return this.#base;
  }

  /** All that lies beyond an encoded state vector that decodes. */
  beyond(stateVector: Uint8Array): Uint8Array {
    const whole = this.whole();
    // A reader without a copy, the most expensive one to serve: there is nothing to take out.
    return isEmptyStateVector(stateVector) ? whole : Y.diffUpdate(whole, stateVector);
  }

  /** Whether the log's tail has grown enough to be worth a new stored base. */
  get rebaseDue(): boolean {
    const { length } = this.#base;
    return (
      this.#recordsSinceBase >= REBASE_AT_RECORDS ||
      (this.#recordsSinceBase >= REBASE_AFTER_RECORDS && this.#bytesSinceBase * 4 >= length)
    );
  }

  /** The base as of now has been stored. */
  rebased(): void {
    this.#recordsSinceBase = 0;
    this.#bytesSinceBase = 0;
  }
}

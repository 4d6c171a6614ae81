// A disk in memory for tests, with faults on demand. It outlives the key-value objects opened on it, as a folder
// does, keeps deleted bytes until they are compacted away, and knows what a power loss would take.

import { compareKeys } from './key-order.ts';
import { sealValue } from './checked-value.ts';
import { MemoryKeyValue } from './memory-key-value.ts';
import { StoreError } from './key-value.ts';
import type { Operation, StoreErrorCode } from './key-value.ts';

export interface BatchSeen {
  readonly operations: readonly Operation[];
  readonly sync: boolean;
}

interface BatchFault {
  readonly code: StoreErrorCode;
  readonly applied: boolean;
}

export class MemoryDisk {
  /** Every batch that reached the disk, failed ones too. */
  readonly batches: BatchSeen[] = [];
  /** Sorted by key; the array is replaced at each change, so whoever holds it has a snapshot. */
  #entries: readonly (readonly [key: string, sealed: Buffer])[] = [];
  /** What lies where a key was deleted or overwritten. */
  #remains: (readonly [key: string, sealed: Buffer])[] = [];
  #synced: readonly (readonly [key: string, sealed: Buffer])[] = [];
  #opened: MemoryKeyValue | null = null;
  #batchFaults: BatchFault[] = [];
  #openFaults: StoreErrorCode[] = [];
  #writesFailWith: StoreErrorCode | null = null;
  #gate: PromiseWithResolvers<void> | null = null;

  /** Rejects with StoreError 'locked' while another object has it open. */
  async open(): Promise<MemoryKeyValue> {
    const fault = this.#openFaults.shift();
    if (fault !== undefined) throw new StoreError(fault, 'injected: open failed');
    if (this.#opened !== null) throw new StoreError('locked', 'the disk is open already');
    this.#opened = new MemoryKeyValue(this, () => (this.#opened = null));
    return this.#opened;
  }

  /** The next batch (or the one after those already named) fails; `applied`: though its operations are there. */
  failNextBatch(fault: { readonly applied: boolean; readonly code?: StoreErrorCode }): void {
    this.#batchFaults.push({ code: fault.code ?? 'io', applied: fault.applied });
  }

  failNextOpen(code: StoreErrorCode = 'io'): void {
    this.#openFaults.push(code);
  }

  /** Every batch fails before it is applied, until called with null. */
  failWrites(code: StoreErrorCode | null): void {
    this.#writesFailWith = code;
  }

  /** Batches wait before they are applied, until the returned function is called. */
  hold(): () => void {
    const gate = Promise.withResolvers<void>();
    this.#gate = gate;
    return () => {
      if (this.#gate === gate) this.#gate = null;
      gate.resolve();
    };
  }

  /** Power loss: what was never synced is gone. */
  loseUnsynced(): void {
    this.#entries = this.#synced;
  }

  /** Flips a bit of the stored value. */
  corrupt(key: string): void {
    this.#entries = this.#entries.map(([k, sealed]) => {
      if (k !== key) return [k, sealed];
      const damaged = Buffer.from(sealed);
      damaged[damaged.length - 1]! ^= 1;
      return [k, damaged];
    });
  }

  /** Whether these bytes are anywhere on the disk, deleted or not. */
  holds(bytes: Uint8Array): boolean {
    return [...this.#entries, ...this.#remains].some(([, sealed]) => sealed.includes(Buffer.from(bytes)));
  }

  // What follows is for MemoryKeyValue.

  get entries(): readonly (readonly [key: string, sealed: Buffer])[] {
    return this.#entries;
  }

  /** Index of the first entry that is not below `key`. */
  static indexOf(entries: readonly (readonly [string, Buffer])[], key: string): number {
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(entries[middle]![0], key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async write(operations: readonly Operation[], sync: boolean): Promise<void> {
    this.batches.push({ operations, sync });
    const fault = this.#batchFaults.shift();
    await this.#gate?.promise;
    const code = this.#writesFailWith ?? fault?.code;
    if (code === undefined || (fault?.applied && this.#writesFailWith === null)) this.#apply(operations);
    if (code !== undefined) throw new StoreError(code, 'injected: write failed');
    if (sync) this.#synced = this.#entries;
  }

  compact(from: string, to: string): void {
    this.#remains = this.#remains.filter(([key]) => compareKeys(key, from) < 0 || compareKeys(key, to) > 0);
  }

  #apply(operations: readonly Operation[]): void {
    const entries = [...this.#entries];
    for (const operation of operations) {
      const at = MemoryDisk.indexOf(entries, operation.key);
      const old = entries[at]?.[0] === operation.key ? entries[at] : undefined;
      if (old !== undefined) this.#remains.push(old);
      if (operation.type === 'put') {
        entries.splice(at, old ? 1 : 0, [operation.key, sealValue(operation.key, operation.value)]);
      } else if (old !== undefined) {
        entries.splice(at, 1);
      }
    }
    this.#entries = entries;
  }
}

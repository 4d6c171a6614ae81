// What one commit writes: the last word for each key.

import type { Operation } from '../store/key-value.ts';

export class DraftRecords {
  readonly #operations = new Map<string, Operation>();

  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** Keys that are written or deleted, and begin with this. */
  keysFrom(prefix: string): readonly string[] {
    return [...this.#operations.keys()].filter((key) => key.startsWith(prefix));
  }

  add(operation: Operation): void {
    this.#operations.set(operation.key, operation);
  }

  put(key: string, value: Uint8Array): void {
    this.add({ type: 'put', key, value });
  }

  del(key: string): void {
    this.add({ type: 'del', key });
  }
}

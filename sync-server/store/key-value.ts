// The key-value interface under everything the server keeps. LevelDB implements it, and an in-memory one with
// injectable faults for tests; one contract suite runs on both. Keys are strings ordered by UTF-8 bytes.
// Each value is stored with its own checksum; a value that fails it throws StoreError 'corrupt', never bytes.

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

export interface RangeOptions {
  readonly gte?: string;
  readonly gt?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface KeyValue {
  get(key: string): Promise<Uint8Array | undefined>;
  /** In the order of `keys`. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  /** A snapshot of when the loop starts, ascending unless `reverse`. Leaving the loop closes the iterator. */
  range(options: RangeOptions): AsyncIterable<readonly [key: string, value: Uint8Array]>;
  /**
   * All or nothing, in the order of the calls. With `sync`, resolves only once the bytes are synced to disk. Values
   * may be reused after the call. After one failed write all later ones are refused until the store is open again:
   * what LevelDB acknowledges after a failed append is gone after a restart.
   */
  batch(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void>;
  /**
   * Makes the bytes of deleted and overwritten keys from..to disappear from disk. Waits for loops over `range` that
   * are under way, so it never settles when awaited inside one.
   */
  compactRange(from: string, to: string): Promise<void>;
  /**
   * About how much of the disk the values of keys from..to take. What was written lately may not count yet, so little
   * is a hint that there is little, and nothing more.
   */
  approximateBytes(from: string, to: string): Promise<number>;
  close(): Promise<void>;
}

export type StoreErrorCode = 'io' | 'full' | 'corrupt' | 'conflict' | 'locked' | 'read-only' | 'closed' | 'format';

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

// RoomLog: the durable, ordered commits of rooms. A commit is one atomic batch: a log record plus the keys
// projected from it. Group commit: appends that come in while the last batch is syncing go into the next.

import type { RoomId } from '#protocol/ids.ts';
import type { Operation } from './key-value.ts';

export interface RoomCommit {
  readonly room: RoomId;
  /** Commits of the room so far; another number on disk rejects with StoreError 'conflict'. */
  readonly expected: number;
  /** Opaque to the log; what `read` gives back. */
  readonly record: Uint8Array;
  /** Projections that become true with the record: full keys. */
  readonly operations: readonly Operation[];
  /** Forgets records below a position in the same batch; at most `expected`. */
  readonly trimBelow?: number;
}

export interface LoggedRecord {
  /** 0 for a room's first commit. */
  readonly position: number;
  readonly record: Uint8Array;
}

export interface RoomLog {
  /** Commits of the room so far. */
  position(room: RoomId): Promise<number>;
  /**
   * Resolves once synced to disk. Rejects with StoreError; then nothing is promised: the commit may or may not be
   * there, and the caller drops what it holds of the room and loads it again.
   */
  append(commit: RoomCommit): Promise<void>;
  /** Records from a position on, in order, as committed when the call was made; trimmed ones are absent. */
  read(room: RoomId, from: number): AsyncIterable<LoggedRecord>;
  /** Called after each durable commit of the room, in order. Returns the way out. */
  subscribe(room: RoomId, listener: (record: LoggedRecord) => void): () => void;
  /** Forgets records below a position (they live on in a projection); their bytes go with the next compaction. */
  trim(room: RoomId, below: number): Promise<void>;
}

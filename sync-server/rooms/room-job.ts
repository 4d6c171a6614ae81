// What waits in a room's queue. Updates and entries that wait together go into one commit; the others run alone.

import type { Entry } from '#protocol/entry.ts';
import type { EntryId, UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { PageChannel } from './page-channel.ts';
import type { ReadMarker } from './read-marker.ts';
import type { ImportCount } from './room-service.ts';

export interface UpdateJob {
  readonly kind: 'update';
  readonly channel: PageChannel;
  readonly update: Uint8Array;
}

export interface EntryJob extends Settled<RefusalCode | null> {
  readonly kind: 'entry';
  readonly entry: Entry;
  /** The server vouches for it: no refusal is asked but `no-room` and `no-change`. */
  readonly vouched: boolean;
}

export interface ReadJob extends Settled<ReadMarker> {
  readonly kind: 'read';
  readonly user: UserId;
  /** Read up to here; 0: no word of it. */
  readonly n: number;
  /** What others learn of it. */
  readonly told: Readonly<Record<'read' | 'stored', number>>;
}

export interface ImportJob extends Settled<ImportCount> {
  readonly kind: 'import';
  readonly entries: readonly Entry[];
}

/** Takes the content of entries away. */
export interface EraseJob extends Settled<void> {
  readonly kind: 'erase';
  readonly ids: readonly EntryId[];
  /** They have disappeared; else their author is gone. */
  readonly expired: boolean;
}

export type CommitJob = UpdateJob | EntryJob;
export type RoomJob = CommitJob | ReadJob | ImportJob | EraseJob;

interface Settled<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export const isCommitJob = (job: RoomJob): job is CommitJob => job.kind === 'update' || job.kind === 'entry';

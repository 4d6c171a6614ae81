// What waits in a room's queue. Updates and entries that wait together go into one commit; the others run alone.

import { blobClaimsOf, effectTarget, type Entry } from '#protocol/entry.ts';
import type { EntryId, UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { PageChannel } from './page-channel.ts';
import type { ReadMarker } from './read-marker.ts';
import type { BlobWish } from './room-blobs.ts';
import type { ImportCount } from './room-service.ts';

export interface UpdateJob {
  readonly kind: 'update';
  readonly channel: PageChannel;
  readonly update: Uint8Array;
}

export interface EntryJob extends Settled<RefusalCode | null> {
  readonly kind: 'entry';
  readonly entry: Entry;
  /** The server vouches for it: it is refused only where it is pointless, as in a room that is over. */
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

export function writerOf(job: CommitJob | ReadJob): UserId {
  if (job.kind === 'update') return job.channel.user;
  return job.kind === 'entry' ? job.entry.author : job.user;
}

/** All entries that the job may ask about. */
export function idsOf(job: CommitJob): readonly EntryId[] {
  if (job.kind === 'update') return job.channel.page.gate.idsOf(job.update);
  const target = effectTarget(job.entry);
  return target === null ? [job.entry.id] : [job.entry.id, target];
}

/** All files that its entries name. */
export function wishesOf(job: CommitJob): readonly BlobWish[] {
  if (job.kind === 'update') return job.channel.page.gate.blobsOf(job.update);
  const { author } = job.entry;
  return blobClaimsOf(job.entry).map(({ hash }) => ({ author, hash }));
}

// An entry: one element of a page's append-only `messages` array, and what is read of it. Plain JSON, never a nested Yjs type.

import { blobClaims, type BlobClaim } from './attachment.ts';
import { isEntryId, type EntryId } from './ids.ts';
import type {
  EditEntry,
  MessageEntry,
  PinEntry,
  PollCloseEntry,
  ReactionEntry,
  RedactionEntry,
  VoteEntry
} from './message-entries.ts';
import type { MembershipEntry, RoomEntry, SnapshotEntry } from './room-entries.ts';

export type KnownEntry =
  | MessageEntry
  | RoomEntry
  | MembershipEntry
  | EditEntry
  | ReactionEntry
  | PinEntry
  | VoteEntry
  | PollCloseEntry
  | RedactionEntry
  | SnapshotEntry;

/** An entry of a type that this version does not know: kept, shown as such, never dropped. */
export interface UnknownEntry {
  readonly id: string;
  readonly type: string;
  readonly author: string;
  readonly device?: string | undefined;
  readonly signature?: string | undefined;
  readonly sentAt: number;
  readonly [key: string]: unknown;
}
export type Entry = KnownEntry | UnknownEntry;

export const KNOWN_TYPES: readonly string[] = [
  'message',
  'room',
  'membership',
  'edit',
  'reaction',
  'pin',
  'vote',
  'poll-close',
  'redaction',
  'snapshot'
];
export const isKnown = (entry: Entry): entry is KnownEntry => KNOWN_TYPES.includes(entry.type);

/**
 * The earlier entry whose showing this entry changes, or null. Such an entry on a later page than its target's
 * goes on the target page's `late` list. A reply only quotes, so it has no effect there; one in a thread has: its root
 * shows how many there are.
 */
export function effectTarget(entry: Entry): string | null {
  if (isKnown(entry) && entry.type === 'message') return entry.thread ?? null;
  const target = 'target' in entry ? entry.target : null;
  return isEntryId(target) ? target : null;
}

/** What an entry says of the blobs that it names. */
export const blobClaimsOf = (entry: Entry): readonly BlobClaim[] =>
  isKnown(entry) && entry.type === 'message' && entry.attachments ? blobClaims(entry.attachments) : [];

/** The root of the thread that a message stands in, or stood in before it was taken away; null: in none. */
export function threadOf(entry: Entry): EntryId | null {
  return isKnown(entry) && (entry.type === 'message' || entry.type === 'redaction') ? (entry.thread ?? null) : null;
}

/** Whether an entry disappears where the room wants it: what somebody says. What is done to a room or its people stays. */
export const isFleeting = (entry: Entry): boolean =>
  entry.type !== 'room' && entry.type !== 'membership' && entry.type !== 'snapshot' && effectTarget(entry) === null;

// What the id index keeps of each entry of a room, so that the same id is the same entry for ever.

import * as v from 'valibot';
import type { Arrival } from '#protocol/arrival.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import type { EntryId, RoomId } from '#protocol/ids.ts';
import { blobRefKey, looseKey } from '../blobs/blob-keys.ts';
import type { Operation } from '../store/key-value.ts';
import type { IndexedEntry } from '../gate/gate-contract.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const storedEntrySchema = v.strictObject({
  author: v.string(),
  type: v.string(),
  page: count,
  hash: v.string(),
  /** The arrival, to be told again to who offers the entry on a later page. */
  at: v.number(),
  n: count,
  /** When it disappears, as in Arrival. */
  until: v.optional(v.number()),
  /** Its content was erased. */
  redacted: v.optional(v.literal(true)),
  /** Of a message: its edits, which go with it. */
  edits: v.optional(v.array(v.string())),
  /** Of a reply in a thread: its root, and who wrote that. */
  thread: v.optional(v.string()),
  of: v.optional(v.string()),
  /** Of a message: its words stand as they are, because others voted on them, or because they are another's. */
  fixed: v.optional(v.literal(true)),
  poll: v.optional(
    v.strictObject({
      options: count,
      multiple: v.optional(v.literal(true)),
      closed: v.optional(v.literal(true))
    })
  ),
  /** Of a message: members whom it mentions, and whether it calls all. */
  mentions: v.optional(v.array(v.string())),
  mentionsRoom: v.optional(v.literal(true)),
  /** Of a message: files go with it, and those of them that it refers to. */
  attached: v.optional(v.literal(true)),
  blobs: v.optional(v.array(v.string()))
});
export type StoredEntry = v.InferOutput<typeof storedEntrySchema>;

export const arrivalOf = (id: EntryId, { type, at, n, thread, of, until }: StoredEntry): Arrival => ({
  ...{ id, at, n },
  ...((type === 'edit' || type === 'vote') && { edit: true as const }),
  ...(thread !== undefined && { thread, of }),
  ...(until !== undefined && { until })
});

export const indexed = (
  id: EntryId,
  { author, type, page, hash, redacted, thread, fixed, poll, attached }: StoredEntry
): IndexedEntry => ({
  ...{ id, author, type, page, hash },
  ...(redacted && { redacted }),
  ...(thread !== undefined && { thread }),
  ...(fixed && { fixed }),
  ...(poll && { poll }),
  ...(attached && { attached })
});

/** What the index keeps of an entry besides its arrival. */
export function tracesOf(entry: Entry): Pick<StoredEntry, 'fixed' | 'poll' | 'attached'> {
  if (!isKnown(entry) || entry.type !== 'message') return {};
  const { poll, forwarded, attachments } = entry;
  return {
    ...(attachments && { attached: true }),
    ...((poll || forwarded) && { fixed: true }),
    ...(poll && { poll: { options: poll.options.length, ...(poll.multiple && { multiple: true }) } })
  };
}

/** How the references of a message that goes are forgotten; the files are looked at after that. */
export const droppedBlobs = (room: RoomId, id: EntryId, { author, blobs = [] }: StoredEntry): Operation[] =>
  blobs.flatMap((hash) => [
    { type: 'del', key: blobRefKey(hash, room, id) },
    { type: 'put', key: looseKey(hash, author), value: new Uint8Array() }
  ]);

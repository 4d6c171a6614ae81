// What the id index keeps of each entry of a room, so that the same id is the same entry for ever.

import * as v from 'valibot';
import type { Arrival } from '#protocol/arrival.ts';
import type { EntryId } from '#protocol/ids.ts';
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
  of: v.optional(v.string())
});
export type StoredEntry = v.InferOutput<typeof storedEntrySchema>;

export const arrivalOf = (id: EntryId, { type, at, n, thread, of, until }: StoredEntry): Arrival => ({
  ...{ id, at, n },
  ...(type === 'edit' && { edit: true as const }),
  ...(thread !== undefined && { thread, of }),
  ...(until !== undefined && { until })
});

export const indexed = (id: EntryId, { author, type, page, hash, redacted, thread }: StoredEntry): IndexedEntry => ({
  ...{ id, author, type, page, hash },
  ...(redacted && { redacted }),
  ...(thread !== undefined && { thread })
});

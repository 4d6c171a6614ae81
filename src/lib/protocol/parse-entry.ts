// The only way in for entries of others: known types are strict, unknown ones are kept as they are.

import * as v from 'valibot';
import { canonicalBytes } from './canonical.ts';
import { envelope } from './entry-fields.ts';
import { KNOWN_TYPES, type Entry } from './entry.ts';
import { ENTRY_MAX_BYTES } from './limits.ts';
import {
  messageEntry,
  editEntry,
  reactionEntry,
  pinEntry,
  voteEntry,
  pollCloseEntry,
  redactionEntry
} from './message-entries.ts';
import { plainJsonFlaw } from './plain-json.ts';
import type { RefusalCode } from './refusal-codes.ts';
import {
  roomCreated,
  roomCreatedAmong,
  roomRenamed,
  roomTopic,
  roomAvatar,
  roomKindChanged,
  roomSlow,
  roomDisappearing,
  roomDeleted,
  membershipOfOneself,
  membershipOfAnother,
  membershipRole,
  snapshotEntry
} from './room-entries.ts';

const entrySchema = v.variant('type', [
  messageEntry,
  v.variant('action', [
    v.variant('kind', [roomCreated, roomCreatedAmong]),
    roomRenamed,
    roomTopic,
    roomAvatar,
    roomKindChanged,
    roomSlow,
    roomDisappearing,
    roomDeleted
  ]),
  v.variant('action', [membershipOfOneself, membershipOfAnother, membershipRole]),
  editEntry,
  reactionEntry,
  pinEntry,
  voteEntry,
  pollCloseEntry,
  redactionEntry,
  snapshotEntry
]);

const unknownSchema = v.looseObject({
  ...envelope,
  type: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/))
});

export type ParsedEntry =
  | { readonly ok: true; readonly entry: Entry }
  | { readonly ok: false; readonly code: RefusalCode; readonly detail: string };

const refused = (code: RefusalCode, detail: string): ParsedEntry => ({ ok: false, code, detail });

/** Reads a value from another device. Never throws; the entry is the very value given, nothing stripped. */
export function parseEntry(value: unknown): ParsedEntry {
  const flaw = plainJsonFlaw(value);
  if (flaw) return refused('schema', flaw);
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return refused('schema', 'an entry is an object');
  const type = (value as Record<string, unknown>)['type'];
  const known = typeof type === 'string' && KNOWN_TYPES.includes(type);
  const result = known ? v.safeParse(entrySchema, value) : v.safeParse(unknownSchema, value);
  if (!result.success) {
    const issue = result.issues[0];
    const path = v.getDotPath(issue);
    if (issue.message === 'too-large') return refused('too-large', `${path ?? 'entry'} is too long`);
    return refused('schema', path ? `${path}: ${issue.message}` : issue.message);
  }
  const { device, signature } = value as { device?: unknown; signature?: unknown };
  if ((device === undefined) !== (signature === undefined))
    return refused('schema', 'device and signature go together');
  // Only snapshots, which the server writes, may be larger: their bound is SNAPSHOT_MAX_MEMBERS.
  if (type !== 'snapshot' && canonicalBytes(value) > ENTRY_MAX_BYTES)
    return refused('too-large', `over ${ENTRY_MAX_BYTES} bytes`);
  return { ok: true, entry: value as Entry };
}

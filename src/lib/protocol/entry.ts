// An entry: one element of a page's append-only `messages` array. Plain JSON, never a nested Yjs type.
// parseEntry is the only way in for bytes of others: known types are strict, unknown ones are kept as they are.

import * as v from 'valibot';
import { canonicalBytes } from './canonical.ts';
import { isEntryId, isImportedAuthor, isUserId } from './ids.ts';
import { BODY_MAX_CHARS, ENTRY_MAX_BYTES, ENTRY_MAX_DEPTH, ROOM_NAME_MAX_CHARS, TOPIC_MAX_CHARS } from './limits.ts';
import type { RefusalCode } from './refusal-codes.ts';

const entryId = v.pipe(
  v.string(),
  v.check((value) => isEntryId(value), 'an id has 8 to 64 of A–Z a–z 0–9 _ -')
);
const userId = v.pipe(
  v.string(),
  v.check((value) => isUserId(value), 'not a user id')
);
/** A user id; for entries the server writes also an imported author or `server`. */
const author = v.pipe(
  v.string(),
  v.check((value) => isUserId(value) || isImportedAuthor(value) || value === SERVER_AUTHOR, 'not an author')
);
/** Epoch ms by the sender's hybrid clock. */
const sentAt = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));
/** Lone surrogates do not survive UTF-8, so they would differ between replicas. */
const text = (maxChars: number) =>
  v.pipe(v.string(), v.maxLength(maxChars, 'too-large'), v.check(isWellFormed, 'not well-formed Unicode'));
/** A character that is neither space nor control nor format (zero-width, bidi marks). */
const SOMETHING_TO_SEE = /[^\p{Cc}\p{Cf}\p{Z}]/u;
const nonBlank = (maxChars: number) =>
  v.pipe(
    text(maxChars),
    v.check((value) => SOMETHING_TO_SEE.test(value), 'blank')
  );

function isWellFormed(value: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value);
}

/** Who writes snapshots. */
export const SERVER_AUTHOR = 'server';

const envelope = {
  id: entryId,
  author,
  /** Id of the device key; left out by tools and imports. */
  device: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))),
  sentAt
};

export const roomKind = v.picklist(['public', 'private']);
export type RoomKind = v.InferOutput<typeof roomKind>;
export const role = v.picklist(['owner', 'moderator', 'member']);
export type Role = v.InferOutput<typeof role>;

const messageEntry = v.strictObject({
  ...envelope,
  type: v.literal('message'),
  body: nonBlank(BODY_MAX_CHARS),
  /** True: "/me", said of the author rather than by them. */
  action: v.optional(v.literal(true)),
  replyTo: v.optional(entryId)
});

const roomCreated = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('created'),
  name: nonBlank(ROOM_NAME_MAX_CHARS),
  kind: roomKind
});
const roomRenamed = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('renamed'),
  name: nonBlank(ROOM_NAME_MAX_CHARS)
});
const roomTopic = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('topic'),
  /** Empty clears it. */
  topic: text(TOPIC_MAX_CHARS)
});

const membershipOfOneself = v.strictObject({
  ...envelope,
  type: v.literal('membership'),
  action: v.picklist(['joined', 'left']),
  /** On `joined`: the person whose invitation link was used; written by the server alone. */
  invitedBy: v.optional(userId)
});
const membershipOfAnother = v.strictObject({
  ...envelope,
  type: v.literal('membership'),
  action: v.picklist(['invited', 'removed']),
  user: userId
});

const memberState = v.strictObject({ role, since: sentAt });
/** The folded state of a room; see room-state.ts for its meaning. */
export const roomStateSchema = v.strictObject({
  name: v.string(),
  topic: v.string(),
  kind: roomKind,
  createdBy: v.string(),
  createdAt: sentAt,
  members: v.record(v.string(), memberState),
  invited: v.record(v.string(), v.strictObject({ by: v.string() })),
  membersElided: v.number()
});

const snapshotEntry = v.strictObject({
  ...envelope,
  type: v.literal('snapshot'),
  state: roomStateSchema
});

const entrySchema = v.variant('type', [
  messageEntry,
  v.variant('action', [roomCreated, roomRenamed, roomTopic]),
  v.variant('action', [membershipOfOneself, membershipOfAnother]),
  snapshotEntry
]);

export type MessageEntry = v.InferOutput<typeof messageEntry>;
export type RoomEntry = v.InferOutput<typeof roomCreated | typeof roomRenamed | typeof roomTopic>;
export type MembershipEntry = v.InferOutput<typeof membershipOfOneself | typeof membershipOfAnother>;
export type SnapshotEntry = v.InferOutput<typeof snapshotEntry>;
export type KnownEntry = MessageEntry | RoomEntry | MembershipEntry | SnapshotEntry;

/** An entry of a type that this version does not know: kept, shown as such, never dropped. */
export interface UnknownEntry {
  readonly id: string;
  readonly type: string;
  readonly author: string;
  readonly device?: string | undefined;
  readonly sentAt: number;
  readonly [key: string]: unknown;
}
export type Entry = KnownEntry | UnknownEntry;

const KNOWN_TYPES: readonly string[] = ['message', 'room', 'membership', 'snapshot'];
export const isKnown = (entry: Entry): entry is KnownEntry => KNOWN_TYPES.includes(entry.type);

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
  const flaw = plainJsonFlaw(value, 0);
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
  // Only snapshots, which the server writes, may be larger: their bound is SNAPSHOT_MAX_MEMBERS.
  if (type !== 'snapshot' && canonicalBytes(value) > ENTRY_MAX_BYTES)
    return refused('too-large', `over ${ENTRY_MAX_BYTES} bytes`);
  return { ok: true, entry: value as Entry };
}

/** What makes a value not plain JSON, or null. Yjs carries undefined, bigint, bytes, NaN and -0 too. */
function plainJsonFlaw(value: unknown, depth: number): string | null {
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'string') return isWellFormed(value) ? null : 'not well-formed Unicode';
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? null : 'not a JSON number';
  if (typeof value !== 'object') return `${typeof value} is not JSON`;
  if (depth >= ENTRY_MAX_DEPTH) return 'nested too deep';
  const isArray = Array.isArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isArray && prototype !== Object.prototype) return 'not a plain object';
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return `the key ${key}`;
    if (!isArray && !isWellFormed(key)) return 'not well-formed Unicode';
    const flaw = plainJsonFlaw((value as Record<string, unknown>)[key], depth + 1);
    if (flaw) return flaw;
  }
  return null;
}

/**
 * The earlier entry whose showing this entry changes, or null. Such an entry on a later page than its target's
 * goes on the target page's `late` list. A reply only quotes, so it has no effect there.
 */
export function effectTarget(entry: Entry): string | null {
  if (isKnown(entry)) return null;
  const target = entry['target'];
  return isEntryId(target) ? target : null;
}

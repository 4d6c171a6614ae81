// An entry: one element of a page's append-only `messages` array. Plain JSON, never a nested Yjs type.
// parseEntry is the only way in for bytes of others: known types are strict, unknown ones are kept as they are.

import * as v from 'valibot';
import { canonicalBytes } from './canonical.ts';
import { isAvatarId, isDeviceId, isEntryId, isImportedAuthor, isRoomId, isUserId, type EntryId } from './ids.ts';
import {
  BODY_MAX_CHARS,
  DISAPPEAR_MAX_SECONDS,
  DISAPPEAR_MIN_SECONDS,
  EMOJI_MAX_CHARS,
  ENTRY_MAX_BYTES,
  ENTRY_MAX_DEPTH,
  GROUP_MAX_PEOPLE,
  MENTIONS_MAX,
  POLL_MAX_OPTIONS,
  POLL_MIN_OPTIONS,
  POLL_OPTION_MAX_CHARS,
  ROOM_NAME_MAX_CHARS,
  SLOW_MAX_SECONDS,
  TOPIC_MAX_CHARS
} from './limits.ts';
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
  /** Id of the device key that signed; left out by bots, tools and imports. */
  device: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => isDeviceId(value), 'not a device id')
    )
  ),
  /** Ed25519 over `signedBytes` (signing.ts), 64 bytes in base64url; there if and only if `device` is. */
  signature: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, 'not a signature'))),
  sentAt
};

/** direct: of two people, one per pair. group: of some people, without a name. Both have neither owner nor invitations. */
export const roomKind = v.picklist(['public', 'private', 'direct', 'group']);
export type RoomKind = v.InferOutput<typeof roomKind>;
export const role = v.picklist(['owner', 'moderator', 'member']);
export type Role = v.InferOutput<typeof role>;

/** Whom the words call, so that counting needs no reading of them; who is no member is passed over. */
const mentioning = {
  mentions: v.optional(
    v.pipe(
      v.array(userId),
      v.minLength(1),
      v.maxLength(MENTIONS_MAX, 'too-large'),
      v.check((people) => new Set(people).size === people.length, 'each person is mentioned once')
    )
  ),
  /** @room: all who are in it. */
  mentionsRoom: v.optional(v.literal(true))
};
/** What people choose from; the body of the message is the question. Votes name an option by its place. */
const poll = v.strictObject({
  options: v.pipe(
    v.array(nonBlank(POLL_OPTION_MAX_CHARS)),
    v.minLength(POLL_MIN_OPTIONS),
    v.maxLength(POLL_MAX_OPTIONS, 'too-large'),
    v.check((options) => new Set(options).size === options.length, 'options differ')
  ),
  /** Several may be chosen; left out: one. */
  multiple: v.optional(v.literal(true)),
  /** It is not shown who voted. The votes are entries like all others: whoever reads the bytes can tell. */
  anonymous: v.optional(v.literal(true))
});

/** Says that the words are another's, by the word of who forwards them. */
const forwarded = v.strictObject({
  author,
  /** Where they were written, and as which message: left out where not everybody who reads this may open that room. */
  room: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => isRoomId(value), 'not a room id')
    )
  ),
  id: v.optional(entryId)
});

const messageEntry = v.strictObject({
  ...envelope,
  type: v.literal('message'),
  body: nonBlank(BODY_MAX_CHARS),
  /** True: "/me", said of the author rather than by them. */
  action: v.optional(v.literal(true)),
  replyTo: v.optional(entryId),
  /** The message whose thread it stands in: a root, which is in no thread itself. */
  thread: v.optional(entryId),
  ...mentioning,
  poll: v.optional(poll),
  forwarded: v.optional(forwarded)
});

const roomCreated = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('created'),
  name: nonBlank(ROOM_NAME_MAX_CHARS),
  kind: v.picklist(['public', 'private'])
});
/** A room of these people, its author among them; sorted, so that the same people always make the same entry. */
const roomCreatedAmong = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('created'),
  kind: v.picklist(['direct', 'group']),
  people: v.pipe(
    v.array(userId),
    v.minLength(2),
    v.maxLength(GROUP_MAX_PEOPLE, 'too-large'),
    v.check((people) => people.every((id, at) => at === 0 || people[at - 1]! < id), 'people are sorted, each once')
  )
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

const roomAvatar = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('avatar'),
  /** null takes it away. */
  avatar: v.nullable(
    v.pipe(
      v.string(),
      v.check((value) => isAvatarId(value), 'not an avatar id')
    )
  )
});
const roomKindChanged = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('kind'),
  kind: v.picklist(['public', 'private'])
});
/** Slow mode: a member's messages must lie this far apart; 0 ends it. */
const roomSlow = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('slow'),
  seconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SLOW_MAX_SECONDS))
});
/** What is written from now on disappears so long after it arrived; 0: it stays. */
const roomDisappearing = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('disappearing'),
  after: v.pipe(
    v.number(),
    v.integer(),
    v.check((seconds) => seconds === 0 || seconds >= DISAPPEAR_MIN_SECONDS, 'sooner than a message can be read'),
    v.maxValue(DISAPPEAR_MAX_SECONDS)
  )
});
/** The room is over for all; the server erases it. */
const roomDeleted = v.strictObject({ ...envelope, type: v.literal('room'), action: v.literal('deleted') });

const membershipOfOneself = v.strictObject({
  ...envelope,
  type: v.literal('membership'),
  action: v.picklist(['joined', 'left']),
  /** On `joined`: the person whose invitation link was used; written by the server alone. */
  invitedBy: v.optional(userId),
  /** With `invitedBy`: what the link makes of them; left out: a member. */
  role: v.optional(role)
});
const membershipOfAnother = v.strictObject({
  ...envelope,
  type: v.literal('membership'),
  action: v.picklist(['invited', 'removed', 'banned', 'unbanned']),
  user: userId
});
const membershipRole = v.strictObject({
  ...envelope,
  type: v.literal('membership'),
  action: v.literal('role'),
  user: userId,
  role
});

/** Other words for a message of one's own. All are kept; what arrived last is what it says. */
const editEntry = v.strictObject({
  ...envelope,
  type: v.literal('edit'),
  target: entryId,
  body: nonBlank(BODY_MAX_CHARS),
  /** Shown as such; they call nobody again. */
  ...mentioning
});

/**
 * Nothing but what emoji are made of, and something of it to see. Which sequences are emoji changes with every version
 * of Unicode, and replicas must agree.
 */
const EMOJI =
  /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3])[\p{Extended_Pictographic}\p{Emoji_Component}]+$/u;
export const isEmoji = (value: string): boolean => value.length <= EMOJI_MAX_CHARS && EMOJI.test(value);

/** A person's emoji on a message, put there or taken back; of the same emoji what arrived last counts. */
const reactionEntry = v.strictObject({
  ...envelope,
  type: v.literal('reaction'),
  target: entryId,
  emoji: v.pipe(
    v.string(),
    v.check((value) => isEmoji(value), 'not an emoji')
  ),
  on: v.boolean()
});

/** Puts a message among those that the room keeps at hand, or takes it from there; of one message what arrived last counts. */
const pinEntry = v.strictObject({ ...envelope, type: v.literal('pin'), target: entryId, on: v.boolean() });

/** What a person chooses in a poll, all of it: what arrived last counts, and [] takes it back. */
const voteEntry = v.strictObject({
  ...envelope,
  type: v.literal('vote'),
  target: entryId,
  options: v.pipe(
    v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(POLL_MAX_OPTIONS - 1))),
    v.check(
      (options) => options.every((one, at) => at === 0 || options[at - 1]! < one),
      'options are sorted, each once'
    )
  )
});
/** The poll takes no more votes. */
const pollCloseEntry = v.strictObject({ ...envelope, type: v.literal('poll-close'), target: entryId });

/** Takes a message away from everybody: the server erases its content, the entry that says so stays. */
const redactionEntry = v.strictObject({
  ...envelope,
  type: v.literal('redaction'),
  target: entryId,
  /** The target's author, and the thread that it stood in: what is erased cannot say it any more. */
  of: author,
  thread: v.optional(entryId)
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
  banned: v.record(v.string(), v.strictObject({ by: v.string() })),
  avatar: v.nullable(v.string()),
  slowSeconds: v.number(),
  disappearingSeconds: v.optional(v.number()),
  deleted: v.boolean(),
  membersElided: v.number(),
  /** Left out: none. */
  pins: v.optional(v.pipe(v.array(v.strictObject({ id: entryId, by: v.string(), at: sentAt })), v.readonly()))
});

const snapshotEntry = v.strictObject({
  ...envelope,
  type: v.literal('snapshot'),
  state: roomStateSchema
});

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

export type MessageEntry = v.InferOutput<typeof messageEntry>;
export type RoomEntry = v.InferOutput<
  | typeof roomCreated
  | typeof roomCreatedAmong
  | typeof roomRenamed
  | typeof roomTopic
  | typeof roomAvatar
  | typeof roomKindChanged
  | typeof roomSlow
  | typeof roomDisappearing
  | typeof roomDeleted
>;
export type MembershipEntry = v.InferOutput<
  typeof membershipOfOneself | typeof membershipOfAnother | typeof membershipRole
>;
export type EditEntry = v.InferOutput<typeof editEntry>;
export type ReactionEntry = v.InferOutput<typeof reactionEntry>;
export type PinEntry = v.InferOutput<typeof pinEntry>;
export type VoteEntry = v.InferOutput<typeof voteEntry>;
export type PollCloseEntry = v.InferOutput<typeof pollCloseEntry>;
export type RedactionEntry = v.InferOutput<typeof redactionEntry>;
export type SnapshotEntry = v.InferOutput<typeof snapshotEntry>;
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

const KNOWN_TYPES: readonly string[] = [
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

/** What makes a value not plain JSON, or null. Yjs carries undefined, bigint, bytes, NaN and -0 too. */
export function plainJsonFlaw(value: unknown, depth = 0): string | null {
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
 * goes on the target page's `late` list. A reply only quotes, so it has no effect there; one in a thread has: its root
 * shows how many there are.
 */
export function effectTarget(entry: Entry): string | null {
  if (isKnown(entry) && entry.type === 'message') return entry.thread ?? null;
  const target = 'target' in entry ? entry.target : null;
  return isEntryId(target) ? target : null;
}

/** The root of the thread that a message stands in, or stood in before it was taken away; null: in none. */
export function threadOf(entry: Entry): EntryId | null {
  return isKnown(entry) && (entry.type === 'message' || entry.type === 'redaction') ? (entry.thread ?? null) : null;
}

/** Whether an entry disappears where the room wants it: what somebody says. What is done to a room or its people stays. */
export const isFleeting = (entry: Entry): boolean =>
  entry.type !== 'room' && entry.type !== 'membership' && entry.type !== 'snapshot' && effectTarget(entry) === null;

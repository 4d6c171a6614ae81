// A person's own document: drafts, stars, marks of rooms, preferences. One Yjs document per account, of root maps whose
// values are plain JSON; the last writer of a key wins. Invariant: reading never throws. What does not fit (a newer
// version's value, say) is as if it were not there, and stays where it is.

import * as v from 'valibot';
import { canonicalBytes } from './canonical.ts';
import { plainJsonFlaw } from './plain-json.ts';
import { isEntryId, isRoomId, type EntryId, type RoomId } from './ids.ts';
import { PERSONAL_KEY_MAX_CHARS, PERSONAL_VALUE_MAX_BYTES } from './limits.ts';

/** Where the document is found beside the pages: `/sync/personal` for stock clients. */
export const PERSONAL_DOC_NAME = 'personal';

/** All root maps there are; anything else in the document is refused. */
export const PERSONAL_ROOTS = ['drafts', 'stars', 'rooms', 'preferences', 'threads'] as const;
export type PersonalRoot = (typeof PERSONAL_ROOTS)[number];

export const isPersonalRoot = (name: string): name is PersonalRoot =>
  (PERSONAL_ROOTS as readonly string[]).includes(name);

export const isPersonalKey = (key: string): boolean => key.length > 0 && key.length <= PERSONAL_KEY_MAX_CHARS;

/** Why a value may not stand in the document, or null. */
export function personalValueFlaw(value: unknown): 'not-json' | 'too-large' | null {
  if (plainJsonFlaw(value) !== null) return 'not-json';
  return canonicalBytes(value) > PERSONAL_VALUE_MAX_BYTES ? 'too-large' : null;
}

const epochMs = v.pipe(v.number(), v.integer(), v.minValue(0));
const room = v.pipe(
  v.string(),
  v.check((value) => isRoomId(value))
);
const entry = v.pipe(
  v.string(),
  v.check((value) => isEntryId(value))
);
const orAbsent = <Output>(schema: v.GenericSchema<unknown, Output>) => v.fallback(v.optional(schema), undefined);

const draft = v.object({
  text: v.string(),
  /** The entry that it answers. */
  replyTo: orAbsent(entry),
  /** When its last key was typed. */
  at: epochMs
});
/** What is typed and not sent yet, by room or by thread. */
export type Draft = v.InferOutput<typeof draft>;

/** An entry that one has starred, by its id. */
const star = v.object({
  room,
  at: epochMs,
  /** The page that the entry is on, where it was known: only a hint. */
  page: orAbsent(v.pipe(v.number(), v.integer(), v.minValue(0)))
});
export type Star = v.InferOutput<typeof star>;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Of which messages one hears at once. `mentions`: of one's mentions, and of all in direct rooms and groups. */
const level = v.picklist(['all', 'mentions', 'none']);
export type NotificationLevel = v.InferOutput<typeof level>;
export const readNotificationLevel = (value: unknown): NotificationLevel | null => (v.is(level, value) ? value : null);

/** What one thinks of a room. Each mark has a key of its own, so that what two devices change offline is kept of both. */
const roomMarks = {
  /** Its place among favourites: the smaller, the higher. */
  favourite: v.pipe(v.number(), v.finite()),
  muted: v.literal(true),
  /** Put away when the room had so many messages, as in Arrival.n. */
  archived: count,
  level,
  /**
   * Marked unread from the message with this Arrival.n on: `count` messages of others up to `upTo`, the newest then. No read
   * marker takes it away, as one may come late from another device; who opens the room does, by deleting it.
   */
  unread: v.object({ from: v.pipe(count, v.minValue(1)), upTo: count, count })
};
export type RoomMarks = { readonly [Mark in keyof typeof roomMarks]: v.InferOutput<(typeof roomMarks)[Mark]> };
export type RoomMark = keyof RoomMarks;
export type UnreadMark = RoomMarks['unread'];

export const roomMarkKey = (room: RoomId, mark: RoomMark): string => `${room}/${mark}`;

/** The room and the mark that a key is about, or null. */
export function roomMarkOf(key: string): { readonly room: RoomId; readonly mark: RoomMark } | null {
  const [room, mark, ...more] = key.split('/');
  if (more.length > 0 || !isRoomId(room) || mark === undefined || !Object.hasOwn(roomMarks, mark)) return null;
  return { room, mark: mark as RoomMark };
}

export function readRoomMark<Mark extends RoomMark>(mark: Mark, value: unknown): RoomMarks[Mark] | null {
  const result = v.safeParse(roomMarks[mark], value);
  return result.success ? (result.output as RoomMarks[Mark]) : null;
}

/** Keys of `preferences`. */
export const NOTIFICATION_LEVEL = 'notification-level';
export const DENSITY = 'density';

/** How close lines stand. */
const density = v.picklist(['cosy', 'compact']);
export type Density = v.InferOutput<typeof density>;
/** What is not said, or is no density of this version, is the one that all begin with. */
export const readDensity = (value: unknown): Density => (v.is(density, value) ? value : 'cosy');

/** false: one's links go without a preview, and no site is asked for one. */
export const LINK_PREVIEWS = 'link-previews';
export const readLinkPreviews = (value: unknown): boolean => value !== false;

/** What others learn of a person. Each choice is a key of `preferences`; what is not said is shared. */
export const PRIVACY_KEYS = ['readReceipts', 'lastSeen', 'typing'] as const;
export type PrivacyKey = (typeof PRIVACY_KEYS)[number];
export type Privacy = Readonly<Record<PrivacyKey, boolean>>;
export const SHARES_ALL: Privacy = { readReceipts: true, lastSeen: true, typing: true };

/** @param preference the value of a key of `preferences` */
export function readPrivacy(preference: (key: PrivacyKey) => unknown): Privacy {
  const shares = (key: PrivacyKey): boolean => preference(key) !== false;
  return { readReceipts: shares('readReceipts'), lastSeen: shares('lastSeen'), typing: shares('typing') };
}

const reader =
  <Output>(isKey: (key: string) => boolean, schema: v.GenericSchema<unknown, Output>) =>
  (key: string, value: unknown): Output | null => {
    if (!isKey(key)) return null;
    const result = v.safeParse(schema, value);
    return result.success ? result.output : null;
  };

/** The key of what is typed in a thread. */
export const threadDraftKey = (room: RoomId, root: EntryId): string => `${room}/thread/${root}`;

/** The room and the thread, null where it is in none, that a key of `drafts` is about; null: it is no such key. */
export function draftKeyOf(key: string): { readonly room: RoomId; readonly thread: EntryId | null } | null {
  const [room, thread, root, ...more] = key.split('/');
  if (!isRoomId(room) || more.length > 0) return null;
  if (thread === undefined) return { room, thread: null };
  if (thread !== 'thread' || !isEntryId(root)) return null;
  return { room, thread: root };
}

const threadMark = v.object({
  room,
  /** The arrival of the newest reply that one has seen, epoch ms. It only grows: of two the later counts. */
  at: epochMs
});
/** How far one has read a thread, by its root. */
export type ThreadMark = v.InferOutput<typeof threadMark>;

export const readDraft: (key: string, value: unknown) => Draft | null = reader(
  (key) => draftKeyOf(key) !== null,
  draft
);
export const readThreadMark: (key: EntryId, value: unknown) => ThreadMark | null = reader(isEntryId, threadMark);
export const readStar: (key: EntryId, value: unknown) => Star | null = reader(isEntryId, star);

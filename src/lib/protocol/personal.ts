// A person's own document: drafts, stars, marks of rooms, preferences. One Yjs document per account, of root maps whose
// values are plain JSON; the last writer of a key wins. Invariant: reading never throws. What does not fit (a newer
// version's value, say) is as if it were not there, and stays where it is.

import * as v from 'valibot';
import { canonicalBytes } from './canonical.ts';
import { plainJsonFlaw } from './entry.ts';
import { isEntryId, isRoomId, type EntryId, type RoomId } from './ids.ts';
import { PERSONAL_KEY_MAX_CHARS, PERSONAL_VALUE_MAX_BYTES } from './limits.ts';

/** Where the document is found beside the pages: `/sync/personal` for stock clients. */
export const PERSONAL_DOC_NAME = 'personal';

/** All root maps there are; anything else in the document is refused. */
export const PERSONAL_ROOTS = ['drafts', 'stars', 'rooms', 'preferences'] as const;
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
/** What is typed and not sent yet, by room. */
export type Draft = v.InferOutput<typeof draft>;

/** An entry that one has starred, by its id. */
const star = v.object({ room, at: epochMs });
export type Star = v.InferOutput<typeof star>;

const roomMarks = v.object({
  favourite: orAbsent(v.boolean()),
  muted: orAbsent(v.boolean()),
  archived: orAbsent(v.boolean()),
  /** Marked unread from this Arrival.n on. */
  unreadFrom: orAbsent(v.pipe(v.number(), v.integer(), v.minValue(0)))
});
/** What one thinks of a room. */
export type RoomMarks = v.InferOutput<typeof roomMarks>;

const reader =
  <Output>(isKey: (key: string) => boolean, schema: v.GenericSchema<unknown, Output>) =>
  (key: string, value: unknown): Output | null => {
    if (!isKey(key)) return null;
    const result = v.safeParse(schema, value);
    return result.success ? result.output : null;
  };

export const readDraft: (key: RoomId, value: unknown) => Draft | null = reader(isRoomId, draft);
export const readStar: (key: EntryId, value: unknown) => Star | null = reader(isEntryId, star);
export const readRoomMarks: (key: RoomId, value: unknown) => RoomMarks | null = reader(isRoomId, roomMarks);

// What entries of several types have in them: ids, authors, words, and what a room and its people may be.

import * as v from 'valibot';
import { isDeviceId, isEntryId, isImportedAuthor, isUserId } from './ids.ts';
import { MENTIONS_MAX } from './limits.ts';
import { isWellFormed } from './plain-json.ts';

export const entryId = v.pipe(
  v.string(),
  v.check((value) => isEntryId(value), 'an id has 8 to 64 of A–Z a–z 0–9 _ -')
);
export const userId = v.pipe(
  v.string(),
  v.check((value) => isUserId(value), 'not a user id')
);
/** A user id; for entries the server writes also an imported author or `server`. */
export const author = v.pipe(
  v.string(),
  v.check((value) => isUserId(value) || isImportedAuthor(value) || value === SERVER_AUTHOR, 'not an author')
);
/** Epoch ms by the sender's hybrid clock. */
export const sentAt = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));
export const text = (maxChars: number) =>
  v.pipe(v.string(), v.maxLength(maxChars, 'too-large'), v.check(isWellFormed, 'not well-formed Unicode'));
/** A character that is neither space nor control nor format (zero-width, bidi marks). */
const SOMETHING_TO_SEE = /[^\p{Cc}\p{Cf}\p{Z}]/u;
export const isBlank = (value: string): boolean => !SOMETHING_TO_SEE.test(value);
export const nonBlank = (maxChars: number) =>
  v.pipe(
    text(maxChars),
    v.check((value) => !isBlank(value), 'blank')
  );

/** Who writes snapshots. */
export const SERVER_AUTHOR = 'server';

export const envelope = {
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
export const mentioning = {
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

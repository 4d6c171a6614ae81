// What a room is and who is in it: its making, name and rules, membership, and the server's snapshots of all that.

import * as v from 'valibot';
import { entryId, envelope, nonBlank, role, roomKind, sentAt, text, userId } from './entry-fields.ts';
import { isAvatarId } from './ids.ts';
import {
  DISAPPEAR_MAX_SECONDS,
  DISAPPEAR_MIN_SECONDS,
  GROUP_MAX_PEOPLE,
  ROOM_NAME_MAX_CHARS,
  SLOW_MAX_SECONDS,
  TOPIC_MAX_CHARS
} from './limits.ts';

export const roomCreated = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('created'),
  name: nonBlank(ROOM_NAME_MAX_CHARS),
  kind: v.picklist(['public', 'private'])
});
/** A room of these people, its author among them; sorted, so that the same people always make the same entry. */
export const roomCreatedAmong = v.strictObject({
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
export const roomRenamed = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('renamed'),
  name: nonBlank(ROOM_NAME_MAX_CHARS)
});
export const roomTopic = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('topic'),
  /** Empty clears it. */
  topic: text(TOPIC_MAX_CHARS)
});

export const roomAvatar = v.strictObject({
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
export const roomKindChanged = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('kind'),
  kind: v.picklist(['public', 'private'])
});
/** Slow mode: a member's messages must lie this far apart; 0 ends it. */
export const roomSlow = v.strictObject({
  ...envelope,
  type: v.literal('room'),
  action: v.literal('slow'),
  seconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(SLOW_MAX_SECONDS))
});
/** What is written from now on disappears so long after it arrived; 0: it stays. */
export const roomDisappearing = v.strictObject({
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
export const roomDeleted = v.strictObject({ ...envelope, type: v.literal('room'), action: v.literal('deleted') });

export const membershipOfOneself = v.strictObject({
  ...envelope,
  type: v.literal('membership'),
  action: v.picklist(['joined', 'left']),
  /** On `joined`: the person whose invitation link was used; written by the server alone. */
  invitedBy: v.optional(userId),
  /** With `invitedBy`: what the link makes of them; left out: a member. */
  role: v.optional(role)
});
export const membershipOfAnother = v.strictObject({
  ...envelope,
  type: v.literal('membership'),
  action: v.picklist(['invited', 'removed', 'banned', 'unbanned']),
  user: userId
});
export const membershipRole = v.strictObject({
  ...envelope,
  type: v.literal('membership'),
  action: v.literal('role'),
  user: userId,
  role
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

export const snapshotEntry = v.strictObject({
  ...envelope,
  type: v.literal('snapshot'),
  state: roomStateSchema
});

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
export type SnapshotEntry = v.InferOutput<typeof snapshotEntry>;

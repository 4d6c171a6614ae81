// refusal: why an entry may not be appended now, or null. Pure; the client uses it to disable what would be
// refused, the server to decide. Schema, author, signature, id and clock are checked before (entry.ts and the gate);
// slow mode and who may make rooms depend on more than the room's state and are checked after.

import { directRoomId, isDirectRoomId } from './direct-room.ts';
import { isBlank, type Role } from './entry-fields.ts';
import { isKnown, type Entry } from './entry.ts';
import type { EditEntry, MessageEntry, PinEntry, VoteEntry } from './message-entries.ts';
import type { MembershipEntry, RoomEntry } from './room-entries.ts';
import type { EntryId, RoomId, UserId } from './ids.ts';
import { BANNED_MAX, INVITED_MAX, PINS_MAX } from './limits.ts';
import { isEnough, PERMISSIONS, rankOfRole, type Act } from './permissions.ts';
import type { RefusalCode } from './refusal-codes.ts';
import { isAmongPeople, type RoomState } from './room-state.ts';

/** What has to be known of a poll to judge a vote. */
export interface PollInfo {
  /** How many there are. */
  readonly options: number;
  readonly multiple?: boolean | undefined;
  readonly closed?: boolean | undefined;
}

/** What the id index knows of the entry that another one speaks of. */
export interface TargetInfo {
  readonly id: EntryId;
  readonly author: UserId;
  readonly type: string;
  readonly page: number;
  /** Its content was erased. */
  readonly redacted?: boolean;
  /** Of a reply in a thread: the root. */
  readonly thread?: EntryId | undefined;
  /** Its words are not its author's to change: a poll, or what somebody else wrote. */
  readonly fixed?: boolean | undefined;
  /** Of a message: files go with it, so its words may be none. */
  readonly attached?: boolean | undefined;
  /** Of a poll. */
  readonly poll?: PollInfo | undefined;
}

/**
 * @param room the id of the room
 * @param state the room's state, null while it has no entries
 * @param entry an entry whose author is proven
 * @param target the entry of `effectTarget(entry)`, null when there is none or it is unknown
 */
export function refusal(
  room: RoomId,
  state: RoomState | null,
  entry: Entry,
  target: TargetInfo | null
): RefusalCode | null {
  if (entry.type === 'snapshot') return 'reserved';
  const creates = isKnown(entry) && entry.type === 'room' && entry.action === 'created';
  if (creates) return creationRefusal(room, state, entry);
  if (!state) return 'no-room';
  if (state.deleted) return 'deleted';

  if (isKnown(entry)) {
    switch (entry.type) {
      case 'membership':
        return membershipRefusal(state, entry);
      case 'room':
        return missing(state, entry.author, actOf(entry)) ?? (isSame(state, entry) ? 'no-change' : null);
      case 'redaction': {
        if (!target || target.type !== 'message' || target.author !== entry.of) return 'no-target';
        if (target.thread !== entry.thread) return 'no-target';
        const act = target.author === entry.author ? 'redact-own' : 'redact-other';
        return missing(state, entry.author, act) ?? (target.redacted ? 'no-change' : null);
      }
      case 'edit':
        return (
          missing(state, entry.author, 'edit') ??
          calling(state, entry) ??
          targetRefusal(target, entry.author) ??
          (target?.fixed ? 'not-allowed' : null) ??
          (isBlank(entry.body) && !target?.attached ? 'schema' : null)
        );
      case 'reaction':
        return missing(state, entry.author, 'react') ?? targetRefusal(target, null);
      case 'pin':
        return missing(state, entry.author, 'pin') ?? pinRefusal(state, entry, target);
      case 'vote':
        return missing(state, entry.author, 'vote') ?? targetRefusal(target, null) ?? voteRefusal(entry, target!);
      case 'poll-close': {
        const refused = targetRefusal(target, null) ?? (target!.poll ? null : 'no-target');
        const act = target?.author === entry.author ? 'close-own' : 'close-other';
        return missing(state, entry.author, act) ?? refused ?? (target!.poll!.closed ? 'no-change' : null);
      }
      case 'message':
        return (
          missing(state, entry.author, 'write') ??
          calling(state, entry) ??
          (isRootOrNone(entry.thread, target) ? null : 'no-target')
        );
    }
  }
  const closed = missing(state, entry.author, 'write');
  if (closed) return closed;
  return entry['target'] !== undefined && !target ? 'no-target' : null;
}

const calling = (state: RoomState, entry: MessageEntry | EditEntry): RefusalCode | null =>
  entry.mentionsRoom ? missing(state, entry.author, 'mention-room') : null;

/** A thread goes on where its root was taken away, but it has none below it. */
const isRootOrNone = (thread: EntryId | undefined, root: TargetInfo | null): boolean =>
  thread === undefined || (root?.type === 'message' && root.thread === undefined);

/** @param author whose the message must be; null: anybody's */
function targetRefusal(target: TargetInfo | null, author: UserId | null): RefusalCode | null {
  if (!target || target.type !== 'message' || target.redacted) return 'no-target';
  return author === null || target.author === author ? null : 'not-allowed';
}

function pinRefusal(state: RoomState, { target: id, on }: PinEntry, target: TargetInfo | null): RefusalCode | null {
  const pins = state.pins ?? [];
  const isPinned = pins.some((pin) => pin.id === id);
  if (!on) return isPinned ? null : 'no-change';
  const refused = targetRefusal(target, null);
  if (refused) return refused;
  if (isPinned) return 'no-change';
  return pins.length < PINS_MAX ? null : 'too-large';
}

function voteRefusal({ options }: VoteEntry, { poll }: TargetInfo): RefusalCode | null {
  if (!poll || options.some((option) => option >= poll.options)) return 'no-target';
  if (options.length > 1 && !poll.multiple) return 'not-allowed';
  return poll.closed ? 'poll-closed' : null;
}

function creationRefusal(room: RoomId, state: RoomState | null, entry: RoomEntry): RefusalCode | null {
  if (entry.action !== 'created') return null;
  if (entry.kind === 'direct') {
    const [a, b] = entry.people;
    if (entry.people.length !== 2 || room !== directRoomId(a!, b!)) return 'not-allowed';
  } else if (isDirectRoomId(room)) return 'not-allowed';
  if ('people' in entry && !entry.people.includes(entry.author)) return 'not-allowed';
  if (!state) return null;
  // Both have made their room, each without knowing of the other.
  return entry.kind === 'direct' ? 'no-change' : 'room-exists';
}

function membershipRefusal(state: RoomState, entry: MembershipEntry): RefusalCode | null {
  const { author } = entry;
  switch (entry.action) {
    case 'joined':
      if (entry.invitedBy !== undefined || entry.role !== undefined) return 'reserved';
      if (roleOf(state, author) !== null) return 'no-change';
      return missing(state, author, 'join');
    case 'left':
      if (roleOf(state, author) === null && !Object.hasOwn(state.invited, author)) return 'no-change';
      return missing(state, author, 'leave');
    case 'invited':
      return (
        missing(state, author, 'invite') ??
        (roleOf(state, entry.user) !== null || Object.hasOwn(state.invited, entry.user) ? 'no-change' : null) ??
        (Object.hasOwn(state.banned, entry.user) ? 'banned' : null) ??
        (Object.keys(state.invited).length < INVITED_MAX ? null : 'too-large')
      );
    case 'removed':
      return (
        missing(state, author, 'remove') ??
        (roleOf(state, entry.user) === null && !Object.hasOwn(state.invited, entry.user) ? 'no-target' : null) ??
        outranking(state, author, entry.user)
      );
    case 'banned':
      return (
        missing(state, author, 'ban') ??
        (Object.hasOwn(state.banned, entry.user) ? 'no-change' : null) ??
        outranking(state, author, entry.user) ??
        (Object.keys(state.banned).length < BANNED_MAX ? null : 'too-large')
      );
    case 'unbanned':
      return missing(state, author, 'unban') ?? (Object.hasOwn(state.banned, entry.user) ? null : 'no-change');
    case 'role':
      return missing(state, author, 'role') ?? roleRefusal(state, author, entry.user, entry.role);
  }
}

/** An owner may make others owners, and step down while there is another; no owner is above another. */
function roleRefusal(state: RoomState, author: UserId, user: UserId, role: Role): RefusalCode | null {
  const before = roleOf(state, user);
  if (before === null) return 'no-target';
  if (before === role) return 'no-change';
  if (before !== 'owner') return null;
  const owners = Object.values(state.members).filter((member) => member.role === 'owner').length;
  return user === author && owners > 1 ? null : 'not-allowed';
}

/** What a person lacks for an act, or null. */
function missing(state: RoomState, user: UserId, act: Act): RefusalCode | null {
  const least = PERMISSIONS[act][state.kind];
  const role = roleOf(state, user);
  if (role === null && Object.hasOwn(state.banned, user)) return 'banned';
  if (isEnough(least, role, Object.hasOwn(state.invited, user))) return null;
  return role === null && !(least === 'nobody' && isAmongPeople(state)) ? 'not-member' : 'not-allowed';
}

/** Nobody removes or bans whom they do not outrank. */
function outranking(state: RoomState, author: UserId, user: UserId): RefusalCode | null {
  return rankOfRole(roleOf(state, author)) > rankOfRole(roleOf(state, user)) ? null : 'not-allowed';
}

function actOf(entry: RoomEntry): Act {
  switch (entry.action) {
    case 'renamed':
      return 'rename';
    case 'deleted':
      return 'delete';
    case 'created':
      return 'write';
    default:
      return entry.action;
  }
}

function isSame(state: RoomState, entry: RoomEntry): boolean {
  if (entry.action === 'disappearing') return entry.after === (state.disappearingSeconds ?? 0);
  return entry.action === 'kind' && entry.kind === state.kind;
}

export const roleOf = (state: RoomState, user: UserId): Role | null =>
  Object.hasOwn(state.members, user) ? state.members[user]!.role : null;

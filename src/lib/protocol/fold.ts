// fold: room state × entry → room state. Pure, total, the same on client and server. It never refuses:
// what stands in the log has passed `refusal` already, and entries it does not know change nothing.

import { isKnown, type Entry } from './entry.ts';
import type { PinEntry } from './message-entries.ts';
import type { MembershipEntry, RoomEntry } from './room-entries.ts';
import type { EntryId, UserId } from './ids.ts';
import { PINS_MAX } from './limits.ts';
import { isAmongPeople, type MemberState, type RoomState } from './room-state.ts';

/**
 * @param state null before the room's `created` entry
 * @param entry the next entry in arrival order
 * @returns a new state; the same object when nothing changed
 */
export function fold(state: RoomState | null, entry: Entry): RoomState | null {
  if (!isKnown(entry)) return state;
  if (entry.type === 'snapshot') return entry.state;
  if (entry.type === 'room' && entry.action === 'created') {
    if (state) return state;
    const since = entry.sentAt;
    return {
      name: 'name' in entry ? entry.name : '',
      topic: '',
      kind: entry.kind,
      createdBy: entry.author,
      createdAt: since,
      members: 'people' in entry ? membersOf(entry.people, since) : { [entry.author]: { role: 'owner', since } },
      invited: {},
      banned: {},
      avatar: null,
      slowSeconds: 0,
      deleted: false,
      membersElided: 0
    };
  }
  if (!state) return null;
  switch (entry.type) {
    case 'message':
    case 'edit':
    case 'reaction':
    case 'vote':
    case 'poll-close':
      return state;
    case 'pin':
      return foldPin(state, entry);
    case 'redaction':
      return withoutPins(state, new Set([entry.target]));
    case 'room':
      return foldRoom(state, entry);
    case 'membership':
      return foldMembership(state, entry);
  }
}

function foldPin(state: RoomState, { target, on, author, sentAt }: PinEntry): RoomState {
  const others = withoutPins(state, new Set([target]));
  if (!on) return others;
  const pins = [...(others.pins ?? []), { id: target, by: author, at: sentAt }];
  return { ...others, pins: pins.slice(-PINS_MAX) };
}

/** What is gone is not pinned. @returns the same state where none of them was */
export function withoutPins(state: RoomState, gone: ReadonlySet<EntryId>): RoomState {
  const pins = state.pins?.filter(({ id }) => !gone.has(id));
  return pins === undefined || pins.length === state.pins!.length ? state : { ...state, pins };
}

function foldRoom(state: RoomState, entry: RoomEntry): RoomState {
  switch (entry.action) {
    case 'created':
      return state;
    case 'renamed':
      return { ...state, name: entry.name };
    case 'topic':
      return { ...state, topic: entry.topic };
    case 'avatar':
      return { ...state, avatar: entry.avatar };
    case 'kind':
      return { ...state, kind: entry.kind };
    case 'slow':
      return { ...state, slowSeconds: entry.seconds };
    case 'disappearing': {
      const { disappearingSeconds: _, ...rest } = state;
      return entry.after === 0 ? rest : { ...rest, disappearingSeconds: entry.after };
    }
    case 'deleted':
      return { ...state, deleted: true };
  }
}

function foldMembership(state: RoomState, entry: MembershipEntry): RoomState {
  switch (entry.action) {
    case 'joined':
      return withMember(state, entry.author, { role: entry.role ?? 'member', since: entry.sentAt });
    case 'left':
      return withoutMember(state, entry.author);
    case 'invited':
      if (Object.hasOwn(state.members, entry.user)) return state;
      return { ...state, invited: { ...state.invited, [entry.user]: { by: entry.author } } };
    case 'removed':
      return withoutMember(state, entry.user);
    case 'banned': {
      const without = withoutMember(state, entry.user);
      return { ...without, banned: { ...without.banned, [entry.user]: { by: entry.author } } };
    }
    case 'unbanned':
      return { ...state, banned: without(state.banned, entry.user) };
    case 'role': {
      const member = Object.hasOwn(state.members, entry.user) ? state.members[entry.user]! : null;
      if (!member) return state;
      return { ...state, members: { ...state.members, [entry.user]: { ...member, role: entry.role } } };
    }
  }
}

function withMember(state: RoomState, user: UserId, member: MemberState): RoomState {
  if (Object.hasOwn(state.members, user)) return state;
  // Their own clock says since when; who comes later must not stand before those who were there, and own the room.
  const newest = Object.values(state.members).reduce((latest, { since }) => Math.max(latest, since), -1);
  const since = Math.max(member.since, newest + 1);
  const role = ownerless(state) ? 'owner' : member.role;
  return {
    ...state,
    members: { ...state.members, [user]: { role, since } },
    invited: without(state.invited, user)
  };
}

/** Leaving takes the invitation too, so that a private room needs a new one. A room keeps an owner. */
function withoutMember(state: RoomState, user: UserId): RoomState {
  const members = without(state.members, user);
  const next = { ...state, members, invited: without(state.invited, user) };
  if (!ownerless(next)) return next;
  const heir = longestServing(members);
  return heir ? { ...next, members: { ...members, [heir]: { ...members[heir]!, role: 'owner' } } } : next;
}

// With elided members the owner may be among those left out: then nobody is promoted. Rooms of certain people have none.
const ownerless = (state: RoomState): boolean =>
  state.membersElided === 0 &&
  !isAmongPeople(state) &&
  !Object.values(state.members).some((member) => member.role === 'owner');

/** The moderator, else the member, of longest standing; ties go by user id so that every replica agrees. */
function longestServing(members: RoomState['members']): UserId | null {
  const rank = (member: MemberState) => (member.role === 'moderator' ? 0 : 1);
  const [first] = Object.entries(members).sort(
    ([idA, a], [idB, b]) => rank(a) - rank(b) || a.since - b.since || (idA < idB ? -1 : 1)
  );
  return first?.[0] ?? null;
}

function without<Value>(record: Readonly<Record<string, Value>>, key: string): Record<string, Value> {
  const rest = { ...record };
  delete rest[key];
  return rest;
}

function membersOf(people: readonly UserId[], since: number): Record<UserId, MemberState> {
  const members: Record<UserId, MemberState> = {};
  for (const id of people) members[id] = { role: 'member', since };
  return members;
}

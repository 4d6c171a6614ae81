// fold: room state × entry → room state. Pure, total, the same on client and server. It never refuses:
// what stands in the log has passed `refusal` already, and entries it does not know change nothing.

import { isKnown, type Entry } from './entry.ts';
import type { UserId } from './ids.ts';
import type { MemberState, RoomState } from './room-state.ts';

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
    return {
      name: entry.name,
      topic: '',
      kind: entry.kind,
      createdBy: entry.author,
      createdAt: entry.sentAt,
      members: { [entry.author]: { role: 'owner', since: entry.sentAt } },
      invited: {},
      membersElided: 0
    };
  }
  if (!state || entry.type === 'message') return state;
  if (entry.type === 'room') {
    return entry.action === 'renamed' ? { ...state, name: entry.name } : { ...state, topic: entry.topic };
  }
  switch (entry.action) {
    case 'joined':
      return withMember(state, entry.author, { role: 'member', since: entry.sentAt });
    case 'left':
      return withoutMember(state, entry.author);
    case 'invited':
      if (Object.hasOwn(state.members, entry.user)) return state;
      return { ...state, invited: { ...state.invited, [entry.user]: { by: entry.author } } };
    case 'removed':
      return withoutMember(state, entry.user);
  }
}

function withMember(state: RoomState, user: UserId, member: MemberState): RoomState {
  if (Object.hasOwn(state.members, user)) return state;
  return {
    ...state,
    members: { ...state.members, [user]: ownerless(state) ? { ...member, role: 'owner' } : member },
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

// With elided members the owner may be among those left out: then nobody is promoted.
const ownerless = (state: RoomState): boolean =>
  state.membersElided === 0 && !Object.values(state.members).some((member) => member.role === 'owner');

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

// The entry that opens a page after the first: the room's folded state, as far as it fits the bound.

import { SERVER_AUTHOR, type Role } from '#protocol/entry-fields.ts';
import type { SnapshotEntry } from '#protocol/room-entries.ts';
import { newEntryId } from '#protocol/ids.ts';
import { SNAPSHOT_MAX_MEMBERS } from '#protocol/limits.ts';
import type { MemberState, RoomState } from '#protocol/room-state.ts';

const RANK: Record<Role, number> = { owner: 0, moderator: 1, member: 2 };

export function snapshotEntry(state: RoomState, nowMs: number): SnapshotEntry {
  return {
    id: newEntryId(nowMs),
    type: 'snapshot',
    author: SERVER_AUTHOR,
    sentAt: nowMs,
    state: bounded(state)
  };
}

/** Owners and moderators first, then those of longest standing. Invitations are bounded alike, the newest stay. */
function bounded(state: RoomState): RoomState {
  const members = Object.entries(state.members);
  const invited = Object.entries(state.invited);
  if (members.length <= SNAPSHOT_MAX_MEMBERS && invited.length <= SNAPSHOT_MAX_MEMBERS) return state;
  const kept = members.sort(byStanding).slice(0, SNAPSHOT_MAX_MEMBERS);
  return {
    ...state,
    members: Object.fromEntries(kept),
    invited: Object.fromEntries(invited.slice(-SNAPSHOT_MAX_MEMBERS)),
    membersElided: members.length - kept.length
  };
}

const byStanding = ([idA, a]: [string, MemberState], [idB, b]: [string, MemberState]): number =>
  RANK[a.role] - RANK[b.role] || a.since - b.since || (idA < idB ? -1 : 1);

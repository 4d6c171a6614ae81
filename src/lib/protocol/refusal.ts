// refusal: why an entry may not be appended now, or null. Pure; the client uses it to disable what would be
// refused, the server to decide. Schema, author, id and clock are checked before (entry.ts and the gate).

import { isKnown, type Entry, type Role } from './entry.ts';
import type { EntryId, UserId } from './ids.ts';
import { INVITED_MAX } from './limits.ts';
import type { RefusalCode } from './refusal-codes.ts';
import type { RoomState } from './room-state.ts';

/** What the id index knows of the entry that another one speaks of. */
export interface TargetInfo {
  readonly id: EntryId;
  readonly author: UserId;
  readonly type: string;
  readonly page: number;
}

const RANK: Record<Role, number> = { owner: 3, moderator: 2, member: 1 };

/**
 * @param state the room's state, null while it has no entries
 * @param entry an entry whose author is proven
 * @param target the entry of `effectTarget(entry)`, null when there is none or it is unknown
 */
export function refusal(state: RoomState | null, entry: Entry, target: TargetInfo | null): RefusalCode | null {
  if (entry.type === 'snapshot') return 'reserved';
  const creates = isKnown(entry) && entry.type === 'room' && entry.action === 'created';
  if (!state) return creates ? null : 'no-room';
  if (creates) return 'room-exists';

  const rank = rankOf(state, entry.author);
  if (isKnown(entry) && entry.type === 'membership') {
    switch (entry.action) {
      case 'joined':
        if (entry.invitedBy !== undefined) return 'reserved';
        if (rank > 0) return 'no-change';
        if (state.kind === 'public' || Object.hasOwn(state.invited, entry.author)) return null;
        return 'not-member';
      case 'left':
        return rank > 0 || Object.hasOwn(state.invited, entry.author) ? null : 'no-change';
      case 'invited':
        if (rank === 0) return 'not-member';
        if (rankOf(state, entry.user) > 0 || Object.hasOwn(state.invited, entry.user)) return 'no-change';
        return Object.keys(state.invited).length < INVITED_MAX ? null : 'too-large';
      case 'removed': {
        if (rank === 0) return 'not-member';
        const targetRank = rankOf(state, entry.user);
        if (targetRank === 0 && !Object.hasOwn(state.invited, entry.user)) return 'no-target';
        return rank >= RANK.moderator && rank > targetRank ? null : 'not-allowed';
      }
    }
  }
  if (rank === 0 && state.kind !== 'public') return 'not-member';
  if (isKnown(entry)) {
    if (entry.type === 'room') return rank >= RANK.moderator ? null : 'not-allowed';
    return null;
  }
  if (entry['target'] !== undefined && !target) return 'no-target';
  return null;
}

const rankOf = (state: RoomState, user: UserId): number => {
  const member = Object.hasOwn(state.members, user) ? state.members[user] : undefined;
  return member ? RANK[member.role] : 0;
};

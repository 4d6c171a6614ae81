// Entries that the server answers for: a `joined` of somebody with an invitation, a room that the host makes, or the end of
// one that an administrator wants. Nothing but what makes them pointless is asked. Pure.

import { isKnown, type Entry } from '#protocol/entry.ts';
import type { RoomId } from '#protocol/ids.ts';
import { mayMakeLink } from '#protocol/permissions.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { refusal, roleOf } from '#protocol/refusal.ts';
import { isAmongPeople, type RoomState } from '#protocol/room-state.ts';

export function vouchedRefusal(room: RoomId, state: RoomState | null, entry: Entry): RefusalCode | null {
  const known = isKnown(entry) ? entry : null;
  if (known?.type === 'room' && known.action === 'created') return refusal(room, state, known, null);
  if (!state) return 'no-room';
  if (state.deleted) return 'deleted';
  if (known?.type === 'room' && known.action === 'deleted') return null;
  if (isAmongPeople(state)) return 'not-allowed';
  if (Object.hasOwn(state.members, entry.author)) return 'no-change';
  if (Object.hasOwn(state.banned, entry.author)) return 'banned';
  if (known?.type === 'membership' && known.action === 'joined' && known.invitedBy !== undefined) {
    // Whoever made the link may have been removed since it was looked at.
    const { invitedBy, role = 'member' } = known;
    if (!mayMakeLink(state.kind, roleOf(state, invitedBy), role)) return 'not-allowed';
  }
  return null;
}

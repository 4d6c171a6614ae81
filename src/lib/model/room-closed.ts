// Why a room is closed to this person: by what this device has of it, or by the server's word, which only who could open
// the room once is given.

import type { RoomClosing } from '#protocol/api/room.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { RoomModel } from './room-model.ts';
import { m } from '../words/generated/messages.js';

/** A room that one was removed from is listed for what one wrote in vain; the device keeps nothing else of it here. */
export const closedRoomName = (): string => m.room_closed_name();

/**
 * @param told by the server
 * @param before what was known when the room was closed last: copies are dropped meanwhile
 */
export function closedBy(
  me: string,
  arrived: readonly OrderedEntry[],
  state: RoomState | null,
  told: RoomClosing | null,
  before: RoomModel['closed']
): NonNullable<RoomModel['closed']> {
  if (told) return told;
  // Who is removed is told so before the room closes, unless they are offline.
  const last = arrived.map(({ entry }) => endOf(entry, me)).findLast((end) => end !== null);
  const isMember = state !== null && Object.hasOwn(state.members, me);
  if (last && (last === 'deleted' || !isMember)) return last;
  return isMember ? 'not-any-more' : (before ?? 'not-here');
}

function endOf(entry: Entry, me: string): RoomClosing | 'not-any-more' | null {
  if (!isKnown(entry)) return null;
  if (entry.type === 'room') return entry.action === 'deleted' ? 'deleted' : null;
  if (entry.type !== 'membership') return null;
  if ((entry.action === 'removed' || entry.action === 'banned') && entry.user === me) return entry.action;
  return entry.action === 'left' && entry.author === me ? 'not-any-more' : null;
}

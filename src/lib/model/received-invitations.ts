// Rooms that a person is invited to, until they have said yes or no. Pure.

import type { RoomKind } from '#protocol/entry-fields.ts';
import { isKnown } from '#protocol/entry.ts';
import type { RoomRow } from '../storage/user-db.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { PersonView } from './person-view.ts';

export interface ReceivedInvitation {
  readonly id: string;
  readonly name: string;
  readonly kind: RoomKind;
  readonly avatar: string | null;
  readonly by: PersonView;
}

/** Whether the room is no room of this person's, only one that they may come to, or have just declined. */
export function isInvitation({ summary }: RoomRow, pending: readonly PendingEntry[]): boolean {
  return summary !== null && summary.role === null && summary.invitedBy !== null && answer(pending) !== 'joined';
}

/** Those not answered yet, newest first. */
export function openInvitations(
  rows: readonly RoomRow[],
  pendingOf: (room: string) => readonly PendingEntry[],
  person: (id: string) => PersonView
): readonly ReceivedInvitation[] {
  return rows
    .filter((row) => isInvitation(row, pendingOf(row.id)) && answer(pendingOf(row.id)) === null)
    .map(({ summary }) => summary!)
    .sort((a, b) => (b.last?.at ?? b.createdAt) - (a.last?.at ?? a.createdAt) || (a.id < b.id ? -1 : 1))
    .map(({ id, name, kind, avatar, invitedBy }) => ({ id, name, kind, avatar, by: person(invitedBy!) }));
}

/** What the person has said on this device, and the server does not know yet. */
function answer(pending: readonly PendingEntry[]): 'joined' | 'left' | null {
  let last: 'joined' | 'left' | null = null;
  for (const { entry, state } of pending) {
    if (state === 'failed' || !isKnown(entry) || entry.type !== 'membership') continue;
    if (entry.action === 'joined' || entry.action === 'left') last = entry.action;
  }
  return last;
}

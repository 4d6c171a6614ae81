// Rooms that a person is invited to, until they have said yes or no.

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

/** What the person has said on this device, and the server has not told the outcome of; null: nothing. */
export type InvitationAnswer = 'joined' | 'left' | null;

/** Invariant: an answer holds from the moment it is given until the server's next word on its room, which follows its arrival. */
export class InvitationAnswers {
  /** With what the server had said of the room while they waited, by room. */
  readonly #given = new Map<string, { readonly answer: InvitationAnswer; readonly summary: RoomRow['summary'] }>();

  of({ id, summary }: RoomRow, pending: readonly PendingEntry[]): InvitationAnswer {
    const waiting = answerIn(pending);
    if (waiting !== null) this.#given.set(id, { answer: waiting, summary });
    const given = this.#given.get(id);
    if (given && given.summary === summary && !pending.some(isInVain)) return given.answer;
    this.#given.delete(id);
    return null;
  }

  clear(): void {
    this.#given.clear();
  }
}

/** Whether the room is no room of this person's, only one that they may come to, or have just declined. */
export function isInvitation({ summary }: RoomRow, answer: InvitationAnswer): boolean {
  return summary !== null && summary.role === null && summary.invitedBy !== null && answer !== 'joined';
}

/** Those not answered yet, newest first. */
export function openInvitations(
  rows: readonly RoomRow[],
  answerTo: (row: RoomRow) => InvitationAnswer,
  person: (id: string) => PersonView
): readonly ReceivedInvitation[] {
  return rows
    .filter((row) => answerTo(row) === null && isInvitation(row, null))
    .map(({ summary }) => summary!)
    .sort((a, b) => (b.last?.at ?? b.createdAt) - (a.last?.at ?? a.createdAt) || (a.id < b.id ? -1 : 1))
    .map(({ id, name, kind, avatar, invitedBy }) => ({ id, name, kind, avatar, by: person(invitedBy!) }));
}

const isInVain = ({ entry, state }: PendingEntry): boolean => state === 'failed' && entry.type === 'membership';

/** What the server does not know yet. */
function answerIn(pending: readonly PendingEntry[]): InvitationAnswer {
  let last: InvitationAnswer = null;
  for (const { entry, state } of pending) {
    if (state === 'failed' || !isKnown(entry) || entry.type !== 'membership') continue;
    if (entry.action === 'joined' || entry.action === 'left') last = entry.action;
  }
  return last;
}

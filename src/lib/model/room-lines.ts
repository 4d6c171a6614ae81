// The list of rooms as the screens see it, out of what this device knows: the server's summaries, what waits to be sent,
// drafts. What could not be delivered is to be found, though its room is closed to its author by now.

import type { RoomRow } from '../storage/user-db.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { PersonView } from './person-view.ts';
import type { RoomListItem } from './room-list-item.ts';
import {
  isInvitation,
  openInvitations,
  type InvitationAnswers,
  type ReceivedInvitation
} from './received-invitations.ts';
import { RoomLine } from './room-line.ts';

export interface RoomLines {
  /** Newest activity first. */
  readonly rooms: readonly RoomListItem[];
  readonly invitations: readonly ReceivedInvitation[];
  /** Entries that will still be sent, and messages that failed. */
  readonly unsent: { readonly waiting: number; readonly failed: number };
}

export function roomLines(
  client: SyncClient,
  person: (id: string) => PersonView,
  plain: (body: string) => string,
  answers: InvitationAnswers
): RoomLines {
  const { list, outbox, me } = client;
  const closed = outbox.rooms().filter((room) => !list.get(room) && outbox.of(room).some(isFailedMessage));
  const rows = [...list.all(), ...closed.map(closedRoom)];
  const answerTo = (row: RoomRow) => answers.of(row, outbox.of(row.id));
  const unsent = outbox.rooms().flatMap((room) => outbox.of(room));
  return {
    rooms: rows
      .filter((row) => !isInvitation(row, answerTo(row)))
      .map(
        (row) =>
          new RoomLine({
            row,
            pending: outbox.of(row.id),
            unread: client.unread.of(row.id),
            marks: client.marks.of(row.id),
            draft: client.draft(row.id),
            me: me.id,
            person,
            plain
          })
      )
      .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1)),
    invitations: openInvitations(rows, answerTo, person),
    unsent: {
      waiting: unsent.filter(({ state }) => state !== 'failed').length,
      failed: unsent.filter(isFailedMessage).length
    }
  };
}

const isFailedMessage = ({ state, entry }: PendingEntry): boolean => state === 'failed' && entry.type === 'message';
const closedRoom = (id: string): RoomRow => ({ id, summary: null, head: null, fetched: null });

import { expect, test } from 'vitest';
import type { RoomSummary } from '#protocol/control.ts';
import type { Entry } from '#protocol/entry.ts';
import type { RoomRow } from '../storage/user-db.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import { People } from './people.svelte.ts';
import { isInvitation, openInvitations } from './received-invitations.ts';

const ANN = `u${'a'.repeat(22)}`;
const ME = `u${'b'.repeat(22)}`;
const ROOM = 'r'.repeat(22);

const row = (change: Partial<RoomSummary>): RoomRow => ({
  id: ROOM,
  head: null,
  fetched: null,
  summary: {
    ...{ id: ROOM, name: 'Committee', topic: '', kind: 'private', head: 0, n: 0, read: 0, unread: 0, members: 1 },
    ...{ role: null, invitedBy: ANN, people: [], avatar: null, slowSeconds: 0, replies: 0, last: null, createdAt: 1 },
    ...change
  }
});
const said = (action: 'joined' | 'left', state: PendingEntry['state'] = 'kept'): PendingEntry => {
  const entry: Entry = { id: `entry-${action}`, type: 'membership', action, author: ME, sentAt: 1 };
  return { room: ROOM, id: entry.id, entry, state, code: null, page: 0, tab: 't' };
};

test.each([
  ['nothing said yet', [], true, 1],
  ['accepted, not sent', [said('joined')], false, 0],
  ['declined, not sent', [said('left')], true, 0],
  ['declined in vain', [said('left', 'failed')], true, 1],
  ['accepted, then left again', [said('joined'), said('left')], true, 0]
])('[INVITED-2] %s', (_, pending, invitation, listed) => {
  const people = new People();
  expect(isInvitation(row({}), pending)).toBe(invitation);
  const open = openInvitations(
    [row({})],
    () => pending,
    (id) => people.person(id)
  );
  expect(open).toHaveLength(listed);
  if (listed > 0) expect(open[0]).toMatchObject({ id: ROOM, name: 'Committee', by: { id: ANN } });
});

test('[INVITED-2] a room that one is in, or only looks at, is no invitation', () => {
  expect(isInvitation(row({ role: 'member' }), [])).toBe(false);
  expect(isInvitation(row({ invitedBy: null }), [])).toBe(false);
  expect(isInvitation({ ...row({}), summary: null }, [])).toBe(false);
});

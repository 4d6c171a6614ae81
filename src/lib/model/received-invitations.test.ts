import { expect, test } from 'vitest';
import type { RoomSummary } from '#protocol/control.ts';
import type { Entry } from '#protocol/entry.ts';
import type { RoomRow } from '../storage/user-db.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import { People } from './people.svelte.ts';
import { InvitationAnswers, isInvitation, openInvitations } from './received-invitations.ts';

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
  const answer = new InvitationAnswers().of(row({}), pending);
  expect(isInvitation(row({}), answer)).toBe(invitation);
  const open = openInvitations(
    [row({})],
    () => answer,
    (id) => people.person(id)
  );
  expect(open).toHaveLength(listed);
  if (listed > 0) expect(open[0]).toMatchObject({ id: ROOM, name: 'Committee', by: { id: ANN } });
});

test('[INVITED-2] a room that one is in, or only looks at, is no invitation', () => {
  expect(isInvitation(row({ role: 'member' }), null)).toBe(false);
  expect(isInvitation(row({ invitedBy: null }), null)).toBe(false);
  expect(isInvitation({ ...row({}), summary: null }, null)).toBe(false);
});

test('[INVITED-2] an answer that has arrived holds until the server says what became of it; another invitation is a new one', () => {
  const answers = new InvitationAnswers();
  const invited = row({});
  expect(answers.of(invited, [said('left')])).toBe('left');
  // Its arrival takes it out of the outbox, and the list follows a moment later.
  expect(answers.of(invited, [])).toBe('left');
  expect(answers.of({ ...invited, fetched: '0/1/' }, [])).toBe('left');
  expect(answers.of(row({}), [])).toBeNull();
  expect(answers.of(invited, [said('joined')])).toBe('joined');
  expect(answers.of(invited, [said('joined', 'failed')])).toBeNull();
  expect(answers.of(invited, [])).toBeNull();
});

import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { fold } from '#protocol/fold.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { closedBy } from './room-closed.ts';

const ME = 'me';
const created: Entry = {
  id: 'created',
  type: 'room',
  action: 'created',
  name: 'Room',
  kind: 'private',
  author: 'ann',
  sentAt: 1
};
const state = (...joined: string[]): RoomState =>
  [created, ...joined.map((id) => membership('joined', id))].reduce<RoomState | null>(fold, null)!;
const membership = (action: string, author: string, user?: string): Entry => ({
  id: `${action} ${author}`,
  type: 'membership',
  action,
  author,
  sentAt: 1,
  ...(user && { user })
});
const arrived = (...entries: Entry[]) => entries.map((entry) => ({ entry, arrival: { id: entry.id, at: 1, n: 1 } }));

test('[E2E-16] who was told of being removed reads that; who was away only that they are not in it any more', () => {
  expect(closedBy(ME, arrived(membership('removed', 'ann', ME)), state(), null, null)).toBe('removed');
  expect(closedBy(ME, arrived(), state(ME), null, null)).toBe('not-any-more');
  expect(closedBy(ME, arrived(membership('left', ME)), state(), null, null)).toBe('not-any-more');
});

test('the removal of others, and one’s own before coming back, close nothing', () => {
  expect(closedBy(ME, arrived(membership('removed', 'ann', 'bo')), state(), null, null)).toBe('not-here');
  const back = arrived(membership('removed', 'ann', ME), membership('joined', ME));
  expect(closedBy(ME, back, state(ME), null, null)).toBe('not-any-more');
});

test('[ROOM-CLOSED-1] a ban and a deleted room read as such, seen happen or told by the server', () => {
  expect(closedBy(ME, arrived(membership('banned', 'ann', ME)), state(), null, null)).toBe('banned');
  const deleted: Entry = { id: 'deleted', type: 'room', action: 'deleted', author: 'ann', sentAt: 1 };
  expect(closedBy(ME, arrived(deleted), state(ME), null, null)).toBe('deleted');
  expect(closedBy(ME, arrived(), state(ME), 'banned', null)).toBe('banned');
  expect(closedBy(ME, arrived(membership('removed', 'ann', ME)), state(), 'deleted', 'removed')).toBe('deleted');
});

test('another try at the room forgets nothing, and strangers learn nothing', () => {
  expect(closedBy(ME, [], null, null, 'removed')).toBe('removed');
  expect(closedBy(ME, [], null, null, null)).toBe('not-here');
});

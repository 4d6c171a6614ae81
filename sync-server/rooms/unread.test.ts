import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { runs } from '../../tests/property-runs.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

type Step =
  | { readonly kind: 'message' | 'rename' | 'leave' | 'join'; readonly who: number }
  | { readonly kind: 'read'; readonly who: number; readonly share: number }
  | { readonly kind: 'restart' };

const who = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('message' as const), who }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), who, share: fc.nat(110) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('rename', 'leave', 'join'), who }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) }
);

/** What unread means, by counting: others' messages above the marker. */
class CountedRoom {
  readonly authors: UserId[] = [];
  readonly read = new Map<UserId, number>();

  say(author: UserId): void {
    this.authors.push(author);
    if (this.read.get(author) === this.authors.length - 1) this.read.set(author, this.authors.length);
  }

  unread(user: UserId): number {
    return this.authors.slice(this.read.get(user)).filter((author) => author !== user).length;
  }
}

async function take(setup: RoomsSetup, room: RoomId, model: CountedRoom, users: UserId[], next: Step): Promise<void> {
  if (next.kind === 'restart') return setup.restart();
  const user = users[next.who]!;
  const append = (content: { type: string }) => setup.rooms.append(setup.entry(user, content), room);
  const change = (content: { type: string; action: string }) => append(content);
  switch (next.kind) {
    case 'message':
      // In a public room people write without being members, and then have no marker.
      await append({ type: 'message', body: 'hello' } as { type: string });
      return model.say(user);
    case 'rename':
      await append({ type: 'room', action: 'renamed', name: 'Other' } as { type: string });
      return;
    case 'leave':
      if ((await change({ type: 'membership', action: 'left' })) === null) model.read.delete(user);
      return;
    case 'join':
      if ((await change({ type: 'membership', action: 'joined' })) === null) model.read.set(user, model.authors.length);
      return;
    case 'read': {
      const n = Math.floor((model.authors.length * next.share) / 100);
      const answer = await setup.rooms.markRead(user, room, n);
      const was = model.read.get(user);
      if (was === undefined) return;
      model.read.set(user, Math.max(was, Math.min(n, model.authors.length)));
      expect(answer).toEqual({ n: model.read.get(user), unread: model.unread(user) });
    }
  }
}

test("[ROOM-13] unread is exactly the count of others' messages above the marker, which only moves up", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      await using setup = await RoomsSetup.start();
      const users = [setup.user(), setup.user(), setup.user()];
      const room = await setup.room(users[0]!, 'public', ...users.slice(1));
      const model = new CountedRoom();
      for (const user of users) model.read.set(user, 0);
      for (const next of steps) {
        await take(setup, room, model, users, next);
        for (const user of users) {
          const summary = (await setup.rooms.summary(user, room))!;
          const isMember = model.read.has(user);
          expect(summary.n).toBe(model.authors.length);
          expect(summary.read).toBe(isMember ? model.read.get(user) : model.authors.length);
          expect(summary.unread).toBe(isMember ? model.unread(user) : 0);
          expect(summary.role === null).toBe(!isMember);
        }
      }
    }),
    runs(40)
  );
});

test('[ROOM-14] history from before one joined is not unread', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private');
  for (let index = 0; index < 5; index++) await setup.rooms.append(setup.message(ann), room);
  expect(await setup.rooms.joinByInvitation(room, bo, ann)).toBeNull();
  expect(await setup.rooms.joinByInvitation(room, bo, ann)).toBe('no-change');
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ n: 5, read: 5, unread: 0, role: 'member', members: 2 });
  await setup.rooms.append(setup.message(ann), room);
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ n: 6, read: 5, unread: 1 });
});

test('[ROOM-15] lists come from the projections: joined and public rooms, newest activity first, no room in memory', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const rooms: RoomId[] = [];
  for (const kind of ['public', 'private', 'public'] as const) {
    setup.timers.advance(1_000);
    rooms.push(await setup.room(ann, kind));
  }
  setup.timers.advance(1_000);
  await setup.rooms.joinByInvitation(rooms[1]!, bo, ann);
  setup.timers.advance(1_000);
  await setup.rooms.append(setup.message(ann, 'x'.repeat(200)), rooms[0]!);
  await setup.restart();
  const [first, second, third] = rooms as [RoomId, RoomId, RoomId];
  expect((await setup.rooms.joined(ann)).map(({ id }) => id)).toEqual([first, second, third]);
  expect((await setup.rooms.joined(bo)).map(({ id }) => id)).toEqual([second]);
  const open = await setup.rooms.publicRooms(bo);
  expect(open.map(({ id, role }) => ({ id, role }))).toEqual([
    { id: first, role: null },
    { id: third, role: null }
  ]);
  expect(open[0]!.last?.body).toBe('x'.repeat(140));
  expect(await setup.rooms.findByName('Hallway')).toHaveLength(3);
  expect(await setup.rooms.findByName('Cellar')).toBeNull();
  expect(setup.rooms.liveCount).toBe(0);
});

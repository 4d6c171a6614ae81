import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { directRoomId } from '#protocol/direct-room.ts';
import { newRoomId } from '#protocol/ids.ts';
import { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

test('[PAIR-1] both make their direct room offline and at once: one room, and all that either wrote', async () => {
  await using setup = await RoomsSetup.start();
  const people = [setup.user(), setup.user()].sort() as [string, string];
  const room = directRoomId(...people);
  const clients = people.map((user) => new DocClient(user, { room, page: 0 }));
  const messages = people.map((user) => setup.message(user, `from ${user}`));
  for (const [at, client] of clients.entries()) {
    client.append(setup.entry(people[at]!, { type: 'room', action: 'created', kind: 'direct', people }), messages[at]!);
  }
  expect(await Promise.all(clients.map((client) => client.connect(setup.rooms, { create: true })))).toEqual([
    null,
    null
  ]);
  const ids = messages.map(({ id }) => id);
  await Promise.all(clients.map((client) => client.untilArrived(...ids)));
  expect(clients.flatMap(({ refusals }) => refusals.map(({ code }) => code))).toEqual(['no-change']);
  const [one, other] = clients.map(({ view }) => view);
  expect(one).toEqual(other);
  expect(one!.arrived).toHaveLength(3);
  expect(one!.pending).toEqual([]);
  for (const user of people) {
    expect(await setup.rooms.joined(user)).toMatchObject([{ id: room, kind: 'direct', people, role: 'member' }]);
  }
});

test('[PAIR-2] a third person cannot take the place of a direct room, and ends nobody else by trying', async () => {
  await using setup = await RoomsSetup.start();
  const people = [setup.user(), setup.user()].sort() as [string, string];
  const mallory = setup.user();
  const room = directRoomId(...people);
  const waiting = await setup.client(people[0], room, 0, { create: true });
  for (const forged of [
    setup.entry(mallory, { type: 'room', action: 'created', kind: 'direct', people }),
    setup.entry(mallory, { type: 'room', action: 'created', kind: 'direct', people: [mallory, people[0]].sort() }),
    setup.created(mallory, 'public'),
    setup.entry(people[0], { type: 'room', action: 'created', kind: 'direct', people })
  ]) {
    const attacker = await setup.client(mallory, room, 0, { create: true });
    attacker.append(forged);
    await attacker.until(() => attacker.closedWith !== null);
    expect(attacker.closedWith).toBe(CLOSE.forbidden);
    expect(attacker.refusals).toHaveLength(1);
    // A close that asks to come again, not a final one.
    await waiting.until(() => waiting.closedWith !== null);
    expect(waiting.closedWith).toBe(CLOSE.rateLimited);
    expect(await waiting.connect(setup.rooms, { create: true })).toBeNull();
  }
  const created = setup.entry(people[0], { type: 'room', action: 'created', kind: 'direct', people });
  waiting.append(created);
  await waiting.untilArrived(created.id);
  expect(await new DocClient(mallory, { room, page: 0 }).connect(setup.rooms, { create: true })).toBe(CLOSE.forbidden);
});

test('[CREATE-1] rooms that may not be made, or not now, are refused by the policy, and the same entry is taken later', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const asked: unknown[] = [];
  let answer: 'not-allowed' | 'slow' | null = 'not-allowed';
  setup.policy = { ...setup.policy, admitsRoom: (...what) => (asked.push(what), answer) };
  const room = newRoomId();
  const client = new DocClient(ann, { room, page: 0 });
  const created = setup.created(ann, 'private');
  client.append(created);
  await client.connect(setup.rooms, { create: true });
  await client.until(() => client.closedWith !== null);
  expect([client.closedWith, client.refusals]).toEqual([CLOSE.forbidden, [{ id: created.id, code: 'not-allowed' }]]);
  expect(asked).toEqual([['private', ann, ann]]);

  answer = 'slow';
  const again = new DocClient(ann, { room, page: 0 }, new Y.Doc());
  again.append(created);
  await again.connect(setup.rooms, { create: true });
  await again.until(() => again.closedWith !== null);
  expect([again.closedWith, again.refusals]).toEqual([CLOSE.rateLimited, [{ id: created.id, code: 'slow' }]]);

  answer = null;
  const later = new DocClient(ann, { room, page: 0 }, new Y.Doc());
  later.append(created);
  await later.connect(setup.rooms, { create: true });
  await later.untilArrived(created.id);
  // Refused by the room itself, it counts for nobody.
  asked.length = 0;
  expect(await setup.rooms.append(setup.created(bo, 'public'), room)).toBe('room-exists');
  expect(asked).toEqual([]);
});

import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { newRoomId } from '#protocol/ids.ts';
import { PAGE_MAX_CLIENT_IDS } from '#protocol/limits.ts';
import { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

test('[ROOM-7] a state vector larger than any page has is malformed, before it is read', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const closes: number[] = [];
  const reader = {
    user: ann,
    send: () => undefined,
    kind: 'token' as const,
    refused: () => undefined,
    close: (code: number) => void closes.push(code)
  };
  const vectorOf = (ids: number) =>
    Y.encodeStateVector(new Map(Array.from({ length: ids }, (_, at) => [at * 2 ** 20, 1])));
  const open = { room, page: 0, clientId: null, create: false };
  const small = await setup.rooms.attach(open, reader);
  if (small.ok) small.attachment.syncStep1(vectorOf(2 * PAGE_MAX_CLIENT_IDS));
  expect(closes).toEqual([]);
  const large = await setup.rooms.attach(open, reader);
  if (large.ok) large.attachment.syncStep1(vectorOf(100_000));
  expect(closes).toEqual([CLOSE.malformed]);
});

test('[ROOM-1] a room that the server has never seen is made by its first entry, and by nothing else', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = newRoomId();
  expect(await new DocClient(ann, { room, page: 0 }).connect(setup.rooms)).toBe(CLOSE.forbidden);
  expect(await new DocClient(ann, { room, page: 1 }).connect(setup.rooms, { create: true })).toBe(CLOSE.forbidden);

  const lost = await setup.client(ann, room, 0, { create: true });
  const early = setup.message(ann);
  lost.append(early);
  await lost.until(() => lost.closedWith !== null);
  expect(lost.closedWith).toBe(CLOSE.forbidden);
  expect(lost.refusals).toEqual([{ id: early.id, code: 'no-room' }]);
  expect(setup.disk.entries.filter(([key]) => key.includes(room))).toEqual([]);

  const maker = await setup.client(ann, room, 0, { create: true });
  const created = setup.created(ann, 'private', 'Attic');
  const message = setup.message(ann);
  maker.append(created, message);
  await maker.untilArrived(created.id, message.id);
  expect(await setup.rooms.summary(ann, room)).toMatchObject({
    ...{ id: room, name: 'Attic', kind: 'private', head: 0, n: 1, read: 1, unread: 0, members: 1, role: 'owner' },
    last: { id: message.id, type: 'message', body: 'hello' }
  });
});

test('[ROOM-2] an absent room and one closed to a person look alike', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private');
  for (const create of [true, false]) {
    expect(await new DocClient(bo, { room, page: 0 }).connect(setup.rooms, { create })).toBe(CLOSE.forbidden);
  }
  expect(await new DocClient(ann, { room, page: 1 }).connect(setup.rooms)).toBe(CLOSE.forbidden);
  for (const id of [room, newRoomId(), 'no room id']) {
    expect(await setup.rooms.summary(bo, id)).toBeNull();
    expect(await setup.rooms.members(bo, id)).toBeNull();
    expect(await setup.rooms.markRead(bo, id, 1)).toBeNull();
    expect(await setup.rooms.sealedPage(bo, { room: id, page: 0 })).toBeNull();
  }
});

test('[ROOM-3] who waits on a room that somebody else makes private is shut out before a word of it', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = newRoomId();
  const maker = await setup.client(ann, room, 0, { create: true });
  const lurker = await setup.client(bo, room, 0, { create: true });
  const created = setup.created(ann, 'private');
  maker.append(created);
  await maker.untilArrived(created.id);
  await lurker.until(() => lurker.closedWith !== null);
  expect(lurker.closedWith).toBe(CLOSE.forbidden);
  expect(lurker.doc.getArray('messages').length).toBe(0);
});

test('[ROOM-4] the channels of a removed member end after the frame that says so', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  const gone: string[] = [];
  setup.rooms.subscribe({
    changed: () => undefined,
    gone: (user) => gone.push(user),
    read: () => undefined,
    receipt: () => undefined,
    pageChanged: () => undefined
  });
  const [owner, member] = [await setup.client(ann, room), await setup.client(bo, room)];
  const removed = setup.entry(ann, { type: 'membership', action: 'removed', user: bo });
  owner.append(removed);
  await member.until(() => member.closedWith !== null);
  expect(member.closedWith).toBe(CLOSE.forbidden);
  expect(member.arrivedIds).toContain(removed.id);
  expect(gone).toEqual([bo]);
  expect(await setup.rooms.joined(bo)).toEqual([]);
  expect(await setup.rooms.summary(bo, room)).toBeNull();
  const after = setup.message(ann, 'between us');
  owner.append(after);
  await owner.untilArrived(after.id);
  expect(member.arrivedIds).not.toContain(after.id);
});

test('[ROOM-5] refused entries become tombstones for sender, others and stock clients alike', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo, cy] = [setup.user(), setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo, cy);
  const sender = await setup.client(bo, room);
  const other = await setup.client(ann, room);
  const stock = await setup.client(cy, room, 0, { stock: true });
  const good = [0, 1, 2].map((index) => setup.message(bo, `${index}`));
  const bad = [
    setup.entry(bo, { type: 'room', action: 'renamed', name: 'Mine' }),
    setup.entry(bo, { type: 'membership', action: 'joined' }),
    { ...setup.message(bo), author: ann }
  ];
  // Packed into one item each, and one built on the other.
  sender.append(good[0]!, bad[0]!, good[1]!);
  sender.append(bad[1]!, bad[2]!, good[2]!);
  const ids = good.map(({ id }) => id);
  await Promise.all([sender, other, stock].map((client) => client.untilArrived(...ids)));
  expect(sender.refusals).toEqual([
    { id: bad[0]!.id, code: 'not-allowed' },
    { id: bad[1]!.id, code: 'no-change' },
    { id: bad[2]!.id, code: 'author' }
  ]);
  expect([...other.refusals, ...stock.refusals]).toEqual([]);
  const fresh = await setup.client(ann, room);
  await fresh.untilArrived(...ids);
  for (const client of [sender, other, stock, fresh]) {
    expect(client.doc.getArray('messages').toJSON()).toEqual(sender.doc.getArray('messages').toJSON());
    expect(client.arrivedIds.slice(3)).toEqual(ids);
    expect(client.view.pending).toEqual([]);
    expect(Y.encodeStateVector(client.doc)).toEqual(Y.encodeStateVector(sender.doc));
  }
});

test('[ROOM-6] somebody who sends what builds on something unknown is asked for it, once a second at most', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const client = await setup.client(ann, room);
  await client.until(() => client.frames.length > 0 && client.asked === 1);
  // Written while the channel was away, so that the next updates stand on what the server never saw.
  client.disconnect();
  const unseen = setup.message(ann, 'unseen');
  client.append(unseen);
  let asked = 0;
  const attached = await setup.rooms.attach(
    { room, page: 0, clientId: null, create: false },
    { user: ann, send: () => asked++, kind: 'token' as const, refused: () => undefined, close: () => undefined }
  );
  if (!attached.ok) throw new Error('closed');
  for (let index = 0; index < 5; index++) {
    let update = new Uint8Array();
    client.doc.once('update', (bytes: Uint8Array) => (update = new Uint8Array(bytes)));
    client.append(setup.message(ann, `${index}`));
    attached.attachment.receive(update);
    await setup.rooms.headEntries(room);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
  }
  expect(asked, 'once as it came').toBe(1);
  setup.timers.advance(1_000);
  expect(asked).toBe(2);
  setup.timers.advance(10_000);
  expect(asked).toBe(2);
  attached.attachment.detach();
  await client.connect(setup.rooms);
  await client.untilArrived(unseen.id);
  expect(client.view.arrived).toHaveLength(1 + 1 + 5);
});

test('[ROOM-7] malformed bytes and ids of others end the channel alone', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const [honest, other] = [await setup.client(ann, room), await setup.client(bo, room)];
  const thief = new DocClient(bo, { room, page: 0 });
  thief.doc.clientID = honest.doc.clientID;
  expect(await thief.connect(setup.rooms)).toBe(CLOSE.clientIdTaken);

  const codes: number[] = [];
  const attach = async () => {
    const reader = {
      user: bo,
      send: () => undefined,
      kind: 'token' as const,
      refused: () => undefined,
      close: (code: number) => codes.push(code)
    };
    const attached = await setup.rooms.attach({ room, page: 0, clientId: null, create: false }, reader);
    if (!attached.ok) throw new Error('closed');
    return attached.attachment;
  };
  (await attach()).syncStep1(Uint8Array.of(9, 9));
  (await attach()).receive(Uint8Array.of(1, 2, 3));
  (await attach()).bind!(honest.doc.clientID);
  const message = setup.message(ann);
  honest.append(message);
  await other.untilArrived(message.id);
  expect(codes.sort()).toEqual([CLOSE.malformed, CLOSE.malformed, CLOSE.clientIdTaken]);
  expect([honest.closedWith, other.closedWith]).toEqual([null, null]);
});

test('[ROOM-8] a room without readers leaves memory after a minute, and comes back as it was', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const client = await setup.client(ann, room);
  const message = setup.message(ann);
  client.append(message);
  await client.untilArrived(message.id);
  setup.timers.advance(120_000);
  expect(setup.rooms.liveCount).toBe(1);
  client.disconnect();
  await nextTurn();
  setup.timers.advance(59_000);
  expect(setup.rooms.liveCount).toBe(1);
  setup.timers.advance(2_000);
  expect(setup.rooms.liveCount).toBe(0);
  expect(await setup.rooms.summary(ann, room)).toMatchObject({ n: 1, read: 1 });
  expect(setup.rooms.liveCount).toBe(0);
  const again = setup.message(ann, 'again');
  client.append(again);
  await client.connect(setup.rooms);
  await client.untilArrived(message.id, again.id);
});

test('[ROOM-9] stopping commits what came in, then closes every reader', async () => {
  const setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const client = await setup.client(ann, room);
  await client.until(() => client.frames.length > 0);
  const message = setup.message(ann);
  client.append(message);
  await setup.rooms.close();
  expect(client.closedWith).toBe(CLOSE.stopping);
  expect(client.arrivedIds).toContain(message.id);
  await setup.store.close();
  const next = await RoomsSetup.start(setup.disk);
  expect((await next.rooms.headEntries(room)).map(({ entry }) => entry.id)).toContain(message.id);
  await next[Symbol.asyncDispose]();
});

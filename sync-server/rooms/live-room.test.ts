import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

test('[COMMIT-1] nothing is sent while the batch is on its way to disk', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const sender = await setup.client(ann, room);
  const other = await setup.client(bo, room);
  await other.until(() => other.frames.length > 0);
  const framesBefore = [sender.frames.length, other.frames.length];
  const batchesBefore = setup.disk.batches.length;

  const release = setup.disk.hold();
  const message = setup.message(ann);
  sender.append(message);
  while (setup.disk.batches.length === batchesBefore) await nextTurn();
  // The batch waits; somebody who joins now gets what is on disk, and no more.
  const late = await setup.client(bo, room);
  await late.until(() => late.frames.length === 1);
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  expect([sender.frames.length, other.frames.length]).toEqual(framesBefore);
  expect(late.view.arrived.map(({ entry }) => entry.type)).toEqual(['room', 'membership']);
  expect(late.view.pending).toEqual([]);
  expect(setup.disk.batches.at(-1)?.sync).toBe(true);

  release();
  await Promise.all([sender, other, late].map((client) => client.untilArrived(message.id)));
});

test('[COMMIT-2] one frame per page carries all that one commit took in, messages and arrivals, to sender and others alike', async () => {
  // A processor that is busy with other things would end a slice among the messages.
  using _instant = vi.spyOn(performance, 'now').mockReturnValue(0);
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const clients = [await setup.client(ann, room), await setup.client(bo, room)] as const;
  await Promise.all(clients.map((client) => client.until(() => client.frames.length > 0)));
  const before = clients.map(({ frames }) => frames.length);
  const batchesBefore = setup.disk.batches.length;

  const messages = [0, 1, 2, 3].map((index) => setup.message(index % 2 ? ann : bo, `${index}`));
  for (const [index, message] of messages.entries()) clients[index % 2 ? 0 : 1].append(message);
  const ids = messages.map(({ id }) => id);
  await Promise.all(clients.map((client) => client.untilArrived(...ids)));

  expect(clients.map(({ frames }, index) => frames.length - before[index]!)).toEqual([1, 1]);
  expect(clients[0].messages.at(-1)).toBe(clients[1].messages.at(-1));
  expect(setup.disk.batches.length - batchesBefore).toBe(1);
  expect(clients[0].arrivedIds.slice(-4)).toEqual(ids);
});

test.each([{ applied: false }, { applied: true }])(
  '[COMMIT-3] a failed write ($applied) acknowledges nothing; the entry ends exactly once after the reload',
  async ({ applied }) => {
    await using setup = await RoomsSetup.start();
    const [ann, bo] = [setup.user(), setup.user()];
    const room = await setup.room(ann, 'public', bo);
    const sender = await setup.client(ann, room);
    const other = await setup.client(bo, room);
    const kept = setup.message(ann, 'before');
    sender.append(kept);
    await Promise.all([sender.untilArrived(kept.id), other.untilArrived(kept.id)]);

    const reopened = new Promise<void>((resolve) => setup.store.onReopened(resolve));
    setup.disk.failNextBatch({ applied });
    const doubtful = setup.message(ann, 'doubtful');
    sender.append(doubtful);
    await Promise.all([sender, other].map((client) => client.until(() => client.closedWith !== null)));
    expect([sender.closedWith, other.closedWith]).toEqual([CLOSE.storage, CLOSE.storage]);
    expect(sender.view.pending.map(({ entry }) => entry.id)).toEqual([doubtful.id]);
    expect(other.arrivedIds).not.toContain(doubtful.id);
    expect(setup.rooms.healthy()).toBe(false);
    expect(await new DocClient(ann, { room, page: 0 }).connect(setup.rooms)).toBe(CLOSE.storage);
    await expect(setup.rooms.append(setup.message(ann), room)).rejects.toThrow();

    await reopened;
    expect(setup.rooms.healthy()).toBe(true);
    await other.connect(setup.rooms);
    await other.until(() => other.asked === 2);
    expect(other.arrivedIds.includes(doubtful.id)).toBe(applied);
    await sender.connect(setup.rooms);
    await Promise.all([sender, other].map((client) => client.untilArrived(doubtful.id)));
    for (const client of [sender, other]) {
      expect(client.arrivedIds.filter((id) => id === doubtful.id)).toHaveLength(1);
      expect(client.arrivedIds).toEqual(sender.arrivedIds);
      expect(client.view.pending).toEqual([]);
    }
    expect(Y.encodeStateVector(sender.doc)).toEqual(Y.encodeStateVector(other.doc));
    expect((await setup.rooms.headEntries(room)).map(({ entry }) => entry.id)).toEqual(sender.arrivedIds);
  }
);

test('[COMMIT-4] a process that dies after any batch loses nothing that arrived and doubles nothing', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const client = new DocClient(ann, { room, page: 0 });
  const sent: string[] = [];
  for (let round = 0; round < 12; round++) {
    await client.connect(setup.rooms);
    const message = setup.message(ann, `round ${round}`);
    client.append(message);
    sent.push(message.id);
    // At odd rounds it dies before its word comes back.
    if (round % 2 === 0) await client.untilArrived(message.id);
    else for (let turn = 0; turn < round; turn++) await nextTurn();
    client.disconnect();
    await setup.crash();
  }
  await client.connect(setup.rooms);
  await client.untilArrived(...sent);
  expect(client.arrivedIds.slice(1)).toEqual(sent);
  const fresh = await setup.client(ann, room);
  await fresh.untilArrived(...sent);
  expect(fresh.arrivedIds).toEqual(client.arrivedIds);
  expect(fresh.view.arrived.map(({ arrival }) => arrival!.n)).toEqual([0, ...sent.map((_, index) => index + 1)]);
});

test('[COMMIT-6] a failed write closes the readers of every room, and what a room cannot read those of that room', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const [room, other] = [await setup.room(ann, 'public'), await setup.room(ann, 'public')];
  const [client, elsewhere] = [await setup.client(ann, room), await setup.client(ann, other)];
  const reopened = new Promise<void>((resolve) => setup.store.onReopened(resolve));
  setup.disk.failNextBatch({ applied: false });
  const message = setup.message(ann);
  client.append(message);
  await Promise.all([client, elsewhere].map((one) => one.until(() => one.closedWith !== null)));
  expect([client.closedWith, elsewhere.closedWith]).toEqual([CLOSE.storage, CLOSE.storage]);

  await reopened;
  await Promise.all([client.connect(setup.rooms), elsewhere.connect(setup.rooms)]);
  await client.untilArrived(message.id);
  setup.disk.corrupt(`id/${room}/${message.id}`);
  client.append(message);
  await client.until(() => client.closedWith !== null);
  expect(client.closedWith).toBe(CLOSE.storage);
  expect(setup.errors.at(-1)).toMatchObject({ code: 'corrupt' });
  expect([elsewhere.closedWith, setup.rooms.healthy()]).toEqual([null, true]);
});

test('[COMMIT-7] few readers get each commit at once, many get one in 10 ms at most, also when the clock is set back', async () => {
  // A processor that is busy with other things would end a slice between the two messages.
  using _instant = vi.spyOn(performance, 'now').mockReturnValue(0);
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const sender = await setup.client(ann, room);
  const say = () => {
    const message = setup.message(ann);
    sender.append(message);
    return message.id;
  };
  await sender.untilArrived(say());
  await sender.untilArrived(say());

  const reader = {
    user: ann,
    send: () => undefined,
    kind: 'token' as const,
    refused: () => undefined,
    close: () => undefined
  };
  for (let index = 0; index < 200; index++) {
    await setup.rooms.attach({ room, page: 0, clientId: null, create: false }, reader);
  }
  setup.timers.advance(10);
  await sender.untilArrived(say());
  for (const clockMs of [0, -3_600_000]) {
    setup.timers.advance(clockMs);
    const ids = [say(), say()];
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    const batches = setup.disk.batches.length;
    expect(sender.view.pending).toHaveLength(2);
    setup.timers.advance(10);
    await sender.untilArrived(...ids);
    expect(setup.disk.batches.length - batches).toBe(1);
  }
});

test('[COMMIT-7] read markers wait for no commit and hold none up', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const sender = await setup.client(ann, room);
  const reader = {
    user: ann,
    send: () => undefined,
    kind: 'token' as const,
    refused: () => undefined,
    close: () => undefined
  };
  for (let index = 0; index < 200; index++) {
    await setup.rooms.attach({ room, page: 0, clientId: null, create: false }, reader);
  }
  setup.timers.advance(10);
  const [before, after] = [setup.message(ann), setup.message(ann)];
  sender.append(before);
  const reads = Array.from({ length: 50 }, (_, n) => setup.rooms.markRead(ann, room, n));
  sender.append(after);
  await Promise.all(reads);
  setup.timers.advance(10);
  await sender.untilArrived(before.id, after.id);
});

test('[COMMIT-8] what takes long goes into several commits, and its sender is told how long it took', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const spent = { ms: 0 };
  const reader = {
    user: ann,
    send: () => undefined,
    kind: 'token' as const,
    refused: () => undefined,
    close: () => undefined,
    spent: (ms: number) => void (spent.ms += ms)
  };
  const attached = await setup.rooms.attach({ room, page: 0, clientId: null, create: false }, reader);
  if (!attached.ok) throw new Error(`closed with ${attached.close}`);
  const { attachment } = attached;
  const doc = new Y.Doc();
  doc.on('update', (update: Uint8Array) => attachment.receive(update));
  const before = setup.disk.batches.length;
  // Elements that are no entries: cheap to send, and each one is looked at.
  for (let at = 0; at < 20; at++) doc.getArray('messages').push(Array<null>(20_000).fill(null));
  const last = setup.rooms.append(setup.message(ann), room);
  // Whoever comes later does not wait until all of it is done.
  await setup.rooms.append(setup.message(setup.user()), room);
  const spentFirst = spent.ms;
  await last;
  expect(setup.disk.batches.length - before).toBeGreaterThan(1);
  expect(spent.ms).toBeGreaterThan(40);
  expect(spentFirst).toBeLessThan(spent.ms);
});

// What disappears on a device, at its time and without the server's doing.

import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { openDB } from 'idb';
import { eventually } from '../../../tests/eventually.ts';
import { pageDbName } from '../storage/user-db.ts';
import { isDisappeared } from './erased-entry.ts';
import { PageDocument } from './page-document.ts';
import { FAKE_USER, FakeServer } from './testing/fake-server.ts';
import { arrived, entry, freshDevice, PAGE, ROOM, setupRoom, startClient, summary } from './testing/synced-room.ts';

test('[GONE-10] an open room lets go of a message at its time, in memory and on the disk, and keeps its place', async () => {
  const { server, client, replica } = await setupRoom();
  const page = server.page(PAGE);
  const until = Date.now() + 300;
  page.doc.transact(() => {
    page.doc.getArray(MESSAGES_ROOT).push([entry(1), { ...entry(2), body: 'canary' }, entry(3)]);
    page.doc.getArray(ARRIVALS_ROOT).push([
      { id: entry(1).id, at: 1, n: 1 },
      { id: entry(2).id, at: 2, n: 2, until },
      { id: entry(3).id, at: 3, n: 3 }
    ]);
  });
  await eventually(() => expect(arrived(replica)).toEqual([1, 2, 3].map((number) => entry(number).id)));
  // Seen as soon as it is so, and then it is time, however slow the machine.
  await eventually(() => expect(isDisappeared(replica.head.arrived[1]!.entry)).toBe(true));
  expect(Date.now()).toBeGreaterThanOrEqual(until);
  expect(replica.head.arrived[1]!.arrival).toMatchObject({ n: 2 });
  await eventually(async () => expect(await onDisk(pageDbName(client.db.name, ROOM, 0))).not.toContain('canary'));
});

test('[GONE-12] what falls due while the room is not open leaves the disk at its time, or once the server says that it has come', async () => {
  const { server, prefix, client, replica } = await setupRoom();
  const page = server.page(PAGE);
  const until = Date.now() + 600_000;
  page.doc.transact(() => {
    page.doc.getArray(MESSAGES_ROOT).push([{ ...entry(1), body: 'canary' }]);
    page.doc.getArray(ARRIVALS_ROOT).push([{ id: entry(1).id, at: 1, n: 1, until }]);
  });
  await eventually(() => expect(arrived(replica)).toEqual([entry(1).id]));
  await replica.head.persisted();
  const database = pageDbName(client.db.name, ROOM, 0);
  server.reachable = false;
  await client.close();
  expect(await onDisk(database)).toContain('canary');
  const later = () => Date.now() + 1_200_000;
  server.serverTimeMs = later;
  server.rooms = [];
  const again = await startClient(server, prefix, {}, later);
  again.start();
  expect(await onDisk(database)).toContain('canary');
  server.reachable = true;
  again.mux.wake();
  await eventually(async () => expect(await onDisk(database)).not.toContain('canary'));
});

test('[GONE-11] a device whose clock is ahead goes by the server’s as it last knew it, after a restart with no line too', async () => {
  const DAY_MS = 86_400_000;
  const wrong = () => Date.now() + DAY_MS;
  const server = new FakeServer();
  const until = Date.now() + 60_000;
  const last = { id: entry(1).id, author: FAKE_USER, type: 'message', body: 'canary', at: 1, until } as const;
  server.rooms = [{ ...summary, n: 1, last }];
  const prefix = freshDevice();
  const client = await startClient(server, prefix, {}, wrong);
  client.start();
  const { replica } = client.open(ROOM);
  await eventually(() => expect(replica.head.synced).toBe(true));
  server.page(PAGE).doc.transact(() => {
    server
      .page(PAGE)
      .doc.getArray(MESSAGES_ROOT)
      .push([{ ...entry(1), body: 'canary' }]);
    server
      .page(PAGE)
      .doc.getArray(ARRIVALS_ROOT)
      .push([{ id: entry(1).id, at: 1, n: 1, until }]);
  });
  await eventually(() => expect(arrived(replica)).toEqual([entry(1).id]));
  await replica.head.persisted();
  server.reachable = false;
  await client.close();

  const again = await startClient(server, prefix, {}, wrong);
  expect(await onDisk(pageDbName(again.db.name, ROOM, 0))).toContain('canary');
  expect(again.list.summary(ROOM)?.last).toEqual(last);
  const { replica: kept } = again.open(ROOM);
  await eventually(() => expect(arrived(kept)).toEqual([entry(1).id]));
  expect(isDisappeared(kept.head.arrived[0]!.entry)).toBe(false);
});

test('[GONE-17] a clock put ahead since the server was heard hides and deletes nothing: it is there again by the right clock', async () => {
  const DAY_MS = 86_400_000;
  let aheadMs = 0;
  const clock = () => Date.now() + aheadMs;
  const server = new FakeServer();
  const until = Date.now() + 3_600_000;
  const last = { id: entry(1).id, author: FAKE_USER, type: 'message', body: 'canary', at: 1, until } as const;
  server.rooms = [{ ...summary, n: 1, last }];
  const { doc } = server.page(PAGE);
  doc.getArray(MESSAGES_ROOT).push([{ ...entry(1), body: 'canary' }]);
  doc.getArray(ARRIVALS_ROOT).push([{ id: entry(1).id, at: 1, n: 1, until }]);
  const prefix = freshDevice();
  const client = await startClient(server, prefix, {}, clock);
  const file = { hash: 'h'.repeat(42) + 'A', bytes: new Blob(['plan']) };
  await client.blobs.put([file], [{ room: ROOM, entry: entry(1).id, hash: file.hash }]);
  client.start();
  await eventually(() => expect(client.list.get(ROOM)?.fetched).toBe('0/1/entry-001'));
  server.reachable = false;
  await client.close();

  aheadMs = DAY_MS;
  const wrong = await startClient(server, prefix, {}, clock);
  const { replica } = wrong.open(ROOM);
  await eventually(() => expect(arrived(replica)).toHaveLength(1));
  expect(isDisappeared(replica.head.arrived[0]!.entry)).toBe(true);
  expect(wrong.list.summary(ROOM)?.last?.body).toBe('');
  await replica.head.persisted();
  expect(await onDisk(pageDbName(wrong.db.name, ROOM, 0))).toContain('canary');
  expect(await wrong.blobs.has([file.hash])).toBe(true);
  await wrong.close();

  aheadMs = 0;
  const right = await startClient(server, prefix, {}, clock);
  const shown = right.open(ROOM).replica;
  await eventually(() => expect(arrived(shown)).toHaveLength(1));
  expect(isDisappeared(shown.head.arrived[0]!.entry)).toBe(false);
  expect(right.list.summary(ROOM)?.last?.body).toBe('canary');
  await right.close();

  // The server's word puts it right while the room is open.
  aheadMs = DAY_MS;
  const again = await startClient(server, prefix, {}, clock);
  again.start();
  const open = again.open(ROOM).replica;
  await eventually(() => expect(arrived(open)).toHaveLength(1));
  expect(isDisappeared(open.head.arrived[0]!.entry)).toBe(true);
  server.reachable = true;
  again.mux.wake();
  await eventually(() => expect(isDisappeared(open.head.arrived[0]!.entry)).toBe(false));
  expect(again.list.summary(ROOM)?.last?.body).toBe('canary');
});

test('[GONE-13] a copy that took something out at its time goes on with the server as any other', () => {
  const [ours, servers] = [new Y.Doc(), new Y.Doc()];
  servers.getArray(MESSAGES_ROOT).push([entry(1), entry(2)]);
  servers
    .getArray(ARRIVALS_ROOT)
    .push([1, 2].map((n) => ({ id: entry(n).id, at: n, n, ...(n === 1 && { until: 10 }) })));
  let [nowMs, provenMs] = [5, 5];
  const document = new PageDocument(ours, () => undefined, { now: () => nowMs, proven: () => provenMs });
  Y.applyUpdate(ours, Y.encodeStateAsUpdate(servers));
  expect(document.nextUntil).toBe(10);
  document.expire();
  expect(isDisappeared(document.arrived[0]!.entry)).toBe(false);
  nowMs = 10;
  document.expire();
  expect([isDisappeared(document.arrived[0]!.entry), document.nextUntil, document.nextDrop]).toEqual([
    true,
    Infinity,
    10
  ]);
  provenMs = 10;
  document.expire();
  expect([isDisappeared(document.arrived[0]!.entry), document.nextUntil, document.nextDrop]).toEqual([
    true,
    Infinity,
    Infinity
  ]);
  // The server erases it later, and goes on.
  servers.getArray(MESSAGES_ROOT).delete(0, 1);
  servers.getArray(MESSAGES_ROOT).push([entry(3)]);
  servers.getArray(ARRIVALS_ROOT).push([{ id: entry(3).id, at: 3, n: 3 }]);
  Y.applyUpdate(ours, Y.encodeStateAsUpdate(servers, Y.encodeStateVector(ours)));
  expect(document.arrived.map((ordered) => ordered.entry.id)).toEqual([1, 2, 3].map((number) => entry(number).id));
  expect(Y.encodeStateAsUpdate(ours)).toEqual(Y.encodeStateAsUpdate(servers));
  document.close();
});

async function onDisk(database: string): Promise<string> {
  const db = await openDB(database);
  const updates = (await db.getAll('updates')) as Uint8Array[];
  db.close();
  return updates.map((update) => Buffer.from(update).toString('latin1')).join('');
}

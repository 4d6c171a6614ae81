// What disappears on a device, at its time and without the server's doing.

import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { openDB } from 'idb';
import { eventually } from '../../../tests/eventually.ts';
import { pageDbName } from '../storage/user-db.ts';
import { isDisappeared } from './erased-entry.ts';
import { PageDocument } from './page-document.ts';
import { arrived, entry, PAGE, ROOM, setupRoom, startClient } from './testing/synced-room.ts';

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
  expect(isDisappeared(replica.head.arrived[1]!.entry)).toBe(false);
  await eventually(() => expect(isDisappeared(replica.head.arrived[1]!.entry)).toBe(true));
  expect(Date.now()).toBeGreaterThanOrEqual(until);
  expect(replica.head.arrived[1]!.arrival).toMatchObject({ n: 2 });
  await replica.head.persisted();
  expect(await onDisk(pageDbName(client.db.name, ROOM, 0))).not.toContain('canary');
});

test('[GONE-12] what falls due while the room is not open leaves the disk at its time, or at the next start', async () => {
  const { server, prefix, client, replica } = await setupRoom();
  const page = server.page(PAGE);
  const until = Date.now() + 400;
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
  await eventually(() => expect(Date.now()).toBeGreaterThan(until));
  await startClient(server, prefix);
  expect(await onDisk(database)).not.toContain('canary');
});

test('[GONE-13] a copy that took something out at its time goes on with the server as any other', () => {
  const [ours, servers] = [new Y.Doc(), new Y.Doc()];
  servers.getArray(MESSAGES_ROOT).push([entry(1), entry(2)]);
  servers
    .getArray(ARRIVALS_ROOT)
    .push([1, 2].map((n) => ({ id: entry(n).id, at: n, n, ...(n === 1 && { until: 10 }) })));
  let nowMs = 5;
  const document = new PageDocument(
    ours,
    () => undefined,
    () => nowMs
  );
  Y.applyUpdate(ours, Y.encodeStateAsUpdate(servers));
  expect(document.nextUntil).toBe(10);
  document.expire();
  expect(isDisappeared(document.arrived[0]!.entry)).toBe(false);
  nowMs = 10;
  document.expire();
  expect([isDisappeared(document.arrived[0]!.entry), document.nextUntil]).toEqual([true, Infinity]);
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

import { expect, onTestFinished, test, vi } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { ARRIVAL_OVERDUE_MS } from '#protocol/limits.ts';
import { eventually } from '../../../tests/eventually.ts';
import { PagePersistence } from '../storage/page-persistence.ts';
import { breakWrites } from '../storage/testing/broken-writes.ts';
import { pageDbName, userDbName } from '../storage/user-db.ts';
import { FAKE_USER, FakeServer } from './testing/fake-server.ts';
import { arrived, entry, freshDevice, PAGE, ROOM, setupRoom, startClient, summary } from './testing/synced-room.ts';

test('[CLIENT-40] a client id that belongs to somebody else: the page is opened anew under a fresh one', async () => {
  const { server, replica } = await setupRoom();
  await replica.write(entry(1));
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001']));
  const before = server.opened.length;
  server.closeChannels(CLOSE.clientIdTaken);
  await eventually(() => expect(server.opened.length).toBe(before + 1));
  await eventually(() => expect(replica.head.synced).toBe(true));
  expect(server.opened.at(-1)!.clientId).not.toBe(server.opened[before - 1]!.clientId);
  expect(arrived(replica)).toEqual(['entry-001']);
  await replica.write(entry(2));
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001', 'entry-002']));
});

test('[CLIENT-41] a server that wants the copy discarded: what is pending is offered again, same ids', async () => {
  const { server, client, replica } = await setupRoom();
  server.holdArrivals = true;
  await replica.write(entry(1));
  await eventually(() => expect(server.entries(PAGE)).toHaveLength(1));
  // A restore: the server knows nothing of the page any more.
  const { doc } = server.page(PAGE);
  doc.getArray('messages').delete(0, 1);
  server.holdArrivals = false;
  server.closeChannels(CLOSE.discardCopy);
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001']));
  expect(server.entries(PAGE).map(({ id }) => id)).toEqual(['entry-001']);
  await eventually(() => expect(client.outbox.size).toBe(0));
});

test('[CLIENT-42] an entry without arrival 10 s after sync: rebuilt under a fresh client id, the entry there once', async () => {
  const { server, client, replica } = await setupRoom();
  server.holdArrivals = true;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const writing = replica.write(entry(1));
  await eventually(() => expect(server.entries(PAGE)).toHaveLength(1));
  await writing;
  const opens = server.opened.length;
  await vi.advanceTimersByTimeAsync(ARRIVAL_OVERDUE_MS - 1_000);
  expect(server.opened.length).toBe(opens);
  server.holdArrivals = false;
  await vi.advanceTimersByTimeAsync(2_000);
  await eventually(() => expect(server.opened.length).toBe(opens + 1));
  vi.useRealTimers();
  expect(server.opened.at(-1)!.clientId).not.toBe(server.opened[opens - 1]!.clientId);
  await eventually(() => expect(client.outbox.size).toBe(0));
  // The new copy is shown once it is on disk.
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001']));
});

test('[CLIENT-43] a cache that lost a write is fetched anew; what is shown meanwhile stays', async () => {
  const server = new FakeServer();
  server.rooms = [summary];
  const prefix = freshDevice();
  const source = server.page(PAGE).doc;
  const updates: Uint8Array[] = [];
  source.on('update', (update: Uint8Array) => updates.push(update));
  for (const number of [1, 2, 3]) {
    source.getArray('messages').push([entry(number)]);
    server.acknowledge(PAGE);
  }
  const first = await startClient(server, prefix);
  await first.list.change([{ ...summary, head: 0 }], []);
  const database = pageDbName(first.db.name, ROOM, 0);
  await first.close();
  // The second of six updates never reached the disk.
  const doc = new Y.Doc();
  const disk = new PagePersistence(database, doc, { stored: () => undefined, superseded: () => undefined });
  await disk.load();
  await storeRaw(
    database,
    updates.filter((_update, index) => index !== 2)
  );
  await disk.close();

  const client = await startClient(server, prefix);
  const { replica } = client.open(ROOM);
  await eventually(() => expect(replica.head.loaded).toBe(true));
  expect(arrived(replica)).toEqual(['entry-001']);
  client.start();
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001', 'entry-002', 'entry-003']));
  await replica.head.persisted();
  await client.close();
  const again = await startClient(server, prefix);
  const offline = again.open(ROOM).replica;
  await eventually(() => expect(arrived(offline)).toEqual(['entry-001', 'entry-002', 'entry-003']));
});

test('[CLIENT-44] another generation in the hello: own entries of the old copies are offered again, then the old copies go', async () => {
  const { prefix, client, replica } = await setupRoom();
  const rule = { pictures: 'never', filesMostBytes: 0 } as const;
  const [bo, cy] = [`u${'b'.repeat(22)}`, `u${'c'.repeat(22)}`];
  await replica.write(entry(1));
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001']));
  await replica.head.persisted();
  await client.setDraft(ROOM, 'half a word');
  await client.fileSettings.setKeepMost(1_000);
  await client.fileSettings.setDownloadRule(rule);
  await client.db.putMeta('blocked', { users: [bo], untold: [[cy, false]] });
  await client.db.putMeta(`keys/${bo}`, { devices: [], verified: ['d1'] });
  await client.close();
  // Restored from before all of that.
  const restored = new FakeServer();
  restored.rooms = [summary];
  restored.generation = 'g2';
  const told: string[] = [];
  const stale = await startClientOf(restored, prefix, 'g1', (generation) => told.push(generation));
  stale.start();
  await eventually(() => expect(told).toEqual(['g2']));
  expect(stale.mux.up).toBe(false);
  await stale.close();

  const next = await startClient(restored, prefix);
  expect(next.outbox.of(ROOM).map(({ id }) => id)).toEqual(['entry-001']);
  expect(next.draft(ROOM)).toBe('half a word');
  expect([next.fileSettings.keepMost, next.fileSettings.downloadRule]).toEqual([1_000, rule]);
  // The server may have lost what it was told.
  expect(await next.db.meta('blocked')).toEqual({
    users: [],
    untold: [
      [bo, true],
      [cy, false]
    ]
  });
  expect(await next.db.meta(`keys/${bo}`)).toEqual({ devices: [], verified: ['d1'] });
  next.start();
  await eventually(() => expect(restored.entries(PAGE).map(({ id }) => id)).toEqual(['entry-001']));
  await eventually(() => expect(next.outbox.size).toBe(0));
  await eventually(async () => expect(await databasesOf(prefix, 'g1')).toEqual([]));
  expect(await databasesOf(prefix, 'g2')).not.toEqual([]);
});

test('[CLIENT-44] the old copies stay until all that they add is on disk', async () => {
  const { prefix, client, replica } = await setupRoom();
  await replica.write(entry(1));
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001']));
  await replica.head.persisted();
  await client.close();
  const restored = new FakeServer();
  restored.generation = 'g2';
  const before = await databasesOf(prefix, 'g1');
  const mend = breakWrites((database) => database === userDbName(prefix, FAKE_USER, 'g2'));
  onTestFinished(mend);
  await (await startClient(restored, prefix)).close();
  expect(await databasesOf(prefix, 'g1')).toEqual(before);
  mend();
  const next = await startClient(restored, prefix);
  expect(next.outbox.of(ROOM).map(({ id }) => id)).toEqual(['entry-001']);
});

test('[CLIENT-45] closed to this person: what is unsent fails with its reason and stays to be copied', async () => {
  const { server, client, replica } = await setupRoom();
  server.holdArrivals = true;
  await replica.write(entry(1));
  server.closeChannels(CLOSE.forbidden);
  await eventually(() =>
    expect(client.outbox.get(ROOM, 'entry-001')).toMatchObject({ state: 'failed', code: 'closed' })
  );
  expect(replica.forbidden).toBe(true);
});

test('[CLIENT-46] a seal under the writer: the next page is taken, pending entries go there under the same ids', async () => {
  const { server, client, replica } = await setupRoom();
  await replica.write(entry(1));
  await eventually(() => expect(arrived(replica)).toEqual(['entry-001']));
  server.holdArrivals = true;
  await replica.write(entry(2));
  await eventually(() => expect(server.entries(PAGE)).toHaveLength(2));
  // The page was full: the entry is refused with `sealed`, and the seal comes.
  server.tell({ type: 'refused', room: ROOM, page: 0, id: 'entry-002', code: 'sealed', detail: '' });
  server
    .page(PAGE)
    .doc.getArray('arrivals')
    .push([{ sealed: 1 }]);
  server.holdArrivals = false;
  await eventually(() => expect(replica.head.ref.page).toBe(1));
  await eventually(() => expect(arrived(replica)).toEqual(['entry-002']));
  expect(replica.older.map(({ page, entries }) => [page, entries.map((ordered) => ordered.entry.id)])).toEqual([
    [0, ['entry-001']]
  ]);
  await eventually(() => expect(client.outbox.size).toBe(0));
});

async function databasesOf(prefix: string, generation: string): Promise<string[]> {
  const names = (await indexedDB.databases()).map(({ name }) => name!);
  return names.filter((name) => name.startsWith(userDbName(prefix, FAKE_USER, generation))).sort();
}

async function startClientOf(server: FakeServer, prefix: string, generation: string, told: (next: string) => void) {
  const wanted = server.generation;
  server.generation = generation;
  const client = await startClient(server, prefix, { generation: told });
  server.generation = wanted;
  return client;
}

function storeRaw(database: string, updates: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(database);
    opening.onerror = () => reject(opening.error!);
    opening.onsuccess = () => {
      const tx = opening.result.transaction('updates', 'readwrite');
      for (const update of updates) tx.objectStore('updates').add(update);
      tx.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}

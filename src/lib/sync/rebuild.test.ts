import 'fake-indexeddb/auto';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { Entry } from '#protocol/entry.ts';
import { ARRIVAL_OVERDUE_MS } from '#protocol/limits.ts';
import { docName } from '#protocol/ids.ts';
import type { Environment } from '../environment.ts';
import { ApiClient } from '../session/api-client.ts';
import { DeviceDb } from '../storage/device-db.ts';
import { pageDbName } from '../storage/user-db.ts';
import { PagePersistence } from '../storage/page-persistence.ts';
import { SyncClient, type SyncEvents } from './sync-client.ts';
import { FAKE_USER, FakeServer } from './testing/fake-server.ts';

const ROOM = 'r'.repeat(22);
const PAGE = docName({ room: ROOM, page: 0 });
let devices = 0;

const summary: RoomSummary = {
  id: ROOM,
  name: 'Room',
  topic: '',
  kind: 'public',
  head: 0,
  n: 0,
  read: 0,
  unread: 0,
  members: 1,
  role: 'owner',
  last: null,
  createdAt: 1
};

function fakeEnvironment(server: FakeServer, databasePrefix: string): Environment {
  return {
    origin: 'http://roost.test',
    databasePrefix,
    secure: true,
    fetch: async () => new Response('{}', { status: 404 }),
    openSocket: () => server.connect(),
    now: () => Date.now(),
    random: () => Math.random() / 100,
    locks: null,
    openChannel: null,
    storage: null,
    serviceWorker: null,
    visible: () => true,
    onWake: () => () => undefined,
    onVisibility: () => () => undefined,
    reload: () => undefined
  };
}

async function startClient(server: FakeServer, prefix: string, events: Partial<SyncEvents> = {}) {
  const environment = fakeEnvironment(server, prefix);
  const device = await DeviceDb.open(prefix);
  const nothing = (): void => undefined;
  const client = new SyncClient(
    { id: FAKE_USER, name: 'ann', admin: false, generation: server.generation },
    environment,
    new ApiClient(environment),
    device,
    {
      ...{ lineUp: nothing, lineDown: nothing, busy: nothing, storageProblem: nothing, generation: nothing },
      ...{ refused: nothing, account: nothing, stranger: nothing, sessionElsewhere: nothing, draftElsewhere: nothing },
      learnName: nothing,
      ...events
    }
  );
  onTestFinished(async () => {
    await client.close();
    device.close();
  });
  await client.load();
  return client;
}

async function setup() {
  const server = new FakeServer();
  server.rooms = [summary];
  devices += 1;
  const prefix = `rebuild${devices}`;
  const client = await startClient(server, prefix);
  client.start();
  const { replica } = client.open(ROOM);
  await vi.waitFor(() => expect(replica.head.synced).toBe(true));
  return { server, prefix, client, replica };
}

const entry = (number: number): Entry => ({
  id: `entry-${String(number).padStart(3, '0')}`,
  type: 'message',
  author: FAKE_USER,
  sentAt: number,
  body: `body ${number}`
});

const arrived = (replica: { head: { arrived: readonly { entry: Entry }[] } }) =>
  replica.head.arrived.map((ordered) => ordered.entry.id);

test('[CLIENT-40] a client id that belongs to somebody else: the page is opened anew under a fresh one', async () => {
  const { server, replica } = await setup();
  await replica.write(entry(1));
  await vi.waitFor(() => expect(arrived(replica)).toEqual(['entry-001']));
  const before = server.opened.length;
  server.closeChannels(CLOSE.clientIdTaken);
  await vi.waitFor(() => expect(server.opened.length).toBe(before + 1));
  await vi.waitFor(() => expect(replica.head.synced).toBe(true));
  expect(server.opened.at(-1)!.clientId).not.toBe(server.opened[before - 1]!.clientId);
  expect(arrived(replica)).toEqual(['entry-001']);
  await replica.write(entry(2));
  await vi.waitFor(() => expect(arrived(replica)).toEqual(['entry-001', 'entry-002']));
});

test('[CLIENT-41] a server that wants the copy discarded: what is pending is offered again, same ids', async () => {
  const { server, client, replica } = await setup();
  server.holdArrivals = true;
  await replica.write(entry(1));
  await vi.waitFor(() => expect(server.entries(PAGE)).toHaveLength(1));
  // A restore: the server knows nothing of the page any more.
  const { doc } = server.page(PAGE);
  doc.getArray('messages').delete(0, 1);
  server.holdArrivals = false;
  server.closeChannels(CLOSE.discardCopy);
  await vi.waitFor(() => expect(arrived(replica)).toEqual(['entry-001']));
  expect(server.entries(PAGE).map(({ id }) => id)).toEqual(['entry-001']);
  expect(client.outbox.size).toBe(0);
});

test('[CLIENT-42] an entry without arrival 10 s after sync: rebuilt under a fresh client id, the entry there once', async () => {
  const { server, client, replica } = await setup();
  server.holdArrivals = true;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const writing = replica.write(entry(1));
  await vi.waitFor(() => expect(server.entries(PAGE)).toHaveLength(1));
  await writing;
  const opens = server.opened.length;
  await vi.advanceTimersByTimeAsync(ARRIVAL_OVERDUE_MS - 1_000);
  expect(server.opened.length).toBe(opens);
  server.holdArrivals = false;
  await vi.advanceTimersByTimeAsync(2_000);
  await vi.waitFor(() => expect(server.opened.length).toBe(opens + 1));
  vi.useRealTimers();
  expect(server.opened.at(-1)!.clientId).not.toBe(server.opened[opens - 1]!.clientId);
  await vi.waitFor(() => expect(client.outbox.size).toBe(0));
  expect(arrived(replica)).toEqual(['entry-001']);
});

test('[CLIENT-43] a cache that lost a write is fetched anew; what is shown meanwhile stays', async () => {
  const server = new FakeServer();
  server.rooms = [summary];
  devices += 1;
  const prefix = `rebuild${devices}`;
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
  await vi.waitFor(() => expect(replica.head.loaded).toBe(true));
  expect(arrived(replica)).toEqual(['entry-001']);
  client.start();
  await vi.waitFor(() => expect(arrived(replica)).toEqual(['entry-001', 'entry-002', 'entry-003']));
  await replica.head.persisted();
  await client.close();
  const again = await startClient(server, prefix);
  const offline = again.open(ROOM).replica;
  await vi.waitFor(() => expect(arrived(offline)).toEqual(['entry-001', 'entry-002', 'entry-003']));
});

test('[CLIENT-44] another generation in the hello: own entries of the old copies are offered again, then the old copies go', async () => {
  const { prefix, client, replica } = await setup();
  await replica.write(entry(1));
  await vi.waitFor(() => expect(arrived(replica)).toEqual(['entry-001']));
  await replica.head.persisted();
  await client.setDraft(ROOM, 'half a word');
  await client.close();
  // Restored from before the entry.
  const restored = new FakeServer();
  restored.rooms = [summary];
  restored.generation = 'g2';
  const told: string[] = [];
  const stale = await startClientOf(restored, prefix, 'g1', (generation) => told.push(generation));
  stale.start();
  await vi.waitFor(() => expect(told).toEqual(['g2']));
  expect(stale.mux.up).toBe(false);
  await stale.close();

  const next = await startClient(restored, prefix);
  expect(next.outbox.of(ROOM).map(({ id }) => id)).toEqual(['entry-001']);
  expect(next.draft(ROOM)).toBe('half a word');
  next.start();
  await vi.waitFor(() => expect(restored.entries(PAGE).map(({ id }) => id)).toEqual(['entry-001']));
  await vi.waitFor(() => expect(next.outbox.size).toBe(0));
  const names = (await indexedDB.databases()).map(({ name }) => name!);
  await vi.waitFor(() =>
    expect(names.filter((name) => name.startsWith(`${prefix}-${FAKE_USER}-g2`)).length).toBeGreaterThan(0)
  );
});

test('[CLIENT-45] closed to this person: what is unsent fails with its reason and stays to be copied', async () => {
  const { server, client, replica } = await setup();
  server.holdArrivals = true;
  await replica.write(entry(1));
  server.closeChannels(CLOSE.forbidden);
  await vi.waitFor(() =>
    expect(client.outbox.get(ROOM, 'entry-001')).toMatchObject({ state: 'failed', code: 'closed' })
  );
  expect(replica.forbidden).toBe(true);
});

test('[CLIENT-46] a seal under the writer: the next page is taken, pending entries go there under the same ids', async () => {
  const { server, client, replica } = await setup();
  await replica.write(entry(1));
  await vi.waitFor(() => expect(arrived(replica)).toEqual(['entry-001']));
  server.holdArrivals = true;
  await replica.write(entry(2));
  await vi.waitFor(() => expect(server.entries(PAGE)).toHaveLength(2));
  // The page was full: the entry is refused with `sealed`, and the seal comes.
  server.tell({ type: 'refused', room: ROOM, page: 0, id: 'entry-002', code: 'sealed', detail: '' });
  server
    .page(PAGE)
    .doc.getArray('arrivals')
    .push([{ sealed: 1 }]);
  server.holdArrivals = false;
  await vi.waitFor(() => expect(replica.head.ref.page).toBe(1));
  await vi.waitFor(() => expect(arrived(replica)).toEqual(['entry-002']));
  expect(replica.older.map(({ page, entries }) => [page, entries.map((ordered) => ordered.entry.id)])).toEqual([
    [0, ['entry-001']]
  ]);
  await vi.waitFor(() => expect(client.outbox.size).toBe(0));
});

test('[CLIENT-47] an entry that vanishes without a word is not sent over and over', async () => {
  const { server, replica } = await setup();
  server.holdArrivals = true;
  const messages = server.page(PAGE).doc.getArray<Entry>('messages');
  const sent: string[] = [];
  messages.observe((event) => {
    for (const { insert } of event.changes.delta) {
      if (Array.isArray(insert)) sent.push(...(insert as Entry[]).map(({ id }) => id));
    }
  });
  const written = [entry(1), entry(2), entry(3)];
  for (const [index, next] of written.entries()) {
    await replica.write(next);
    // Whatever was due goes out with it.
    await vi.waitFor(() => expect(sent.at(-1)).toBe(next.id));
    expect(sent).toHaveLength(index + 1);
    messages.delete(0);
    await vi.waitFor(() => expect(replica.head.has(next.id)).toBe(false));
  }
});

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

import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { MESSAGES_ROOT } from '#protocol/arrival.ts';
import type { Entry } from '#protocol/entry.ts';
import { eventually } from '../../../tests/eventually.ts';
import { pageDbName } from '../storage/user-db.ts';
import { BackgroundSync, type BackgroundOptions } from './background-sync.ts';
import type { SyncClient } from './sync-client.ts';
import { FakeServer } from './testing/fake-server.ts';
import { entry, freshDevice, PAGE, ROOM, startClient, summary } from './testing/synced-room.ts';

test('a room whose newest page is short is done when the pages before it are here, not when its time is over', async () => {
  const server = new FakeServer();
  server.rooms = [{ ...summary, head: 1 }];
  const said: boolean[] = [];
  const client = await startClient(server, freshDevice(), { busy: (busy) => said.push(busy) });
  client.start();
  await eventually(() => expect(said).toContain(true));
  await eventually(() => expect(client.list.get(ROOM)?.fetched).toBe('1/0/'));
  await eventually(() => expect(said.at(-1)).toBe(false));
});

test('a disk that fails for a moment, as in a tab that was put away, does not end the syncing of rooms that nobody looks at', async () => {
  const server = new FakeServer();
  const rooms = ['s', 't', 'u'].map((letter) => ({ ...summary, id: letter.repeat(22) }));
  server.rooms = rooms;
  const said: boolean[] = [];
  const client = await startClient(server, freshDevice(), { busy: (busy) => said.push(busy) });
  const { list } = client;
  const setFetched = list.setFetched.bind(list);
  const failed: string[] = [];
  list.setFetched = (id, fetched) => {
    if (failed.length === 2) return setFetched(id, fetched);
    failed.push(id);
    return Promise.reject(new DOMException('ended', 'AbortError'));
  };
  client.start();
  await eventually(() => expect(list.all().filter(({ fetched }) => fetched !== null)).toHaveLength(1));
  await eventually(() => expect(said.at(-1)).toBe(false));
});

test('closed, it lets go of a room that does not get done at once, not when its time is over', async () => {
  const row = { id: ROOM, summary, fetched: null };
  const opened: string[] = [];
  let released = 0;
  const background = new BackgroundSync({
    mux: { up: true },
    list: { all: () => [row], get: () => row },
    outbox: { rooms: () => [], of: () => [], removals: { notNow: () => new Set() } },
    leads: () => true,
    visited: { rooms: [] },
    busy: () => undefined,
    open: (room: string) => {
      opened.push(room);
      const replica = { complete: false, listen: () => () => undefined };
      return { replica, release: async () => void (released += 1) };
    }
  } as unknown as BackgroundOptions);
  background.check();
  await eventually(() => expect(opened).toEqual([ROOM]));
  expect(released).toBe(0);
  background.close();
  await eventually(() => expect(released).toBe(1));
});

test('[ERASE-30] what was taken away or edited in a room that nobody looks at is so on this disk, files too', async () => {
  const server = new FakeServer();
  const [kept, canary] = [entry(1), { ...entry(2), body: 'canary' }];
  const { doc } = server.page(PAGE);
  doc.getArray(MESSAGES_ROOT).push([kept, canary]);
  server.acknowledge(PAGE);
  server.rooms = [{ ...summary, n: 2 }];
  const client = await startClient(server, freshDevice());
  const file = { hash: 'h'.repeat(42) + 'A', bytes: new Blob(['plan']) };
  await client.blobs.put([file], [{ room: ROOM, entry: canary.id, hash: file.hash }]);
  client.start();
  await eventually(() => expect(client.list.get(ROOM)?.fetched).toBe('0/2/'));
  expect(await onDisk(client)).toContain('canary');

  doc.getArray(MESSAGES_ROOT).delete(1, 1);
  server.tell({ type: 'rooms', changed: [{ ...summary, n: 2, changes: 1 }], gone: [] });
  await eventually(() => expect(client.list.get(ROOM)?.fetched).toBe('0/2//0/1'));
  await eventually(async () => expect(await onDisk(client)).not.toContain('canary'));
  await eventually(async () => expect(await client.blobs.has([file.hash])).toBe(false));

  const edit: Entry = { ...entry(3), type: 'edit', target: kept.id, body: 'edited' };
  doc.getArray(MESSAGES_ROOT).push([edit]);
  server.acknowledge(PAGE);
  server.tell({ type: 'rooms', changed: [{ ...summary, n: 2, changes: 2 }], gone: [] });
  await eventually(async () => expect(await onDisk(client)).toContain('edited'));
});

async function onDisk(client: SyncClient): Promise<string> {
  const db = await openDB(pageDbName(client.db.name, ROOM, 0));
  const updates = (await db.getAll('updates')) as Uint8Array[];
  db.close();
  return updates.map((update) => Buffer.from(update).toString('latin1')).join('');
}

import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import type { SealedPage } from '#protocol/api/sealed-page.ts';
import { ApiClient } from '../session/api-client.ts';
import { pageDbName, UserDb } from '../storage/user-db.ts';
import { RoomList } from './room-list.ts';
import type { LookedUp } from './room-shared.ts';
import { SealedPages } from './sealed-pages.ts';
import { ServerClock } from './server-clock.ts';
import { entry, ROOM, summary } from './testing/synced-room.ts';
import { VisitedRooms } from './visited-rooms.ts';

const later = { ...summary, head: 3, n: 9 };
const sealedPage = (revision: number, body: string): SealedPage => ({
  ...{ room: ROOM, page: 1, revision, erased: [], late: [] },
  entries: [{ entry: { ...entry(1), body }, at: 1, n: 1 }]
});
let devices = 0;

/** A device that left the room at page 2, and has looked at page 3 since. There is a page 5 of which nobody told it. */
async function setup() {
  const name = `visited${(devices += 1)}`;
  const db = new UserDb(name, () => undefined);
  onTestFinished(() => db.close());
  const time = new ServerClock(Date.now);
  const list = new RoomList(db, time, () => undefined);
  await list.change([{ ...summary, head: 2 }], []);
  await list.setHead(ROOM, 2);
  await list.change([], [ROOM]);
  await list.setHead(ROOM, 3);
  for (const page of [2, 3, 5]) (await openDB(pageDbName(name, ROOM, page), 1)).close();
  const server = { found: { kind: 'open', summary: later } as LookedUp, page: sealedPage(1, 'erased') };
  const visited = new VisitedRooms({
    ...{ database: name, list },
    sealed: new SealedPages(db, new ApiClient({ fetch: async () => Response.json(server.page) }), {
      ...{ time, fleeting: () => undefined, erased: () => undefined }
    }),
    files: { closed: () => Promise.resolve() },
    lookUp: () => Promise.resolve(server.found),
    mayAsk: () => true,
    isOpen: () => false,
    changed: () => undefined
  });
  const copies = async () =>
    (await indexedDB.databases()).map((one) => one.name!).filter((one) => one.startsWith(`${name}-page-`));
  return { name, db, list, server, visited, copies };
}

test('[ERASE-31] what is closed by now leaves the device with every page that was the newest here once, and is not asked for again', async () => {
  const { name, list, server, visited, copies } = await setup();
  visited.lineUp();
  await expect.poll(() => [...visited.rooms]).toEqual([ROOM]);
  server.found = { kind: 'closed', why: null };
  visited.lineUp();
  await expect.poll(copies).toEqual([pageDbName(name, ROOM, 5)]);
  await expect.poll(() => list.visited()).toEqual([]);
  expect([...visited.rooms]).toEqual([]);
});

test('[ERASE-31] where something changed, pages that were sealed long ago are fetched anew; where it is closed they go', async () => {
  const { db, server, visited } = await setup();
  await db.putSealedPage({ room: ROOM, page: 1, etag: '"0"', stale: false, body: sealedPage(0, 'canary') });
  visited.lineUp();
  await expect.poll(async () => (await db.sealedPage(ROOM, 1))?.body).toEqual(sealedPage(1, 'erased'));
  server.found = { kind: 'closed', why: null };
  visited.lineUp();
  await expect.poll(() => db.sealedPages()).toEqual([]);
});

test('[ERASE-31] once all of it was fetched, no copy stays of a page that was the newest as one left', async () => {
  const { name, visited, copies } = await setup();
  visited.lineUp();
  await expect.poll(() => visited.news(ROOM)).not.toBeNull();
  await visited.fetched(ROOM, visited.news(ROOM)!);
  expect(await copies()).toEqual([3, 5].map((page) => pageDbName(name, ROOM, page)));
  expect(visited.news(ROOM)).toBeNull();
});

test('[ERASE-31] in a room that one is in again, no copy stays of what was the newest as one was not', async () => {
  const { name, list, visited, copies } = await setup();
  await list.change([{ ...summary, head: 5 }], []);
  // Which of them it goes on from is not known before it is synced.
  expect(await list.rejoined()).toEqual([]);
  await list.setHead(ROOM, 5);
  visited.lineUp();
  await expect.poll(copies).toEqual([pageDbName(name, ROOM, 5)]);
});

// A sync client in this process with one room, on the server in memory and IndexedDB in memory. Ends with its test.

import 'fake-indexeddb/auto';
import { expect, onTestFinished } from 'vitest';
import type { RoomSummary } from '#protocol/control.ts';
import type { Entry } from '#protocol/entry.ts';
import { docName } from '#protocol/ids.ts';
import { eventually } from '../../../../tests/eventually.ts';
import type { Environment } from '../../environment.ts';
import { ApiClient } from '../../session/api-client.ts';
import { DeviceDb } from '../../storage/device-db.ts';
import { STILL } from '../../testing/still-environment.ts';
import { SyncClient } from '../sync-client.ts';
import type { SyncEvents } from '../sync-events.ts';
import { FAKE_USER, FakeServer } from './fake-server.ts';

export const ROOM = 'r'.repeat(22);
export const PAGE = docName({ room: ROOM, page: 0 });
let devices = 0;

export const summary: RoomSummary = {
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
  ...{ invitedBy: null, people: [], avatar: null, slowSeconds: 0, replies: 0 },
  last: null,
  createdAt: 1
};

function fakeEnvironment(server: FakeServer, databasePrefix: string, now: () => number): Environment {
  return {
    ...STILL,
    databasePrefix,
    // Keys and files are taken; all else is not there.
    fetch: async (path, init) =>
      path.startsWith('/api/uploads')
        ? server.tus.fetch(path, init)
        : new Response('{}', { status: path === '/api/devices' ? 200 : 404 }),
    openSocket: () => server.connect(),
    now,
    random: () => Math.random() / 100
  };
}

/** @param now by the clock of the device, epoch ms */
export async function startClient(
  server: FakeServer,
  prefix: string,
  events: Partial<SyncEvents> = {},
  now: () => number = () => Date.now()
) {
  const environment = fakeEnvironment(server, prefix, now);
  const device = await DeviceDb.open(prefix);
  const nothing = (): void => undefined;
  const client = new SyncClient(
    { id: FAKE_USER, name: 'ann', admin: false, generation: server.generation },
    environment,
    new ApiClient(environment),
    device,
    {
      ...{
        lineUp: nothing,
        lineDown: nothing,
        busy: nothing,
        storageProblem: nothing,
        generation: nothing,
        stars: nothing
      },
      ...{ refused: nothing, account: nothing, stranger: nothing, sessionElsewhere: nothing, draftElsewhere: nothing },
      ...{
        scheduled: nothing,
        sentAlready: nothing,
        threadsRead: nothing,
        threadsElsewhere: nothing,
        fetched: nothing
      },
      ...{
        learnPeople: nothing,
        absentPeople: nothing,
        blocked: nothing,
        marks: nothing,
        news: nothing,
        toldElsewhere: nothing,
        privacy: nothing,
        density: nothing,
        linkPreviews: nothing,
        presence: nothing
      },
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

/** Prefix of the databases of a device that has none yet. */
export function freshDevice(): string {
  devices += 1;
  return `device${devices}`;
}

/** A client of its own device with the room open and in step. */
export async function setupRoom() {
  const server = new FakeServer();
  server.rooms = [summary];
  const prefix = freshDevice();
  const client = await startClient(server, prefix);
  client.start();
  const { replica } = client.open(ROOM);
  await eventually(() => expect(replica.head.synced).toBe(true));
  return { server, prefix, client, replica };
}

export const entry = (number: number): Entry => ({
  id: `entry-${String(number).padStart(3, '0')}`,
  type: 'message',
  author: FAKE_USER,
  sentAt: number,
  body: `body ${number}`
});

export const arrived = (replica: { head: { arrived: readonly { entry: Entry }[] } }) =>
  replica.head.arrived.map((ordered) => ordered.entry.id);

// Nobody learns which rooms there are by asking: a room that is closed to them and one that is not there answer alike,
// in status, headers, bytes and time.

import { describe, expect, onTestFinished, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import { directRoomId } from '#protocol/direct-room.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { MuxedClient } from '../../sync-server/sync/testing/muxed-client.ts';
import { compareTimes, isAlike } from './alike-in-time.ts';
import { attachmentOf, FileClient, hashOf, messageWith, someBytes } from './file-client.ts';
import { Stock } from './stock.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';

const TRIES = 1_000;

async function setup() {
  const env = { ROOST_REQUESTS_PER_PERSON: '100000/1m' };
  const server = await TestServer.start(undefined, env);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const host = await server.account('host');
  const stranger = await server.account('stranger');
  const closed = newRoomId();
  const made = await server.rooms.append(
    {
      ...{ id: newEntryId(Date.now()), author: host.id, sentAt: Date.now() },
      ...{ type: 'room', action: 'created', kind: 'private', name: 'Closed' }
    },
    closed
  );
  expect(made).toBeNull();
  return { server, host, stranger, closed };
}

interface Seen {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

async function ask(
  server: TestServer,
  account: TestAccount,
  method: string,
  path: string,
  room: string
): Promise<Seen> {
  const body = method === 'POST' || method === 'PUT' ? { body: '{"entry":"entry-001","reason":"?"}' } : {};
  const headers = { 'content-type': 'application/json', connection: 'keep-alive' };
  const response = await server.fetch(path.replace(':id', room), account, { method, headers, ...body });
  const text = await response.text();
  const shown = [...response.headers].filter(([name]) => name !== 'date').map(([name, value]) => `${name}: ${value}`);
  return { status: response.status, headers: shown.sort().join('\n'), body: text.replaceAll(room, ':id') };
}

const CALLS = [
  ['GET', '/api/rooms/:id'],
  ['GET', '/api/rooms/:id/members'],
  ['GET', '/api/rooms/:id/present'],
  ['GET', '/api/rooms/:id/pages/0'],
  ['GET', `/api/rooms/:id/blobs/${'A'.repeat(43)}`],
  ['POST', '/api/rooms/:id/invitations']
] as const;

describe('[PERM-9] a closed room and an absent one look alike', () => {
  test.each(CALLS)('%s %s', async (method, path) => {
    const { server, stranger, closed, host } = await setup();
    const forbidden = await ask(server, stranger, method, path, closed);
    expect(forbidden).toEqual(await ask(server, stranger, method, path, newRoomId()));
    expect(forbidden.status).toBe(404);
    // Of a file there is nothing to tell even to who is in the room, before a message names it.
    if (path.includes('/blobs/')) return;
    // And the room is there, for who is in it.
    expect((await ask(server, host, method, path, closed)).body).not.toBe(forbidden.body);
  });

  test('over a socket, unless one sets out to make the room', async () => {
    const { server, stranger, closed } = await setup();
    const client = await MuxedClient.greeted(server.syncUrl, { token: stranger.token });
    onTestFinished(async () => void (await client.close()));
    const codeOf = (room: string, page: number): Promise<number> =>
      client.channelClosed(client.open(room, { clientId: 7, page }));
    for (const page of [0, 1]) expect(await codeOf(closed, page)).toBe(await codeOf(newRoomId(), page));
    expect(await codeOf(closed, 0)).toBe(CLOSE.forbidden);
  });

  test('in time, too', { timeout: 120_000 }, async () => {
    const { server, stranger, closed } = await setup();
    const look = (room: string) => async () => void (await ask(server, stranger, 'GET', '/api/rooms/:id', room));
    const times = await compareTimes(TRIES, look(closed), look(newRoomId()));
    expect(isAlike(times), JSON.stringify(times)).toBe(true);
  });

  test('[FILE-24] in time, too, where one asks for a file that is there', { timeout: 120_000 }, async () => {
    const { server, stranger, host, closed } = await setup();
    const bytes = someBytes();
    await new FileClient(server.url, host).upload(bytes);
    const named = {
      id: newEntryId(Date.now()),
      author: host.id,
      sentAt: Date.now(),
      ...messageWith(attachmentOf(bytes))
    };
    expect(await server.rooms.append(named as Entry, closed)).toBeNull();
    const path = `/api/rooms/:id/blobs/${hashOf(bytes)}`;
    expect((await ask(server, host, 'GET', path, closed)).status).toBe(200);
    const look = (room: string) => async () => void (await ask(server, stranger, 'GET', path, room));
    const times = await compareTimes(TRIES / 2, look(closed), look(newRoomId()));
    expect(isAlike(times), JSON.stringify(times)).toBe(true);
  });
});

test('[PERM-10] a third person is told the same whether two people have a room or not', async () => {
  const { server, stranger, host } = await setup();
  const [bo, cy] = [await server.account('bo'), await server.account('cy')];
  const direct = directRoomId(host.id, bo.id);
  const people = [host.id, bo.id].sort();
  const made = { id: newEntryId(Date.now()), author: bo.id, sentAt: Date.now() };
  const entry: Entry = { ...made, type: 'room', action: 'created', kind: 'direct', people };
  expect(await server.rooms.append(entry, direct)).toBeNull();
  const none = directRoomId(host.id, cy.id);
  const client = await MuxedClient.greeted(server.syncUrl, { token: stranger.token });
  onTestFinished(async () => void (await client.close()));
  for (const create of [undefined, true, host.id, stranger.id] as const) {
    for (const room of [direct, none]) {
      const channel = client.open(room, { clientId: 7, ...(create !== undefined && { create }) });
      expect(await client.channelClosed(channel), `${String(create)}`).toBe(CLOSE.forbidden);
    }
  }
  for (const room of [direct, none]) {
    expect(await new Stock(server, stranger, room).finallyClosed()).toBe(CLOSE.forbidden);
  }
  // One of the two makes it, and opens it afterwards as any client does.
  const one = await MuxedClient.greeted(server.syncUrl, { token: cy.token });
  onTestFinished(async () => void (await one.close()));
  await one.opened(none, { clientId: 8, create: host.id });
  await new Stock(server, host, direct).synced();
});

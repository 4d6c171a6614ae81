// The multiplexed socket on the whole server: what our own client meets.

import { describe, expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import type { RoomKind } from '#protocol/entry-fields.ts';
import { decodeFrame } from '#protocol/frames.ts';
import { newRoomId } from '#protocol/ids.ts';
import { PRESENCE_MAX_LISTED } from '#protocol/limits.ts';
import { presenceCount } from '#protocol/presence.ts';
import { syncUpdate } from '../../sync-server/rooms/sync-message.ts';
import { MuxedClient } from '../../sync-server/sync/testing/muxed-client.ts';
import { encodeAwareness, encodeAwarenessRecord, readYMessage } from '../../sync-server/sync/y-message.ts';
import { within } from '../running-time.ts';
import { MuxedPerson } from './muxed-person.ts';
import { TestServer } from './server-fixture.ts';

async function setupRoom(kind: RoomKind = 'public') {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [ann, bo] = [await server.account('ann'), await server.account('bo')];
  const room = newRoomId();
  const first = await MuxedPerson.join(server, ann, room, true);
  await first.push({ type: 'room', action: 'created', name: 'Lobby', kind });
  return { server, ann, bo, room, first };
}

const message = (body: string) => ({ type: 'message', body });

describe('the multiplexed socket on a whole server', () => {
  test('[CONN-4] 1,000 messages of one author go through at once, and the rest of a full page is told to move on', async () => {
    const { server, bo, room, first } = await setupRoom();
    const second = await MuxedPerson.join(server, bo, room, false);
    const ids = first.send(...Array.from({ length: 1_000 }, (_, at) => message(`offline ${at} ${'x'.repeat(100)}`)));
    // The room's own entry takes one place of the page's 1,000.
    const refused = await first.client.controlOf('refused');
    expect(refused).toMatchObject({ type: 'refused', room, page: 0, code: 'sealed', id: ids.at(-1) });
    await second.until(() => second.arrived().length >= 1_000);
    const arrived = second.arrived().filter((id) => ids.includes(id));
    expect(arrived).toEqual(ids.slice(0, 999));
  });

  test('[CONN-17] a refused entry is told on the control channel, what follows arrives', async () => {
    const { server, bo, room } = await setupRoom();
    const second = await MuxedPerson.join(server, bo, room, false);
    const [id] = second.send({ type: 'room', action: 'renamed', name: 'Mine now' });
    expect(await second.client.controlOf('refused')).toMatchObject({ room, page: 0, id, code: 'not-member' });
    await second.push(message('never mind'));
    // Where in the array it stands is Yjs's choice.
    expect(
      second
        .entries()
        .map(({ type }) => type)
        .sort()
    ).toEqual(['message', 'room']);
  });

  test('[CONN-5] an absent and a private room look alike, byte for byte', async () => {
    const { server, bo, room } = await setupRoom('private');
    const tries = await Promise.all(
      [room, newRoomId()].map(async (id) => {
        const client = await MuxedClient.greeted(server.syncUrl, { token: bo.token });
        onTestFinished(() => client.socket.terminate());
        expect(await client.channelClosed(client.open(id))).toBe(CLOSE.forbidden);
        return client.frames.filter((frame) => decodeFrame(frame)!.channel > 0);
      })
    );
    expect(tries[0]).toEqual(tries[1]);
  });

  test('[CONN-15] signing out closes the sockets of that session within a second', async () => {
    const { server, ann, bo, room, first } = await setupRoom();
    const second = await MuxedPerson.join(server, bo, room, false);
    const closed = within(1_000, first.client.closeCode());
    const answer = await server.fetch('/api/session', ann, { method: 'DELETE' });
    expect(answer.status).toBe(204);
    expect(await closed).toBe(CLOSE.signedOut);
    expect(first.client.control.at(-1)).toEqual({ type: 'revoked', cause: 'signed-out' });
    const again = new MuxedClient(server.syncUrl, { token: ann.token });
    expect(await again.closeCode()).toBe(CLOSE.signedOut);
    await second.push(message('still here'));
  });

  test('[CONN-10] a member hears of news in a room that they have not open', async () => {
    const { server, bo, room, first } = await setupRoom();
    const joiner = await MuxedPerson.join(server, bo, room, false);
    await joiner.push({ type: 'membership', action: 'joined' });
    const watcher = await MuxedClient.greeted(server.syncUrl, { token: bo.token });
    onTestFinished(() => watcher.socket.terminate());
    expect((await watcher.controlOf('hello')).rooms.map(({ id }) => id)).toEqual([room]);
    await first.push(message('news'));
    const news = () =>
      watcher.control
        .flatMap((notice) => (notice.type === 'rooms' ? notice.changed : []))
        .find(({ last }) => last?.body === 'news');
    await watcher.until(() => news() !== undefined);
    expect(news()).toMatchObject({ id: room, name: 'Lobby', n: 1, unread: 1, role: 'member' });

    // Read on one device, known on the other.
    joiner.client.sendControl({ type: 'read', room, n: 1 });
    expect(await watcher.controlOf('read')).toEqual({ type: 'read', room, n: 1, unread: 0 });
    expect(joiner.client.control.filter(({ type }) => type === 'read')).toEqual([]);
  });

  test('[RECEIPT-5] how far another has come is told to whoever looks at the room, until they keep it back', async () => {
    const { server, bo, room, first } = await setupRoom();
    const reader = await MuxedPerson.join(server, bo, room, false);
    await reader.push({ type: 'membership', action: 'joined' });
    await first.push(message('news'));
    const heard = () =>
      first.client.control.flatMap((notice) => (notice.type === 'receipts' ? notice.people : [])).at(-1);
    first.client.sendControl({ type: 'receipts', rooms: [room] });
    await first.client.until(() => heard() !== undefined);
    expect(heard()).toEqual({ user: bo.id, from: 0, read: 0, stored: 0 });
    reader.client.sendControl({ type: 'stored', rooms: [{ room, n: 1 }] });
    await first.client.until(() => heard()?.stored === 1);
    reader.client.sendControl({ type: 'read', room, n: 1 });
    await first.client.until(() => heard()?.read === 1);

    const own = new Y.Doc();
    own.getMap('preferences').set('readReceipts', false);
    const { channel } = await reader.client.openedPersonal();
    reader.client.sendMessage(channel, syncUpdate(Y.encodeStateAsUpdate(own)));
    await first.client.until(() => heard()?.read === null);
    expect(heard()).toEqual({ user: bo.id, from: 0, read: null, stored: 1 });
  });

  test('[CONN-21] after a restart one is greeted again and finds all that arrived', async () => {
    const { server, ann, room, first } = await setupRoom();
    await first.push(message('before'));
    const closed = first.client.closeCode();
    await server.stop();
    expect(await closed).toBe(CLOSE.stopping);
    await server.start();
    const back = await MuxedPerson.join(server, ann, room, false);
    await back.until(() => back.arrived().length === 2);
    expect(back.arrived()).toEqual(first.arrived());
  });
});

describe('presence of many on a whole server', () => {
  test('[PRES-4] 60 people coming and typing cost each of them a few frames', async () => {
    const { server, room, first } = await setupRoom();
    const MANY = 60;
    const people: MuxedClient[] = [];
    const ids: number[] = [];
    const channels: number[] = [];
    for (let at = 0; at < MANY; at++) {
      const { token } = await server.account(`person ${at}`);
      const client = await MuxedClient.greeted(server.syncUrl, { token });
      onTestFinished(() => client.socket.terminate());
      const { channel, awarenessId } = await client.opened(room);
      people.push(client);
      ids.push(awarenessId);
      channels.push(channel);
    }
    const presenceOf = (at: number) =>
      people[at]!.messages(channels[at]!).filter((bytes) => readYMessage(bytes)?.kind === 'awareness');
    const before = people.map((_, at) => presenceOf(at).length);
    const ROUNDS = 3;
    const startedAt = performance.now();
    for (let round = 0; round < ROUNDS; round++) {
      people.forEach((client, at) => {
        const json = JSON.stringify({ status: 'here', ...(round === 1 ? { typing: true } : {}) });
        client.sendMessage(channels[at]!, encodeAwareness([encodeAwarenessRecord(ids[at]!, round, json)]));
      });
    }
    const countSeen = () =>
      presenceOf(0).some((bytes) => {
        const read = readYMessage(bytes);
        if (read?.kind !== 'awareness') return false;
        return read.records.some(({ json }) => presenceCount(JSON.parse(new TextDecoder().decode(json))) === MANY);
      });
    await people[0]!.until(countSeen);
    const seconds = (performance.now() - startedAt) / 1_000;
    const frames = people.reduce((sum, _, at) => sum + presenceOf(at).length - before[at]!, 0);
    // 180 changes told to 60 people one by one would be 10,620 frames.
    expect(frames).toBeLessThanOrEqual(MANY * (2 + Math.ceil(seconds)));
    expect(MANY).toBeGreaterThan(PRESENCE_MAX_LISTED);
    expect(await (await server.fetch(`/api/rooms/${room}/present`, first.account)).json()).toMatchObject({
      users: expect.objectContaining({ length: MANY }) as unknown
    });
  });
});

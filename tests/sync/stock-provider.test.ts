// The unmodified y-websocket client against the whole server: what bots, tools and other people's clients see.

import { describe, expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { MESSAGES_ROOT } from '#protocol/arrival.ts';
import { CLOSE } from '#protocol/close-codes.ts';
import type { RoomKind } from '#protocol/entry-fields.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { presentUser } from '#protocol/presence.ts';
import { TestServer } from './server-fixture.ts';
import { Stock, until } from './stock.ts';

const awarenessHolds = (stock: Stock, isSo: () => boolean): Promise<void> =>
  until(stock.provider.awareness, 'change', isSo);

async function setupRoom(kind: RoomKind = 'public') {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [ann, bo] = [await server.account('ann'), await server.account('bo')];
  const room = newRoomId();
  const first = new Stock(server, ann, room);
  await first.arrived(first.push({ type: 'room', action: 'created', name: 'Lobby', kind }));
  return { server, ann, bo, room, first };
}

describe('a stock y-websocket client', () => {
  test('[CONN-20] writes and reads both ways, with arrivals and one order on all sides', async () => {
    const { server, bo, room, first } = await setupRoom();
    const second = await new Stock(server, bo, room).synced();
    const ids: string[] = [];
    for (let at = 0; at < 10; at++) ids.push(first.say(`ann ${at}`), second.say(`bo ${at}`));
    await Promise.all([first.arrived(...ids), second.arrived(...ids)]);
    expect(second.arrivals()).toEqual(first.arrivals());
    expect(second.entries()).toEqual(first.entries());
    const counted = first.arrivals().filter(({ id }) => ids.includes(id));
    expect(counted.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  test('[CONN-20] 900 messages written before it ever connected arrive once each, in their order', async () => {
    const { server, bo, room, first } = await setupRoom();
    const doc = new Y.Doc();
    const ids = Array.from({ length: 900 }, (_, at) => {
      const entry = { id: newEntryId(at), type: 'message', author: bo.id, sentAt: 1_000 + at, body: `offline ${at}` };
      doc.getArray(MESSAGES_ROOT).push([entry]);
      return entry.id;
    });
    const second = new Stock(server, bo, room, { doc });
    await Promise.all([first.arrived(...ids), second.arrived(...ids)]);
    const arrived = first.arrivals().flatMap(({ id }) => (ids.includes(id) ? [id] : []));
    expect(arrived).toEqual(ids);
    const written = first.entries().flatMap(({ id, type }) => (type === 'message' ? [id] : []));
    expect(written).toEqual(ids);
  });

  test('[CONN-21] what was written while the server was down arrives once after it is back', async () => {
    const { server, bo, room, first } = await setupRoom();
    const second = await new Stock(server, bo, room).synced();
    await second.arrived(first.say('before'));
    await server.stop();
    const ids = [first.say('while it was down'), second.say('here too')];
    await server.start();
    await Promise.all([first.arrived(...ids), second.arrived(...ids)]);
    const after = first.say('after');
    await Promise.all([first.arrived(after), second.arrived(after)]);
    expect(second.arrivals()).toEqual(first.arrivals());
    expect(new Set(first.arrivals().map(({ id }) => id)).size).toBe(first.arrivals().length);
  });

  test('[PRES-6] is present under its own id and its true name, and gone when it goes', async () => {
    const { server, ann, bo, room, first } = await setupRoom();
    const second = await new Stock(server, bo, room).synced();
    first.provider.awareness.setLocalState({ typing: true, user: { id: bo.id, name: 'Bo' } });
    const seen = () => second.provider.awareness.getStates().get(first.doc.clientID);
    await awarenessHolds(second, () => seen()?.['typing'] === true);
    expect(seen()).toEqual({ typing: true, user: { id: ann.id } });
    const present = await server.fetch(`/api/rooms/${room}/present`, bo);
    expect(await present.json()).toEqual({ users: [ann.id, bo.id].sort() });

    // Two providers that pass on what they hear do not talk each other into ever newer states.
    expect(first.provider.awareness.getLocalState()).toMatchObject({ user: { name: 'Bo' } });
    first.provider.disconnect();
    await awarenessHolds(second, () => seen() === undefined);
    first.provider.connect();
    await awarenessHolds(second, () => presentUser(seen()) === ann.id);
  });

  test('[CONN-22] a token that is none is final, and so is a room closed to this person', async () => {
    const { server, ann, bo, room } = await setupRoom('private');
    expect(await new Stock(server, ann, room, { token: 'nonsense' }).finallyClosed()).toBe(CLOSE.signedOut);
    expect(await new Stock(server, bo, room).finallyClosed()).toBe(CLOSE.forbidden);
  });

  test("[CONN-22] a client id that is another person's is final", async () => {
    const { server, bo, room, first } = await setupRoom();
    const doc = new Y.Doc();
    doc.clientID = first.doc.clientID;
    for (const body of ['one', 'two', 'three']) {
      const id = newEntryId(Date.now());
      doc.getArray(MESSAGES_ROOT).push([{ id, type: 'message', author: bo.id, sentAt: Date.now(), body }]);
    }
    const second = new Stock(server, bo, room, { doc });
    const closed = second.finallyClosed();
    expect(await closed).toBe(CLOSE.clientIdTaken);
    await first.arrived(first.say('still mine'));
    expect(first.entries()).toHaveLength(2);
  });

  test('an entry that is not taken becomes a tombstone on its own replica, and what follows arrives', async () => {
    const { server, bo, room, first } = await setupRoom();
    const second = await new Stock(server, bo, room).synced();
    second.push({ type: 'room', action: 'renamed', name: 'Mine now' });
    const after = second.say('never mind');
    await Promise.all([first.arrived(after), second.arrived(after)]);
    expect(second.entries()).toEqual(first.entries());
    expect(second.entries().map(({ type }) => type)).toEqual(['room', 'message']);
  });
});

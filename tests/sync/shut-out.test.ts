// Who is removed or banned from a room, or left outside when it turns private, hears nothing of it any more: on no tab,
// on no socket, in no list and under no address.

import { expect, onTestFinished, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { MuxedClient } from '../../sync-server/sync/testing/muxed-client.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';
import { Stock } from './stock.ts';

const CANARY = 'canary-mT4bX9rW2qL7';

async function setup(kind: 'public' | 'private', joins: boolean) {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [ann, mallory] = [await server.account('ann'), await server.account('mallory')];
  const append = async (room: string, by: TestAccount, payload: object): Promise<void> => {
    const entry = { id: newEntryId(Date.now()), author: by.id, sentAt: Date.now(), ...payload } as Entry;
    expect(await server.rooms.append(entry, room)).toBeNull();
  };
  const make = async (name: string, of: 'public' | 'private', member: boolean): Promise<string> => {
    const room = newRoomId();
    await append(room, ann, { type: 'room', action: 'created', kind: of, name });
    if (member) expect(await server.rooms.joinByInvitation(room, mallory.id, ann.id)).toBeNull();
    return room;
  };
  const room = await make('Deck', kind, joins);
  const commons = await make('Commons', 'public', true);
  return { server, ann, mallory, append, room, commons };
}

const ways = [
  ['removed', 'private', true, { type: 'membership', action: 'removed' }],
  ['banned', 'private', true, { type: 'membership', action: 'banned' }],
  ['banned', 'public', true, { type: 'membership', action: 'banned' }],
  ['banned, never a member', 'public', false, { type: 'membership', action: 'banned' }],
  ['outside of a room that turns private', 'public', false, { type: 'room', action: 'kind', kind: 'private' }],
  ['in a room that is deleted', 'public', true, { type: 'room', action: 'deleted' }]
] as const;

test.each(ways)('[MEMBER-7] who is %s (%s) hears nothing more of it', async (_way, kind, joins, shut) => {
  const { server, ann, mallory, append, room, commons } = await setup(kind, joins);
  const url = server.syncUrl;
  const tabs = await Promise.all([1, 2, 3].map(() => MuxedClient.greeted(url, { token: mallory.token })));
  onTestFinished(async () => void (await Promise.all(tabs.map((tab) => tab.close()))));
  // Two tabs look at it, one at something else; and there is a bot.
  const channels = await Promise.all(tabs.slice(0, 2).map((tab) => tab.opened(room)));
  const bot = await new Stock(server, mallory, room).synced();
  const host = await new Stock(server, ann, room).synced();
  const { secret } = (await server.core.invitations.create(room, ann.id)) as { secret: string };
  const botClosed = bot.finallyClosed();

  const user = shut.type === 'membership' ? { user: mallory.id } : {};
  await append(room, ann, { ...shut, ...user });
  const over = shut.action === 'deleted';
  await Promise.all(channels.map(({ channel }, at) => tabs[at]!.channelClosed(channel)));
  await botClosed;
  const before = tabs.map((tab) => tab.frames.length);
  const heldByBot = bot.entries().length;
  host.provider.awareness.setLocalState({ typing: true, note: CANARY });
  if (!over) {
    await host.arrived(host.say(CANARY), host.say(`${CANARY} again`));
    await append(room, ann, { type: 'room', action: 'renamed', name: CANARY });
    await append(room, ann, { type: 'room', action: 'topic', topic: CANARY });
    const said = host.say(CANARY);
    await host.arrived(said);
    await append(room, ann, { type: 'redaction', target: said, of: ann.id });
  }
  tabs[2]!.sendControl({ type: 'read', room, n: 1 });
  // What comes afterwards has come: so had what was said before it.
  await append(commons, ann, { type: 'message', body: 'afterwards' });
  await Promise.all(
    tabs.map((tab) =>
      tab.until(() =>
        tab.control.some((it) => it.type === 'rooms' && it.changed.some(({ last }) => last?.body === 'afterwards'))
      )
    )
  );
  for (const [at, tab] of tabs.entries()) {
    const heard = Buffer.concat(tab.frames.slice(before[at]));
    expect(heard.includes(CANARY), `tab ${at}`).toBe(false);
    expect(tab.control.some((it) => it.type === 'rooms' && it.changed.some(({ name }) => name === CANARY))).toBe(false);
  }
  expect(bot.entries()).toHaveLength(heldByBot);
  expect(JSON.stringify([...bot.provider.awareness.getStates().values()])).not.toContain(CANARY);

  const get = async (path: string): Promise<string> => {
    const answer = await server.fetch(path, mallory);
    return `${answer.status} ${await answer.text()}`;
  };
  for (const path of ['', '/members', '/present', '/pages/0', '/invitations', '/reports']) {
    expect(await get(`/api/rooms/${room}${path}`), path).toMatch(/^404 /);
  }
  for (const path of ['/api/rooms', '/api/rooms?scope=public', `/api/rooms?scope=public&query=${CANARY}`]) {
    expect(await get(path), path).not.toMatch(new RegExp(`${CANARY}|${room}`));
  }
  // A line that is opened anew is greeted without it.
  const anew = await MuxedClient.greeted(url, { token: mallory.token });
  onTestFinished(async () => void (await anew.close()));
  expect(JSON.stringify(anew.control)).not.toContain(room);
  for (const page of [0, 1]) expect(await anew.channelClosed(anew.open(room, { page }))).toBe(CLOSE.forbidden);
  const accepted = await server.core.invitations.accept(secret, mallory.id);
  const mayComeBack = shut.action === 'removed' || shut.action === 'kind';
  expect(accepted === room).toBe(mayComeBack);
});

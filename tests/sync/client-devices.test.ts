// The client end to end without a browser: devices, tabs, plugs pulled, a server that stops and starts.

import { setInterval } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import { eventually } from '../eventually.ts';
import { allArrived, bodies, messages, TestDevice, until } from './client-fixture.ts';
import { Store } from '../../sync-server/store/store.ts';
import { DONE, offline, startServer, takeSeats, type Seat } from './seats.ts';
import type { TestServer } from './server-fixture.ts';

async function setup<Names extends readonly string[]>(...names: Names) {
  const server = await startServer();
  return { server, seats: await takeSeats(server, ...names) };
}

/** A private room of one's own, in which something was said that the server has. */
async function ownRoom({ tab }: Seat, name: string, ...said: string[]): Promise<RoomModel> {
  const room = tab.app.openRoom(await tab.app.createRoom(name, 'private'));
  for (const body of said) await room.send(body);
  await until(() => bodies(room).length === said.length && allArrived(room));
  return room;
}

test('[CLIENT-1] two people chat, one of them offline meanwhile; both see the same order', async () => {
  const { seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  const id = await ann.tab.app.createRoom('Garden', 'public');
  const annsRoom = ann.tab.app.openRoom(id);
  await annsRoom.send('hello');
  await until(() => bodies(annsRoom).length === 1 && allArrived(annsRoom));

  expect(await bo.tab.app.join(id)).toEqual(DONE);
  const bosRoom = bo.tab.app.openRoom(id);
  await until(() => bodies(bosRoom).includes('hello') && bosRoom.role === 'member' && allArrived(bosRoom));
  expect(bosRoom.name).toBe('Garden');
  await until(() => annsRoom.members.length === 2);
  await until(() => annsRoom.members.some(({ person }) => person.name === 'bo'));

  await offline(bo);
  await bosRoom.send('written offline');
  expect(messages(bosRoom).at(-1)).toMatchObject({ body: 'written offline', state: 'kept', own: true, n: null });
  await annsRoom.send('sent meanwhile');
  await until(() => allArrived(annsRoom));

  bo.device.plugIn();
  await until(() => bodies(annsRoom).length === 3 && bodies(bosRoom).length === 3 && allArrived(bosRoom));
  expect(bodies(annsRoom)).toEqual(['hello', 'sent meanwhile', 'written offline']);
  expect(bodies(bosRoom)).toEqual(bodies(annsRoom));
});

test('[CLIENT-2] a cold start with the server dead shows session, rooms and history, and keeps what is written', async () => {
  const { server, seats } = await setup('ann');
  const [{ device, tab: first }] = seats;
  const { id } = await ownRoom(seats[0], 'Boat', 'one', 'two');
  await until(() => first.app.rooms[0]?.name === 'Boat' && first.app.connection.waiting === 0);
  first.close();
  await server.stop();

  const second = await device.tab();
  expect(second.app.session.me?.name).toBe('ann');
  expect(second.app.rooms.map(({ name }) => name)).toEqual(['Boat']);
  const again = second.app.openRoom(id);
  await until(() => again.status === 'ready' && bodies(again).length === 2);
  await again.send('three');
  again.setDraft('half a th');
  expect(messages(again).at(-1)?.state).toBe('kept');
  again.close();
  second.close();

  const third = await device.tab();
  await until(() => third.app.rooms[0]?.draft === 'half a th');
  const kept = third.app.openRoom(id);
  await until(() => bodies(kept).length === 3);
  expect(messages(kept).at(-1)).toMatchObject({ body: 'three', state: 'kept' });
  await server.start();
  await until(() => allArrived(kept), 40_000);
  expect(bodies(kept)).toEqual(['one', 'two', 'three']);
});

test('[CLIENT-7] a public room that was only looked at can be read at a cold start without a server', async () => {
  const { server, seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  const id = await ann.tab.app.createRoom('Square', 'public');
  const annsRoom = ann.tab.app.openRoom(id);
  await annsRoom.send('for all to read');
  await until(() => allArrived(annsRoom) && bodies(annsRoom).length === 1);

  const looked = bo.tab.app.openRoom(id);
  await until(() => bodies(looked).length === 1);
  await looked.send('just passing');
  await until(() => bodies(looked).length === 2 && allArrived(looked));
  bo.tab.close();
  await server.stop();

  const second = await bo.device.tab();
  expect(second.app.rooms).toEqual([]);
  const again = second.app.openRoom(id);
  await until(() => bodies(again).length === 2);
  expect(again.name).toBe('Square');
  await again.send('kept');
  await until(() => messages(again).at(-1)?.state === 'kept');
});

test('[CLIENT-3] two tabs of one browser, offline and back: nothing doubled, nothing lost, both the same', async () => {
  const { seats } = await setup('ann');
  const [{ device, tab: left }] = seats;
  const right = await device.tab();
  expect(right.app.session.status).toBe('signed-in');
  const id = await left.app.createRoom('Tabs', 'private');
  const leftRoom = left.app.openRoom(id);
  const rightRoom = right.app.openRoom(id);
  await until(() => rightRoom.role === 'owner' && allArrived(rightRoom));

  device.unplug();
  await until(() => left.app.connection.banner === 'offline' && right.app.connection.banner === 'offline');
  await leftRoom.send('left');
  await rightRoom.send('right');
  await until(() => bodies(leftRoom).length === 2 && bodies(rightRoom).length === 2);
  // The tab that wrote it is gone before the network is back: the other one sends it.
  left.close();
  device.plugIn();
  await until(() => bodies(rightRoom).length === 2 && allArrived(rightRoom), 40_000);
  expect(bodies(rightRoom).sort()).toEqual(['left', 'right']);
});

test('[CLIENT-4] signing out wipes the device; an ended session keeps what is unsent for the same person', async () => {
  const { server, seats } = await setup('ann');
  const [{ account, device, tab }] = seats;
  const room = await ownRoom(seats[0], 'Notes', 'kept');
  device.unplug();
  await room.send('unsent');
  expect(await tab.app.session.unsentCount()).toBe(1);

  await tab.app.session.expire();
  expect(tab.app.session).toMatchObject({ status: 'signed-out', ended: { name: 'ann', unsent: 1 } });
  device.plugIn();
  expect(await tab.app.session.signIn(account.name, account.password)).toEqual(DONE);
  await until(() => bodies(room).length === 2 && allArrived(room));

  expect(await tab.app.session.signOut()).toEqual(DONE);
  const left = (await indexedDB.databases()).filter(({ name }) => name?.startsWith(`${device.prefix}-${account.id}`));
  expect(left).toEqual([]);
  expect((await server.fetch('/api/rooms', account)).status).toBe(200);
});

test('what was written offline in a room that is closed to its author meanwhile stays in the list, restart or not', async () => {
  const { seats } = await setup('ann', 'bo');
  const [ann, bo] = seats;
  const id = await ann.tab.app.createRoom('Harbour crew', 'private');
  const room = ann.tab.app.openRoom(id);
  await until(() => room.role === 'owner' && room.unsent === 0);
  const link = await room.acts.createInvitation({ lifeMs: 3_600_000, uses: 5, role: 'member' });
  if (!link.ok) throw new Error(link.message);
  const { device, tab: bos } = bo;
  expect(await bos.app.acceptInvitation(new URL(link.value.url).hash.slice(1))).toEqual({ ok: true, value: id });
  const bosRoom = bos.app.openRoom(id);
  await until(() => bosRoom.role === 'member' && room.members.length === 2);

  device.unplug();
  await bosRoom.send('written in the cellar');
  expect(await room.acts.remove(bo.account.id)).toEqual(DONE);
  await until(() => room.unsent === 0);
  device.plugIn();
  await until(() => bos.app.connection.failed === 1, 40_000);
  bosRoom.close();
  const listed = { id, preview: 'You: written in the cellar', ownState: 'failed' };
  await eventually(() => expect(bos.app.rooms).toMatchObject([listed]));
  expect(bos.app.connection.waiting).toBe(0);
  bos.close();

  const again = await device.tab();
  await until(() => again.app.connection.status === 'connected');
  await eventually(() => expect(again.app.rooms).toMatchObject([listed]));
  const roomAgain = again.app.openRoom(id);
  await until(() =>
    messages(roomAgain).some(({ body, state }) => body === 'written in the cellar' && state === 'failed')
  );
  await until(() => roomAgain.status === 'ready');
  const [failed] = messages(roomAgain).filter(({ state }) => state === 'failed');
  await roomAgain.discard(failed!.id);
  await until(() => again.app.rooms.length === 0 && again.app.connection.failed === 0);
});

/** The store gets another name, as it does when an older copy of it was put back. The server is stopped meanwhile. */
async function renameStore({ disk }: TestServer): Promise<void> {
  const store = await Store.inMemory(disk);
  await store.newGeneration();
  await store.close();
}

/** What a browser does that clears a site's storage: cookies stay. */
async function loseData(device: TestDevice): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith(device.prefix)) continue;
    await new Promise<unknown>((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
  }
}

test('a browser that has lost its data and kept its cookie is signed in by the cookie', async () => {
  const { seats } = await setup('ann');
  const [{ account, device, tab }] = seats;
  const { id } = await ownRoom(seats[0], 'Notes', 'kept by the server');
  tab.close();
  await loseData(device);

  const again = await device.tab();
  expect(again.app.session).toMatchObject({ status: 'signed-in', ended: null, me: { id: account.id } });
  const roomAgain = again.app.openRoom(id);
  await until(() => bodies(roomAgain).includes('kept by the server'));
  expect(await again.app.session.signOut()).toEqual(DONE);
  again.close();

  await loseData(device);
  expect((await device.tab()).app.session).toMatchObject({ status: 'signed-out', me: null });
});

test('a start without data and without a server asks to sign in', async () => {
  const server = await startServer();
  const empty = new TestDevice(server.url);
  onTestFinished(() => empty.close());
  empty.unplug();
  expect((await empty.tab()).app.session).toMatchObject({ status: 'signed-out', server: null });
});

test('[CLIENT-5] a room of 2,300 messages: pages are sealed under the writer, older ones load on demand', async () => {
  const { server, seats } = await setup('ann');
  const { app } = seats[0].tab;
  const id = await app.createRoom('Long', 'public');
  const room = app.openRoom(id);
  const sends: Promise<void>[] = [];
  for (let number = 0; number < 2_300; number += 1) sends.push(room.send(`m${number}`));
  await Promise.all(sends);
  await until(() => bodies(room).length === 2_300 && allArrived(room), 100_000);
  expect(new Set(bodies(room)).size).toBe(2_300);

  const [reader] = await takeSeats(server, 'bo');
  const read = reader.tab.app.openRoom(id);
  await until(() => bodies(read).length >= 200 && read.history === 'more');
  expect(bodies(read).at(-1)).toBe(bodies(room).at(-1));
  while (read.history !== 'start') await read.loadOlder();
  expect(bodies(read)).toEqual(bodies(room));
});

test('[CLIENT-6] the store gets another generation under a live tab: it goes on by itself, nothing doubled', async () => {
  const { server, seats } = await setup('ann');
  const [{ account, tab }] = seats;
  const room = await ownRoom(seats[0], 'Restored', 'before');
  await server.stop();
  await renameStore(server);
  await room.send('while it was down');
  room.setDraft('half a word');
  await server.start();
  await until(() => bodies(room).length === 2 && allArrived(room) && tab.app.connection.waiting === 0, 40_000);
  expect(bodies(room)).toEqual(['before', 'while it was down']);
  expect(room.draft).toBe('half a word');
  await eventually(() => expect(tab.app.rooms.map(({ name }) => name)).toEqual(['Restored']));
  await eventually(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name!).filter((name) => name.includes(account.id));
    expect(new Set(names.map((name) => name.split(account.id)[1]!.split(/-page-|-blobs$/)[0])).size).toBe(1);
  });
});

test('[CLIENT-49] whoever signs out while the generation changes is out: nothing of theirs is read anew for whoever comes next', async () => {
  const { server, seats } = await setup('ann');
  const [{ account, tab }] = seats;
  await ownRoom(seats[0], 'Restored', 'before');
  const bo = await server.account('bo');
  const { generation } = (await (await server.fetch('/api/me', account)).json()) as { generation: string };
  const { session } = tab.app;
  const update = session.update.bind(session);
  let out = false;
  session.update = async (me) => {
    await update(me);
    if (me.generation !== generation) out = (await session.signOut()).ok;
  };
  await server.stop();
  await renameStore(server);
  await server.start();
  await until(() => out, 40_000);
  expect(await session.signIn(bo.name, bo.password)).toMatchObject({ ok: true });
  await until(() => tab.app.connection.status === 'connected');
  expect(tab.app.rooms).toEqual([]);
  const names = (await indexedDB.databases()).map(({ name }) => name!);
  expect(names.filter((name) => name.includes(account.id))).toEqual([]);
});

test('[CLIENT-9] what is written in the very moment that the generation changes is there: messages, rooms, acts', async () => {
  const { server, seats } = await setup('ann');
  const [{ account, tab }] = seats;
  const room = await ownRoom(seats[0], 'Restored', 'before');
  await server.stop();
  await renameStore(server);
  const databases = async () =>
    (await indexedDB.databases()).flatMap(({ name }) => (name?.includes(account.id) ? [name] : []));
  const before = new Set(await databases());
  const written: string[] = [];
  const made: Promise<unknown>[] = [];
  await server.start();
  // At each turn of the change, from before it to after it.
  for await (const _ of setInterval(5)) {
    const body = `word ${written.length}`;
    written.push(body);
    made.push(room.send(body));
    if (written.length % 3 === 0) made.push(tab.app.createRoom(`Room ${written.length}`, 'private'));
    if ((await databases()).every((name) => !before.has(name))) break;
  }
  made.push(room.acts.setTopic('boats'));
  await Promise.all(made);
  await until(() => bodies(room).length === written.length + 1 && allArrived(room), 40_000);
  expect(bodies(room).toSorted()).toEqual(['before', ...written].toSorted());
  await until(() => tab.app.rooms.length === 1 + Math.floor(written.length / 3) && room.topic === 'boats', 40_000);
});

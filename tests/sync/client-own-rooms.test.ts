// What a person does with rooms for themselves, on two devices of theirs, by the whole client against a whole server.

import { expect, onTestFinished, test } from 'vitest';
import type { MessageItem, RoomListItem, RoomModel } from '../../src/lib/model/app-model.ts';
import { TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer } from './server-fixture.ts';

const DONE = { ok: true, value: undefined };

interface Seat {
  readonly device: TestDevice;
  readonly tab: TestTab;
}

async function setup() {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const accounts = { ann: await server.account('ann'), bo: await server.account('bo') };
  const enter = async (name: 'ann' | 'bo'): Promise<Seat> => {
    const device = new TestDevice(server.url);
    onTestFinished(() => device.close());
    const tab = await device.tab();
    expect(await tab.app.session.signIn(accounts[name].name, accounts[name].password)).toEqual(DONE);
    await until(() => tab.app.connection.status === 'connected');
    return { device, tab };
  };
  const ann = await enter('ann');
  const id = await ann.tab.app.createRoom('Harbour crew', 'public');
  const annsRoom = ann.tab.app.openRoom(id);
  await until(() => annsRoom.unsent === 0 && annsRoom.timeline.length > 0);
  const [phone, desk] = [await enter('bo'), await enter('bo')];
  expect(await desk.tab.app.join(id)).toEqual(DONE);
  await until(() => [phone, desk].every((seat) => rowOf(seat, id) !== undefined));
  return { id, annsRoom, phone, desk };
}

const rowOf = ({ tab }: Seat, id: string): RoomListItem | undefined => tab.app.rooms.find((room) => room.id === id);
const messages = ({ timeline }: RoomModel): readonly MessageItem[] =>
  timeline.filter((item): item is MessageItem => item.kind === 'message');

async function say(room: RoomModel, ...bodies: string[]): Promise<void> {
  for (const body of bodies) await room.send(body);
  await until(() => room.unsent === 0);
}

/** Opens the room and sees all of it, as its screen would. */
async function read({ tab }: Seat, id: string, count: number): Promise<RoomModel> {
  const room = tab.app.openRoom(id);
  await until(() => messages(room).length === count && messages(room).every(({ n }) => n !== null));
  room.markRead(room.timeline.at(-1)!);
  return room;
}

test('[UNREAD-1] mark-unread undone by a late receipt: not by a whole client and server either', async () => {
  const { id, annsRoom, phone, desk } = await setup();
  await say(annsRoom, 'one', 'two', 'three');
  await until(() => [phone, desk].every((seat) => rowOf(seat, id)?.unread === 3));
  const onPhone = phone.tab.app.openRoom(id);
  await until(() => messages(onPhone).length === 3);
  phone.device.unplug();
  await until(() => phone.tab.app.connection.status === 'offline');
  onPhone.markRead(onPhone.timeline.at(-1)!);
  await until(() => rowOf(phone, id)?.unread === 0);
  onPhone.close();

  const onDesk = await read(desk, id, 3);
  await until(() => rowOf(desk, id)?.unread === 0);
  onDesk.markUnread(messages(onDesk)[1]!);
  await until(() => rowOf(desk, id)?.unread === 2);
  expect(onDesk.firstUnreadId).toBe(messages(onDesk)[1]!.id);
  // The screen goes on to see what it shows.
  onDesk.markRead(onDesk.timeline.at(-1)!);

  // Now the phone's word that all was read comes.
  phone.device.plugIn();
  await until(() => phone.tab.app.connection.status === 'connected' && rowOf(phone, id)?.unread === 2);
  await say(annsRoom, 'four');
  await until(() => [phone, desk].every((seat) => rowOf(seat, id)?.unread === 3));

  // Opened anew it begins where it was marked, and is read on both.
  const again = await read(phone, id, 4);
  expect(again.firstUnreadId).toBe(messages(again)[1]!.id);
  await until(() => [phone, desk].every((seat) => rowOf(seat, id)?.unread === 0));
});

test('[OWNROOM-6] what is done with rooms offline is on the other device once there is a line, and over a restart', async () => {
  const { id, annsRoom, phone, desk } = await setup();
  desk.device.unplug();
  await until(() => desk.tab.app.connection.status === 'offline');
  desk.tab.app.own.setFavourite(id, true);
  desk.tab.app.own.setLevel(id, 'all');
  phone.tab.app.own.setMuted(id, true);
  await until(() => rowOf(desk, id)?.favourite === 0 && rowOf(phone, id)?.muted === true);
  desk.device.plugIn();
  for (const seat of [phone, desk])
    await until(() => {
      const row = rowOf(seat, id);
      return row?.favourite === 0 && row.muted && row.level === 'all';
    });

  await say(annsRoom, 'quiet');
  await until(() => rowOf(phone, id)?.unread === 1);
  expect(phone.tab.app.unreadTotal).toBe(0);
  phone.tab.app.own.setMuted(id, false);
  await until(() => phone.tab.app.unreadTotal === 1 && desk.tab.app.unreadTotal === 1);
  desk.tab.app.own.markAllRead();
  await until(() => phone.tab.app.unreadTotal === 0 && desk.tab.app.unreadTotal === 0);

  phone.device.unplug();
  phone.device.kill(phone.tab);
  const tab = await phone.device.tab();
  await until(() => rowOf({ ...phone, tab }, id)?.favourite === 0);
});

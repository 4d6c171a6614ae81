// What a person does with rooms for themselves, on two devices of theirs, by the whole client against a whole server.

import { expect, test } from 'vitest';
import type { RoomListItem } from '../../src/lib/model/room-list-item.ts';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { until } from './client-fixture.ts';
import { DONE, startServer, takeSeat, type Seat } from './seats.ts';

async function setup() {
  const server = await startServer();
  const accounts = { ann: await server.account('ann'), bo: await server.account('bo') };
  const enter = (name: 'ann' | 'bo') => takeSeat(server, accounts[name]);
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

test('[MENTION-6] who is mentioned has it counted on all devices, offline as well, and shown with their name', async () => {
  const { id, annsRoom, phone, desk } = await setup();
  await until(() => annsRoom.members.some(({ person }) => person.userName === 'bo'));
  await say(annsRoom, 'nothing', 'look, @Bo!', '`@bo`', '@room too');
  for (const seat of [phone, desk]) await until(() => rowOf(seat, id)?.unread === 4 && rowOf(seat, id)?.mentions === 2);
  expect(annsRoom.timeline.filter((item) => item.kind === 'message' && item.mentions !== null)).toHaveLength(2);
  expect(desk.tab.app.rooms[0]?.mentions).toBe(2);

  phone.tab.app.own.setArchived(id, true);
  phone.tab.app.own.setMuted(id, true);
  await until(() => rowOf(desk, id)?.archived === true && desk.tab.app.unreadTotal === 2);
  await say(annsRoom, 'not called');
  await until(() => rowOf(desk, id)?.unread === 5);
  expect(rowOf(desk, id)?.archived).toBe(true);
  await say(annsRoom, '@bo once more');
  for (const seat of [phone, desk]) await until(() => rowOf(seat, id)?.archived === false);

  const room = phone.tab.app.openRoom(id);
  await until(() => messages(room).length === 6 && messages(room).every(({ n }) => n !== null));
  phone.device.unplug();
  await until(() => phone.tab.app.connection.status === 'offline');
  const called = messages(room)[1]!;
  expect([called.mentions?.people.map(({ userName }) => userName), called.mentions?.room]).toEqual([['bo'], false]);
  room.markRead(called);
  await until(() => rowOf(phone, id)?.mentions === 2 && rowOf(phone, id)?.unread === 4);
  phone.device.plugIn();
  await until(() => rowOf(desk, id)?.mentions === 2 && rowOf(desk, id)?.unread === 4);

  // An edit shows whom it mentions, and calls nobody again.
  const first = messages(annsRoom)[0]!;
  expect(await annsRoom.acts.edit(first, 'nothing, @bo')).toEqual(DONE);
  await until(() => messages(room)[0]?.mentions?.people[0]?.userName === 'bo');
  expect(rowOf(desk, id)?.mentions).toBe(2);
});

test('[NOTICE-3] one is told once on each device, by the level of the room, and not of what came while it was away', async () => {
  const { id, annsRoom, phone, desk } = await setup();
  await until(() => annsRoom.members.some(({ person }) => person.userName === 'bo'));
  const heard = { phone: [] as string[], desk: [] as string[] };
  phone.tab.app.listenToNotices(({ text, mention }) => heard.phone.push(`${text}${mention ? ' @' : ''}`));
  desk.tab.app.listenToNotices(({ text }) => heard.desk.push(text));

  // The desk has the room open, and sees what comes.
  const onDesk = desk.tab.app.openRoom(id);
  await say(annsRoom, 'quiet', '**look**, @bo');
  await until(() => onDesk.timeline.some((item) => item.kind === 'message' && item.n === 2));
  onDesk.markRead(onDesk.timeline.at(-1)!);
  await until(() => rowOf(phone, id)?.unread === 0);

  phone.tab.app.own.setLevel(id, 'all');
  await until(() => rowOf(desk, id)?.level === 'all');
  onDesk.close();
  await say(annsRoom, 'loud');
  await until(() => heard.phone.includes('loud') && heard.desk.includes('loud'));

  phone.device.unplug();
  await until(() => phone.tab.app.connection.status === 'offline');
  await say(annsRoom, '@bo while away');
  phone.device.plugIn();
  // Of what comes together the newest alone is told.
  await until(() => rowOf(phone, id)?.unread === 2 && heard.desk.includes('@bo while away'));
  await say(annsRoom, 'last');
  await until(() => heard.phone.includes('last') && heard.desk.includes('last'));
  expect(heard.phone.filter((text) => text !== 'look, @bo @')).toEqual(['loud', 'last']);
  expect(heard.desk.filter((text) => text !== 'look, @bo')).toEqual(['loud', '@bo while away', 'last']);
});

test('[MENTION-8] what is sent later mentions people, and calls them when it is sent', async () => {
  const { id, annsRoom, phone } = await setup();
  await until(() => annsRoom.members.some(({ person }) => person.userName === 'bo'));
  const heard: (readonly [string, boolean])[] = [];
  phone.tab.app.listenToNotices(({ text, mention }) => heard.push([text, mention]));
  const at = Date.now() + 1_000;
  expect(await annsRoom.schedule.add('@bo, the tide turns', null, at)).toEqual(DONE);
  await until(() => heard.length > 0 && rowOf(phone, id)?.mentions === 1);
  expect(heard).toEqual([['@bo, the tide turns', true]]);
  await until(() => messages(annsRoom).some(({ mentions }) => mentions?.people[0]?.userName === 'bo'));
  expect(messages(annsRoom).at(-1)?.arrivedAt, 'and not before').toBeGreaterThanOrEqual(at);
});

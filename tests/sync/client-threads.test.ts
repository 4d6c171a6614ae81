// Threads by the whole client: with and without a network, with a root that waits or is taken away, over two devices of
// one person.

import { expect, test } from 'vitest';
import { CALL_BACK_MS } from '#protocol/limits.ts';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { allArrived, bodies, messages, until } from './client-fixture.ts';
import { DONE, offline, seatsInRoom, takeSeat, type RoomSeat, type Seat } from './seats.ts';

/** Ann, whose public room it is, and Bo, who has joined it. */
async function setup() {
  const { server, id, seats } = await seatsInRoom('ann', 'bo');
  const [ann, bo] = seats;
  const another = async ({ account }: Seat): Promise<RoomSeat> => {
    const seat = await takeSeat(server, account);
    await until(() => seat.tab.app.rooms.some((room) => room.id === id));
    return { ...seat, room: seat.tab.app.openRoom(id) };
  };
  return { ann, bo, another, id };
}

async function said(room: RoomModel, body: string): Promise<MessageItem> {
  const find = () => messages(room).find((item) => item.body === body);
  await until(() => find() !== undefined, 20_000, `“${body}”`);
  return find()!;
}

test('[THREAD-7] replies made offline to a message that waits itself arrive in its thread, and nowhere else', async () => {
  const { ann, bo } = await setup();
  await offline(bo);
  await bo.room.send('Who brings what?');
  const root = await said(bo.room, 'Who brings what?');
  const thread = bo.room.threads.open(root.id);
  await thread.room.send('I bring the rope');
  await thread.room.send('And the paint', messages(thread.room)[1]!.id);
  expect(bodies(thread.room)).toEqual(['Who brings what?', 'I bring the rope', 'And the paint']);
  expect(bodies(bo.room)).toEqual(['Who brings what?']);
  expect(bo.room.threads.of(root.id)).toMatchObject({ replies: 2, unread: 0 });
  bo.device.plugIn();
  await until(() => bo.room.unsent === 0 && allArrived(thread.room));

  const theirs = ann.room.threads.open((await said(ann.room, 'Who brings what?')).id);
  await until(() => theirs.replies === 2);
  expect(bodies(theirs.room)).toEqual(bodies(thread.room));
  expect(messages(theirs.room)[2]!.replyTo).toMatchObject({ body: 'I bring the rope' });
  expect(bodies(ann.room)).toEqual(['Who brings what?']);
  await until(() => ann.room.unread === 1);
  expect(ann.tab.app.rooms[0]).toMatchObject({ unread: 1 });
  // Nothing of it is Ann's, so nothing is new to her but the message itself.
  expect(ann.room.threads.own).toEqual([]);
});

test('[THREAD-8] in a thread one edits, reacts to and takes away as elsewhere; a root that goes leaves its thread', async () => {
  const { ann, bo } = await setup();
  await ann.room.send('Who brings what?');
  const root = await said(bo.room, 'Who brings what?');
  const [anns, bos] = [ann.room.threads.open(root.id), bo.room.threads.open(root.id)];
  await until(() => bos.status === 'ready');
  await bos.room.send('the rope');
  await bos.room.send('nonsense');
  await said(anns.room, 'nonsense');
  await until(() => bo.room.unsent === 0);
  expect(await bos.room.acts.edit(await said(bos.room, 'the rope'), 'the long rope')).toEqual(DONE);
  expect(await anns.room.acts.react(await said(anns.room, 'the long rope'), '👍')).toEqual(DONE);
  const rope = await said(bos.room, 'the long rope');
  await until(() => rope.reactions.length === 1);

  const nonsense = await said(anns.room, 'nonsense');
  bos.room.acts.redact(await said(bos.room, 'nonsense'));
  ann.room.acts.redact(messages(ann.room)[0]!);
  await until(() => messages(anns.room)[2]?.redacted !== null && bos.replies === 1, CALL_BACK_MS + 20_000);
  await until(() => messages(bos.room)[0]?.redacted !== null, CALL_BACK_MS + 20_000);
  expect(messages(anns.room)[2]!.id).toBe(nonsense.id);
  // Of what was said in the thread nothing shows in the room, not even that it is gone.
  expect(messages(bo.room).map(({ redacted }) => redacted !== null)).toEqual([true]);
  await anns.room.send('Then I bring paint');
  await said(bos.room, 'Then I bring paint');
  expect(bo.room.threads.of(root.id)).toMatchObject({ replies: 2 });
});

test('[THREAD-9] what is new in a thread of one’s own is counted until it is seen, on one device for all of them', async () => {
  const { ann, bo, another } = await setup();
  await ann.room.send('Who brings what?');
  const root = (await said(bo.room, 'Who brings what?')).id;
  const bos = bo.room.threads.open(root);
  await until(() => bos.status === 'ready');
  for (const body of ['the rope', 'the paint']) await bos.room.send(body);
  const phone = await another(ann);
  for (const { room } of [ann, phone]) {
    await until(() => room.threads.of(root)?.unread === 2);
    expect(room.threads.unread).toBe(1);
    expect(room.threads.own).toMatchObject([{ root, body: 'Who brings what?', replies: 2, unread: 2 }]);
  }
  expect(bo.room.threads.of(root)).toMatchObject({ unread: 0 });

  const onPhone = phone.room.threads.open(root);
  await until(() => onPhone.replies === 2);
  expect(onPhone.room.firstUnreadId).toBe(messages(onPhone.room)[1]!.id);
  onPhone.room.markRead(onPhone.room.timeline.at(-1)!);
  for (const { room } of [ann, phone]) await until(() => room.threads.of(root)?.unread === 0);
  // An older mark that comes later changes nothing.
  await offline(phone);
  phone.room.threads.open(root).room.markRead(onPhone.room.timeline[1]!);
  phone.device.plugIn();
  await bos.room.send('and boots');
  for (const { room } of [ann, phone]) await until(() => room.threads.of(root)?.unread === 1);
  // Who answers has seen what was there.
  await ann.room.threads.open(root).room.send('Boots I have');
  await until(() => ann.room.threads.of(root)?.unread === 0 && bo.room.threads.of(root)?.unread === 1);
});

test('[THREAD-10] what is typed in a thread is kept for it, apart from the room’s draft, on all devices', async () => {
  const { ann, another } = await setup();
  await ann.room.send('Who brings what?');
  const root = (await said(ann.room, 'Who brings what?')).id;
  const thread = ann.room.threads.open(root);
  ann.room.setDraft('for all');
  thread.room.setDraft('for these');
  const phone = await another(ann);
  const onPhone = phone.room.threads.open(root);
  await until(() => onPhone.room.draft === 'for these' && phone.room.draft === 'for all');
  onPhone.room.setDraft('for these two');
  await until(() => thread.room.draft === 'for these two');
  expect(ann.room.draft).toBe('for all');
});

test('[THREAD-19] polls and messages for later go into the thread that they were made in, offline too', async () => {
  const { ann, bo } = await setup();
  await ann.room.send('Who brings what?');
  const root = (await said(bo.room, 'Who brings what?')).id;
  const [anns, bos] = [ann.room.threads.open(root), bo.room.threads.open(root)];
  await until(() => bos.status === 'ready' && anns.status === 'ready');
  await offline(bo);
  await bos.room.messages.ask({ question: 'Rope?', options: ['long', 'short'], multiple: false, anonymous: false });
  expect(await bos.room.schedule.add('Low water', null, Date.now() + 300_000)).toEqual(DONE);
  expect(await bo.room.schedule.add('For all', null, Date.now() + 600_000)).toEqual(DONE);
  expect(bos.room.schedule.items).toMatchObject([{ body: 'Low water', thread: root, state: 'device' }]);
  // The room has all of it, so that nothing is lost from sight.
  expect(bo.room.schedule.items.map(({ body, thread }) => ({ body, thread }))).toEqual([
    { body: 'Low water', thread: root },
    { body: 'For all', thread: null }
  ]);
  bo.device.plugIn();
  const asked = await said(anns.room, 'Rope?');
  expect(await anns.room.messages.vote(asked, 1)).toEqual(DONE);
  await until(() => messages(bos.room).some(({ poll }) => poll?.options[1]?.votes === 1));
  expect(await bos.room.schedule.move(bos.room.schedule.items[0]!.id, Date.now() + 1_000)).toEqual(DONE);
  await said(anns.room, 'Low water');
  expect(bodies(anns.room)).toEqual(['Who brings what?', 'Rope?', 'Low water']);
  expect(bodies(ann.room)).toEqual(['Who brings what?']);
  await until(() => bos.room.schedule.items.length === 0);
});

test('[THREAD-11] a reply whose root never came to be says so in the room, with its words', async () => {
  const { bo } = await setup();
  await offline(bo);
  await bo.room.send('Never mind');
  const root = await said(bo.room, 'Never mind');
  await bo.room.threads.open(root.id).room.send('But these words matter');
  await bo.room.discard(root.id);
  expect(bo.room.unsent).toBe(1);
  bo.device.plugIn();
  const lost = await said(bo.room, 'But these words matter');
  expect(lost).toMatchObject({ state: 'failed' });
  expect(lost.failure).toContain('not there any more');
});

/** A device that is off, then on again with no network, as after a flight. */
async function restart(seat: RoomSeat): Promise<RoomSeat> {
  seat.device.unplug();
  seat.device.kill(seat.tab);
  const tab = await seat.device.tab();
  await until(() => tab.app.rooms.length > 0);
  return { ...seat, tab, room: seat.room };
}

test('[THREAD-13] one’s own threads are listed over all rooms, new ones first, offline after a restart, without keeping their words', async () => {
  const { ann, bo, another, id } = await setup();
  await ann.room.send('Who brings what?');
  await bo.room.send('Who has the key?');
  const [brings, key] = [await said(bo.room, 'Who brings what?'), await said(ann.room, 'Who has the key?')];
  await ann.room.threads.open(key.id).room.send('Not me');
  // A device that has no room open hears of it all the same.
  const phone = await another(ann);
  phone.room.close();
  await bo.room.threads.open(brings.id).room.send('the **rope**');
  const list = () => phone.tab.app.threads.all;
  await until(() => list().length === 2 && list()[0]!.unread === 1);
  expect(list()).toMatchObject([
    { room: id, root: brings.id, replies: 1, unread: 1, mentions: 0 },
    { room: id, root: key.id, replies: 1, unread: 0 }
  ]);
  expect(phone.tab.app.threads).toMatchObject({ unread: 1, mentioned: 0 });
  expect(phone.tab.app.threads.newIn(id)).toEqual({ threads: 1, mention: false });
  await until(() => bo.tab.app.threads.all.length === 2);
  expect(bo.tab.app.threads).toMatchObject({ unread: 1 });
  phone.tab.app.own.setMuted(id, true);
  await until(() => phone.tab.app.threads.unread === 0 && phone.tab.app.threads.newIn(id) !== null);

  await until(() => phone.tab.app.connection.status === 'connected');
  const offlinePhone = await restart(phone);
  const { threads } = offlinePhone.tab.app;
  await until(() => threads.all.length === 2);
  expect(threads.all[0]).toMatchObject({ root: brings.id, unread: 1 });
  expect(await threads.words(threads.all[0]!)).toMatchObject({
    root: { kind: 'there', body: 'Who brings what?' },
    last: { kind: 'there', body: 'the **rope**' }
  });
  // What was taken away has no words there.
  ann.room.acts.redact(messages(ann.room)[0]!);
  await until(() => messages(bo.room)[0]?.redacted !== null, CALL_BACK_MS + 20_000);
  const ofAnn = ann.tab.app.threads.all.find(({ root }) => root === brings.id)!;
  expect(await ann.tab.app.threads.words(ofAnn)).toMatchObject({ root: { kind: 'gone' }, last: { kind: 'there' } });
});

test('[THREAD-15] a mention in a reply makes the thread one’s own and is told of; what one only reads does not become that', async () => {
  const { ann, bo, another, id } = await setup();
  await bo.room.send('Who has the key?');
  const root = (await said(ann.room, 'Who has the key?')).id;
  const bos = bo.room.threads.open(root);
  await bos.room.send('Somebody must');
  const phone = await another(ann);
  phone.room.close();
  const told: unknown[] = [];
  phone.tab.app.listenToNotices(({ thread, text, mention, room }) => told.push({ thread, text, mention, room }));
  const read = ann.room.threads.open(root);
  await until(() => read.replies === 1);
  read.room.markRead(read.room.timeline.at(-1)!);
  read.close();
  expect(ann.room.threads.own).toEqual([]);
  expect(ann.tab.app.threads.all).toEqual([]);

  await until(() => bo.room.members.some(({ person }) => person.userName === 'ann'));
  await bos.room.send('You, @ann?');
  await until(() => ann.room.threads.of(root)?.mentions === 1);
  await until(() => phone.tab.app.threads.mentioned === 1 && told.length === 1);
  expect(told).toEqual([{ thread: root, text: 'You, @ann?', mention: true, room: id }]);
  expect(phone.tab.app.threads.newIn(id)).toEqual({ threads: 1, mention: true });
  // The room itself has nothing unread for it.
  expect(phone.tab.app.rooms[0]).toMatchObject({ mentions: 0 });

  const anns = ann.room.threads.open(root);
  await until(() => anns.replies === 2);
  anns.room.markRead(anns.room.timeline.at(-1)!);
  await until(() => phone.tab.app.threads.unread === 0 && phone.tab.app.threads.all.length === 1);
});

test('[THREAD-16] a reply that a link leads to is shown in its thread, whichever is opened first', async () => {
  const { ann, bo } = await setup();
  await ann.room.send('Who brings what?');
  const root = (await said(bo.room, 'Who brings what?')).id;
  const thread = ann.room.threads.open(root);
  await thread.room.send('the rope');
  const rope = await said(thread.room, 'the rope');
  thread.close();
  await until(() => bo.room.threads.of(root)?.replies === 1);
  expect(await bo.room.toMessage(rope.id)).toBe('shown');
  expect(bo.room.shownMessage).toEqual({ id: root });
  expect([bo.room.threads.rootOf(rope.id), bo.room.threads.rootOf(root)]).toEqual([root, null]);
  bo.room.threads.point(root, rope.id);
  const opened = bo.room.threads.open(root);
  await until(() => opened.room.shownMessage?.id === rope.id);
  const before = opened.room.shownMessage;
  bo.room.threads.point(root, rope.id);
  expect(opened.room.shownMessage).not.toBe(before);
  // Who was led there and has left is not led there once more.
  bo.room.threads.point(root, 'never-there');
  opened.close();
  expect(bo.room.threads.open(root).room.shownMessage).toBeNull();
});

test('[THREAD-17] [THREAD-18] opened before its room, a thread has its New line; what was not on the device comes with the line', async () => {
  const { ann, bo, another, id } = await setup();
  await ann.room.send('Who brings what?');
  const root = (await said(bo.room, 'Who brings what?')).id;
  const phone = await another(ann);
  await until(() => messages(phone.room).length === 1);
  const cold = await restart(phone);
  const early = cold.tab.app.openRoom(id);
  const late = early.threads.open('never-there-0001');
  const thread = early.threads.open(root);
  await until(() => thread.status === 'ready' && late.status === 'unavailable-offline');
  await bo.room.threads.open(root).room.send('the rope');
  await until(() => bo.room.unsent === 0);
  cold.device.plugIn();
  await until(() => late.status === 'absent');
  await until(() => thread.room.firstUnreadId !== null);
  expect(thread.room.firstUnreadId).toBe(messages(thread.room)[1]!.id);

  const again = await restart(cold);
  const room = again.tab.app.openRoom(id);
  const opened = room.threads.open(root);
  await until(() => opened.room.firstUnreadId !== null);
  expect(opened.replies).toBe(1);
});

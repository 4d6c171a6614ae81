// Threads by the whole client: with and without a network, with a root that waits or is taken away, over two devices of
// one person.

import { expect, onTestFinished, test } from 'vitest';
import type { MessageItem, RoomModel } from '../../src/lib/model/app-model.ts';
import { UNDO_MS } from '../../src/lib/model/room-acts.ts';
import { allArrived, bodies, messages, TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer } from './server-fixture.ts';

const DONE = { ok: true, value: undefined };

interface Seat {
  readonly device: TestDevice;
  readonly tab: TestTab;
  readonly room: RoomModel;
}

async function setup() {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const enter = async (account: { readonly name: string; readonly password: string }) => {
    const device = new TestDevice(server.url);
    onTestFinished(() => device.close());
    const tab = await device.tab();
    expect(await tab.app.session.signIn(account.name, account.password)).toEqual(DONE);
    await until(() => tab.app.connection.status === 'connected');
    return { device, tab };
  };
  const accounts = { ann: await server.account('ann'), bo: await server.account('bo') };
  const first = await enter(accounts.ann);
  const id = await first.tab.app.createRoom('Harbour crew', 'public');
  const ann: Seat = { ...first, room: first.tab.app.openRoom(id) };
  await until(() => ann.room.unsent === 0 && ann.room.timeline.length > 0);
  const second = await enter(accounts.bo);
  expect(await second.tab.app.join(id)).toEqual(DONE);
  const bo: Seat = { ...second, room: second.tab.app.openRoom(id) };
  await until(() => bo.room.role === 'member' && bo.room.unsent === 0 && bo.room.status === 'ready');
  const another = async (account: keyof typeof accounts): Promise<Seat> => {
    const seat = await enter(accounts[account]);
    await until(() => seat.tab.app.rooms.some((room) => room.id === id));
    return { ...seat, room: seat.tab.app.openRoom(id) };
  };
  return { ann, bo, another };
}

async function offline({ device, tab }: Seat): Promise<void> {
  device.unplug();
  await until(() => tab.app.connection.banner === 'offline');
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
  await until(() => messages(anns.room)[2]?.redacted !== null && bos.replies === 1, UNDO_MS + 10_000);
  await until(() => messages(bos.room)[0]?.redacted !== null, UNDO_MS + 10_000);
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
  const phone = await another('ann');
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
  const phone = await another('ann');
  const onPhone = phone.room.threads.open(root);
  await until(() => onPhone.room.draft === 'for these' && phone.room.draft === 'for all');
  onPhone.room.setDraft('for these two');
  await until(() => thread.room.draft === 'for these two');
  expect(ann.room.draft).toBe('for all');
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

// Edits and reactions made without a network, by the whole client: of messages that wait themselves, and of messages
// that are taken away meanwhile.

import { expect, onTestFinished, test } from 'vitest';
import type { MessageItem, RoomModel, SystemItem } from '../../src/lib/model/app-model.ts';
import { UNDO_MS } from '../../src/lib/model/room-acts.ts';
import { allArrived, TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer } from './server-fixture.ts';

const DONE = { ok: true, value: undefined };

interface Seat {
  readonly device: TestDevice;
  readonly tab: TestTab;
  readonly room: RoomModel;
}

/** Ann, whose public room it is, and Bo, who has joined it. */
async function setup(): Promise<{ ann: Seat; bo: Seat }> {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const enter = async (name: string) => {
    const account = await server.account(name);
    const device = new TestDevice(server.url);
    onTestFinished(() => device.close());
    const tab = await device.tab();
    expect(await tab.app.session.signIn(account.name, account.password)).toEqual(DONE);
    await until(() => tab.app.connection.status === 'connected');
    return { device, tab };
  };
  const first = await enter('ann');
  const id = await first.tab.app.createRoom('Harbour crew', 'public');
  const ann = { ...first, room: first.tab.app.openRoom(id) };
  await until(() => ann.room.unsent === 0 && ann.room.timeline.length > 0);
  const second = await enter('bo');
  expect(await second.tab.app.join(id)).toEqual(DONE);
  const bo = { ...second, room: second.tab.app.openRoom(id) };
  await until(() => bo.room.role === 'member' && bo.room.unsent === 0 && bo.room.status === 'ready');
  return { ann, bo };
}

async function offline({ device, tab }: Seat): Promise<void> {
  device.unplug();
  await until(() => tab.app.connection.banner === 'offline');
}

const saying = ({ room }: Seat, body: string): MessageItem | undefined =>
  room.timeline.find((item): item is MessageItem => item.kind === 'message' && item.body === body);

async function said(seat: Seat, body: string): Promise<MessageItem> {
  await until(() => saying(seat, body) !== undefined);
  return saying(seat, body)!;
}

test('[EDIT-6] a message that waits is edited, reacted to and answered; all of it arrives once, in this order', async () => {
  const { ann, bo } = await setup();
  await offline(bo);
  await bo.room.send('Low water at six');
  const waiting = await said(bo, 'Low water at six');
  expect(await bo.room.acts.edit(waiting, 'Low water at seven')).toEqual(DONE);
  expect(await bo.room.acts.react(await said(bo, 'Low water at seven'), '⛵')).toEqual(DONE);
  bo.room.composition.reply(waiting);
  expect(bo.room.composition.replyTo).toMatchObject({ id: waiting.id, body: 'Low water at seven' });
  await bo.room.send('So hurry', waiting.id);
  expect(bo.room.unsent).toBe(4);

  bo.device.plugIn();
  await until(() => bo.room.unsent === 0 && allArrived(bo.room));
  const arrived = await said(ann, 'Low water at seven');
  await until(() => arrived.reactions.length === 1);
  expect(arrived.versions.map(({ body }) => body)).toEqual(['Low water at six', 'Low water at seven']);
  expect(arrived.reactions[0]!.emoji).toBe('⛵');
  expect((await said(ann, 'So hurry')).replyTo).toMatchObject({ id: waiting.id, body: 'Low water at seven' });
  const messages = ann.room.timeline.filter(({ kind }) => kind === 'message');
  expect(messages).toHaveLength(2);
});

test('[EDIT-6] a waiting message that is taken back takes its edits and reactions along', async () => {
  const { ann, bo } = await setup();
  await offline(bo);
  await bo.room.send('Never mind');
  const waiting = await said(bo, 'Never mind');
  await bo.room.acts.edit(waiting, 'Never mind that');
  await bo.room.acts.react(await said(bo, 'Never mind that'), '👍');
  bo.room.acts.redact(await said(bo, 'Never mind that'));
  await until(() => bo.room.unsent === 0, UNDO_MS + 5_000);
  bo.device.plugIn();
  await until(() => bo.tab.app.connection.status === 'connected');
  await bo.room.send('What I meant');
  await said(ann, 'What I meant');
  expect(ann.room.timeline.filter(({ kind }) => kind === 'message')).toHaveLength(1);
  expect(bo.tab.app.connection.failed).toBe(0);
});

test('[EDIT-7] an edit of a message that was taken away meanwhile says so, and its words can be copied', async () => {
  const { ann, bo } = await setup();
  await bo.room.send('Low water at six');
  await until(() => bo.room.unsent === 0 && allArrived(bo.room));
  const theirs = await said(ann, 'Low water at six');
  await offline(bo);
  expect(await bo.room.acts.edit(await said(bo, 'Low water at six'), 'Low water at seven, bring boots')).toEqual(DONE);
  ann.room.acts.redact(theirs);
  await until(() => theirs.redacted !== null && ann.room.unsent === 0, UNDO_MS + 5_000);

  bo.device.plugIn();
  const lost = () =>
    bo.room.timeline.find((item): item is SystemItem => item.kind === 'system' && item.state === 'failed');
  await until(() => lost() !== undefined);
  expect(lost()).toMatchObject({ icon: 'edited', words: 'Low water at seven, bring boots' });
  expect(lost()!.failure).toContain('not there any more');
  await until(() => bo.room.timeline.some((item) => item.kind === 'message' && item.redacted !== null));
  await bo.room.discard(lost()!.id);
  expect(bo.room.unsent).toBe(0);
});

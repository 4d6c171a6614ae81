// Edits and reactions made without a network, by the whole client: of messages that wait themselves, and of messages
// that are taken away meanwhile.

import { expect, test } from 'vitest';
import { CALL_BACK_MS } from '#protocol/limits.ts';
import type { MessageItem, SystemItem } from '../../src/lib/model/timeline-item.ts';
import { allArrived, until } from './client-fixture.ts';
import { DONE, offline, seatsInRoom, type RoomSeat } from './seats.ts';

/** Ann, whose public room it is, and Bo, who has joined it. */
async function setup(): Promise<{ ann: RoomSeat; bo: RoomSeat }> {
  const [ann, bo] = (await seatsInRoom('ann', 'bo')).seats;
  return { ann, bo };
}

const saying = ({ room }: RoomSeat, body: string): MessageItem | undefined =>
  room.timeline.find((item): item is MessageItem => item.kind === 'message' && item.body === body);

async function said(seat: RoomSeat, body: string): Promise<MessageItem> {
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
  await until(() => bo.room.unsent === 0, CALL_BACK_MS + 20_000);
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
  await until(() => theirs.redacted !== null && ann.room.unsent === 0, CALL_BACK_MS + 20_000);

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

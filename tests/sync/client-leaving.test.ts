// Somebody leaves what they write: the room before what they sent is on this device's disk, or an edit.

import { expect, onTestFinished, test } from 'vitest';
import { BODY_MAX_CHARS } from '#protocol/limits.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { bodies, messages, TestDevice, until } from './client-fixture.ts';
import { TestServer } from './server-fixture.ts';

async function opened() {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const ann = await server.account('ann');
  const device = new TestDevice(server.url);
  onTestFinished(() => device.close());
  const tab = await device.tab();
  expect(await tab.app.session.signIn(ann.name, ann.password)).toMatchObject({ ok: true });
  await until(() => tab.app.connection.status !== 'connecting');
  const id = await tab.app.createRoom('Boat', 'private');
  const room = tab.app.openRoom(id);
  await until(() => room.status === 'ready');
  room.setDraft('Photo of the pier');
  return { id, room, app: tab.app, server };
}

test('[FILES-20] a message that waits for its files is sent with them though its room is left', async () => {
  const { id, room, app } = await opened();
  const added = room.files.add([new File(['pier'], 'pier.txt')]);
  room.files.sendWhenReady(() => room.send(room.draft.trim()));
  room.close();
  expect(await added).toEqual([]);
  const again = app.openRoom(id);
  await until(() => bodies(again).includes('Photo of the pier'));
  expect(messages(again).at(-1)?.attachments).toMatchObject([{ name: 'pier.txt' }]);
  expect(again.draft).toBe('');
});

test('[FILES-20] whoever comes back before finds it waiting, and can call it off', async () => {
  const { id, room, app } = await opened();
  const added = room.files.add([new File(['pier'], 'pier.txt')]);
  room.files.sendWhenReady(() => room.send(room.draft.trim()));
  room.close();
  const again = app.openRoom(id);
  expect(again.files.sendsWhenReady).toBe(true);
  again.files.sendWhenReady(null);
  expect(await added).toEqual([]);
  expect(again.draft).toBe('Photo of the pier');
  expect(again.files.composed).toMatchObject([{ name: 'pier.txt' }]);
  expect(bodies(again)).toEqual([]);
});

test('[FILES-20] what waited in a room that was left is not sent by whoever signs in next', async () => {
  const { id, room, app, server } = await opened();
  const bo = await server.account('bo');
  const added = room.files.add([new File(['pier'], 'pier.txt')]);
  room.files.sendWhenReady(() => room.send(room.draft.trim()));
  room.close();
  const out = app.session.signOut();
  await added;
  await out;
  expect(await app.session.signIn(bo.name, bo.password)).toMatchObject({ ok: true });
  await until(() => app.connection.status !== 'connecting');
  expect(app.openRoom(id)).not.toBe(room);
  expect(await app.session.unsentCount()).toBe(0);
});

test('[EDIT-8] a failed message that is taken up while another one is edited puts that edit aside', async () => {
  const { room } = await opened();
  await room.send('Mine');
  await room.send('x'.repeat(BODY_MAX_CHARS + 1));
  await until(() => messages(room).at(-1)?.state === 'failed');
  const [mine, failed] = messages(room) as [MessageItem, MessageItem];
  room.composition.beginEdit(mine);
  room.composition.setEdit('Mine, rewritten');
  await room.takeUp(failed.id);
  expect(room.composition.edit).toBeNull();
  expect(room.draft).toBe(failed.body);
  room.composition.beginEdit(mine);
  expect(room.composition.edit?.text).toBe('Mine, rewritten');
});

test('[FILES-21] words that are sent as their room is left are sent, and stand in no composer again', async () => {
  const { id, room, app } = await opened();
  void room.send(room.draft);
  room.close();
  const again = app.openRoom(id);
  await until(() => bodies(again).length === 1);
  expect(again.draft).toBe('');
});

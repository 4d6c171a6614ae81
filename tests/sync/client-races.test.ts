// Races that other chats have lost something in, by the whole client against a whole server.

import { expect, onTestFinished, test } from 'vitest';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { allArrived, bodies, messages, TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer } from './server-fixture.ts';

const DONE = { ok: true, value: undefined };
const DAY_MS = 24 * 3_600_000;

interface Seat {
  readonly device: TestDevice;
  readonly tab: TestTab;
  readonly room: RoomModel;
}

async function enter(server: TestServer, name: string, clockAheadMs = 0) {
  const account = await server.account(name);
  const device = new TestDevice(server.url, { locks: true });
  device.clockAheadMs = clockAheadMs;
  onTestFinished(() => device.close());
  const tab = await device.tab();
  expect(await tab.app.session.signIn(account.name, account.password)).toEqual(DONE);
  await until(() => tab.app.connection.status === 'connected');
  return { device, tab };
}

/** Ann, whose public room it is, and Bo, who has joined it on a device whose clock is off. */
async function setup(bosClockAheadMs = 0): Promise<{ id: string; ann: Seat; bo: Seat }> {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const first = await enter(server, 'ann');
  const id = await first.tab.app.createRoom('Harbour crew', 'public');
  const ann = { ...first, room: first.tab.app.openRoom(id) };
  await until(() => ann.room.unsent === 0 && ann.room.timeline.length > 0);
  const second = await enter(server, 'bo', bosClockAheadMs);
  expect(await second.tab.app.join(id)).toEqual(DONE);
  const bo = { ...second, room: second.tab.app.openRoom(id) };
  await until(() => bo.room.role === 'member' && bo.room.unsent === 0 && bo.room.timeline.length > 0);
  return { id, ann, bo };
}

async function offline({ device, tab }: Seat): Promise<void> {
  device.unplug();
  await until(() => tab.app.connection.status !== 'connected');
}

const saying = ({ room }: Seat, body: string): MessageItem | undefined =>
  messages(room).find((item) => item.body === body);

for (const [name, aheadMs] of [
  ['a day behind', -DAY_MS],
  ['a day ahead', DAY_MS],
  ['ten years behind', -3_652 * DAY_MS],
  ['ten years ahead', 3_652 * DAY_MS]
] as const) {
  test(`[RACE-4] wrong device clocks: ${name}, what is written stands in its place and time, also offline`, async () => {
    const { ann, bo } = await setup(aheadMs);
    await bo.room.send('with a line');
    await until(() => saying(ann, 'with a line') !== undefined && allArrived(bo.room));
    await offline(bo);
    await bo.room.send('without one');
    await bo.room.send('and another');
    await ann.room.send('meanwhile');
    await until(() => allArrived(ann.room));
    bo.device.plugIn();
    const all = ['with a line', 'meanwhile', 'without one', 'and another'];
    await until(() => [ann, bo].every(({ room }) => bodies(room).length === all.length && allArrived(room)));
    for (const { room } of [ann, bo]) {
      expect(bodies(room)).toEqual(all);
      // By the server's clock, which both devices know.
      for (const { sentAt, late } of messages(room)) {
        expect(Math.abs(sentAt - Date.now())).toBeLessThan(60_000);
        expect(late).toBe(false);
      }
    }
  });
}

test('[RACE-4] a clock that is put ahead while offline costs nobody a word: what the server refuses is sent at another try', async () => {
  const { ann, bo } = await setup();
  await offline(bo);
  bo.device.clockAheadMs = 3_652 * DAY_MS;
  await bo.room.send('from the future');
  bo.device.clockAheadMs = 0;
  bo.device.plugIn();
  await until(() => saying(bo, 'from the future')?.state === 'failed');
  const { id, failure } = saying(bo, 'from the future')!;
  expect(failure).toContain('clock');
  await bo.room.retry(id);
  await until(() => saying(ann, 'from the future') !== undefined && allArrived(bo.room));
  expect(bodies(bo.room)).toEqual(['from the future']);
});

test('[RACE-5] edit of a message that was refused: neither its words nor those of the edit are lost', async () => {
  const { ann, bo } = await setup();
  await offline(bo);
  await bo.room.send('first words');
  await bo.room.acts.edit(saying(bo, 'first words')!, 'second words');
  await until(() => saying(bo, 'second words')?.state === 'kept');
  expect(await ann.room.acts.ban(bo.tab.app.session.me!.id)).toEqual(DONE);
  await until(() => allArrived(ann.room));
  bo.device.plugIn();
  await until(() => bo.room.closed === 'banned' && bo.room.timeline.some(({ state }) => state === 'failed'));
  const failed = () => bo.room.timeline.filter(({ own, state }) => own && state === 'failed');
  // One after the other is written down as failed.
  await until(() => failed().length === 2);
  const words = failed().map((item) => (item.kind === 'message' ? item.body : item.words));
  expect(words).toEqual(['first words', 'second words']);
  // It is no message, so it is not edited: its words are taken up again.
  expect(bo.room.acts.mayEdit(messages(bo.room)[0]!)).toBe(false);
  expect(bodies(ann.room)).toEqual([]);
});

test('[RACE-6] draft lost on update: what was typed the moment before is there after, also without a line', async () => {
  const { id, bo } = await setup();
  await offline(bo);
  bo.room.setDraft('half a thou');
  bo.room.setDraft('half a thought');
  await bo.tab.app.update.apply();
  // The page is gone the next moment.
  bo.device.kill(bo.tab);
  const tab = await bo.device.tab();
  expect(tab.app.openRoom(id).draft).toBe('half a thought');
});

test('[RACE-7] view reloading while offline: all that was there is there, what waits goes on waiting, and is sent once', async () => {
  const { id, ann, bo } = await setup();
  await ann.room.send('before');
  await until(() => saying(bo, 'before') !== undefined);
  await offline(bo);
  await bo.room.send('written offline');
  await until(() => saying(bo, 'written offline')?.state === 'kept');
  let tab = bo.tab;
  for (const _reload of [1, 2, 3]) {
    bo.device.kill(tab);
    tab = await bo.device.tab();
    const room = tab.app.openRoom(id);
    await until(() => bodies(room).length === 2);
    expect(bodies(room)).toEqual(['before', 'written offline']);
    expect(messages(room)[1]!.state).toBe('kept');
    expect(tab.app.rooms[0]).toMatchObject({ name: 'Harbour crew', preview: 'You: written offline' });
  }
  bo.device.plugIn();
  const room = tab.app.openRoom(id);
  await until(() => bodies(room).length === 2 && allArrived(room) && saying(ann, 'written offline') !== undefined);
  expect(bodies(ann.room)).toEqual(['before', 'written offline']);
});

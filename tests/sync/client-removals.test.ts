// Messages taken away, by the whole client: what becomes of the removal when tab, room or line go before its time.

import { deleteDB, openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import { allArrived, bodies, messages, TestDevice, until, type TestTab } from './client-fixture.ts';
import { DONE, seatsInRoom } from './seats.ts';

const LONG_MS = 40_000;

/** Bo in his own room with a second device, on which he writes; his first one and Ann look on. */
async function setup() {
  const { server, id, seats } = await seatsInRoom('ann', 'bo');
  const [ann, bo] = seats;
  const device = new TestDevice(server.url, { locks: true });
  onTestFinished(() => device.close());
  const tab = await device.tab();
  expect(await tab.app.session.signIn(bo.account.name, bo.account.password)).toEqual(DONE);
  await until(() => tab.app.rooms.length === 1);
  const room = await opened(tab, id);
  return { id, ann, device, tab, room };
}

async function opened(tab: TestTab, id: string): Promise<RoomModel> {
  const room = tab.run(() => tab.app.openRoom(id));
  // The list of rooms says both before any of it is on this device.
  await until(() => room.role === 'member' && room.status === 'ready' && room.timeline.length > 0);
  return room;
}

const isGone = (room: RoomModel): boolean => (messages(room)[0]?.redacted ?? null) !== null;

/** Types of what lies in the outbox on the device's disk. */
async function onDisk({ prefix }: TestDevice): Promise<string[]> {
  const types: string[] = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith(`${prefix}-u`) || /-page-|-blobs$/.test(name)) continue;
    const db = await openDB(name);
    for (const { entry } of (await db.getAll('outbox')) as { entry: { type: string } }[]) types.push(entry.type);
    db.close();
  }
  return types.sort();
}

/** Resolves once the removal is on disk, long before it is sent. */
async function removed(room: RoomModel, device: TestDevice): Promise<void> {
  room.acts.redact(messages(room)[0]!);
  expect(room.acts.redacting.size).toBe(1);
  await expect.poll(() => onDisk(device), { timeout: 20_000 }).toContain('redaction');
}

test('[OUTBOX-14] a tab that is gone while its removal can be called back: it goes out from the next one, from no open room', async () => {
  const { ann, device, tab, room } = await setup();
  await room.send('oops');
  await until(() => bodies(ann.room)[0] === 'oops' && allArrived(room));
  // It is not over before the tab is gone, however slow the machine.
  device.clockStandsAt = Date.now();
  await removed(room, device);
  expect(isGone(room)).toBe(true);
  device.kill(tab);
  expect(isGone(ann.room)).toBe(false);
  device.clockStandsAt = null;
  await device.tab();
  await until(() => isGone(ann.room), LONG_MS);
});

test('[OUTBOX-14] a removal made without a line, in a room that is left: all other tabs show it, and it goes out with the line', async () => {
  const { id, ann, device, tab, room } = await setup();
  const other = await device.tab();
  await until(() => other.app.rooms.length === 1);
  const otherRoom = await opened(other, id);
  await room.send('oops');
  await until(() => bodies(ann.room)[0] === 'oops' && allArrived(room) && allArrived(otherRoom));
  await until(() => bodies(otherRoom)[0] === 'oops');
  device.unplug();
  await removed(room, device);
  room.close();
  await until(() => isGone(otherRoom));
  const again = await opened(tab, id);
  await until(() => again.acts.redacting.size === 0 && isGone(again));
  again.close();
  expect(isGone(ann.room)).toBe(false);
  device.plugIn();
  await until(() => isGone(ann.room), LONG_MS);
  await until(() => otherRoom.unsent === 0);
});

test('[OUTBOX-14] what can still be called back goes out at once where nobody looks any more, and is on disk so', async () => {
  const { ann, device, tab, room } = await setup();
  await room.send('oops');
  await until(() => bodies(ann.room)[0] === 'oops' && allArrived(room));
  // Time ends nothing here.
  device.clockStandsAt = Date.now();
  await removed(room, device);
  device.hide(tab);
  await until(() => isGone(ann.room) && room.unsent === 0);
  expect(room.acts.redacting.size).toBe(0);
});

test('[ACT-7] what is called back stays, for all, from another window too, also when its own is gone', async () => {
  const { ann, device, room, tab, id } = await setup();
  await room.send('not oops');
  await until(() => bodies(ann.room)[0] === 'not oops' && allArrived(room));
  device.clockStandsAt = Date.now();
  await removed(room, device);
  room.acts.undoRedact(messages(room)[0]!.id);
  await until(() => !isGone(room) && room.unsent === 0);
  await expect.poll(() => onDisk(device)).toEqual([]);
  await removed(room, device);
  device.kill(tab);
  const next = await device.tab();
  await until(() => next.app.rooms.length === 1);
  const again = await opened(next, id);
  await until(() => again.acts.redacting.size === 1);
  again.acts.undoRedact(messages(again)[0]!.id);
  await until(() => !isGone(again) && again.unsent === 0);
  device.clockStandsAt = null;
  await expect.poll(() => onDisk(device)).toEqual([]);
  await again.send('after');
  await until(() => bodies(ann.room).length === 2);
  expect(bodies(ann.room)).toEqual(['not oops', 'after']);
});

test('[ACT-8] a message that waits is taken back and never sent, in a room that is left too; what was called back goes out', async () => {
  const { ann, device, tab, room, id } = await setup();
  device.unplug();
  await until(() => tab.app.connection.status !== 'connected');
  device.clockStandsAt = Date.now();
  await room.send('oops');
  await removed(room, device);
  room.acts.undoRedact(messages(room)[0]!.id);
  await until(() => !isGone(room));
  await expect.poll(() => onDisk(device)).toEqual(['message']);
  await removed(room, device);
  expect(await onDisk(device)).toEqual(['message', 'redaction']);
  // The line comes while both wait.
  device.plugIn();
  room.close();
  await until(() => tab.app.connection.status === 'connected');
  const again = await opened(tab, id);
  device.clockStandsAt = null;
  await again.send('after');
  await until(() => bodies(ann.room).length > 0 && again.unsent === 0 && allArrived(again), LONG_MS);
  expect(messages(ann.room).map(({ body, redacted }) => [body, redacted])).toEqual([['after', null]]);
  await expect.poll(() => onDisk(device)).toEqual([]);
});

test('[ACT-8] a message that is under way when it is taken away is taken away', async () => {
  const { ann, device, room } = await setup();
  await until(() => allArrived(room));
  device.deafen();
  await room.send('oops');
  await until(() => bodies(ann.room)[0] === 'oops');
  // The server has it, and this device does not know.
  expect(messages(room)[0]!.state).toBe('kept');
  await removed(room, device);
  await until(() => isGone(ann.room), LONG_MS);
  expect(messages(room)[0]!.arrivedAt).toBeNull();
  device.hearAgain();
  await until(() => isGone(room) && messages(room)[0]!.arrivedAt !== null && room.unsent === 0);
  await expect.poll(() => onDisk(device)).toEqual([]);
});

test('[ACT-8] [EDIT-6] what waits in a room whose page has not come yet is changed and taken back all the same', async () => {
  const { id, ann, device, tab } = await setup();
  device.unplug();
  device.kill(tab);
  for (const { name } of await indexedDB.databases())
    if (name?.startsWith(device.prefix) && name.includes('-page-')) await deleteDB(name);
  const next = await device.tab();
  await until(() => next.app.rooms.length === 1);
  const room = next.run(() => next.app.openRoom(id));
  await until(() => room.role === 'member' && room.status === 'ready');
  for (const words of ['oops', 'typo']) await room.send(words);
  expect(bodies(room)).toEqual(['oops', 'typo']);
  expect(await room.acts.edit(messages(room)[1]!, 'mended')).toEqual(DONE);
  await until(() => bodies(room)[1] === 'mended');
  await removed(room, device);
  expect(isGone(room)).toBe(true);
  device.plugIn();
  await until(() => bodies(ann.room).includes('mended') && room.unsent === 0, LONG_MS);
  expect(messages(ann.room).map(({ body, redacted }) => [body, redacted])).toEqual([['mended', null]]);
  await expect.poll(() => onDisk(device)).toEqual([]);
});

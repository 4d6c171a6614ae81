// What goes with a person, and with a room: all that they held.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import type { UserId } from '#protocol/ids.ts';
import { SigningDevice } from '../gate/testing/signing-device.ts';
import { CANARY, holds, onDisk, sealedPage, sealPage } from './testing/canary.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

test('[ERASE-6] an account that goes takes its messages out of every room and page, and only its own', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const rooms = [
    await setup.room(ann, 'public', bo),
    await setup.room(ann, 'private', bo),
    await setup.room(bo, 'public')
  ];
  const kept = setup.message(ann, 'stays');
  await setup.rooms.append(kept, rooms[0]!);
  for (const room of rooms) await setup.rooms.append(setup.message(bo, CANARY), room);
  await sealPage(setup, rooms[0]!, ann);
  await setup.rooms.append(setup.message(bo, CANARY), rooms[0]!);
  const reader = await setup.client(ann, rooms[0]!, 1);
  await reader.until(() => holds(reader.doc));
  const { revision } = await sealedPage(setup, ann, rooms[0]!);

  await setup.rooms.eraseMessagesOf(bo);
  await reader.until(() => !holds(reader.doc));
  const sealed = await sealedPage(setup, ann, rooms[0]!);
  expect([sealed.erased.length, sealed.revision]).toEqual([1, revision + 1]);
  expect(sealed.entries.map(({ entry }) => entry.id)).toContain(kept.id);
  expect(sealed.entries.some(({ entry }) => entry.type === 'message' && entry.author === bo)).toBe(false);
  for (const { last } of await setup.rooms.joined(ann)) expect(JSON.stringify(last)).not.toContain(CANARY);
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
  // Who joined is a fact of the room and stays.
  expect(sealed.entries.some(({ entry }) => entry.type === 'membership' && entry.author === bo)).toBe(true);
});

test('[ERASE-12] what was on its way while its author had all they wrote erased is erased with it', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public');
  const reader = await setup.client(ann, room);
  const release = setup.disk.hold();
  // Bo is not in the room, so nothing that is written of his leaving waits behind it.
  const saying = setup.rooms.append(setup.message(bo, CANARY), room);
  const erasing = setup.rooms.eraseMessagesOf(bo);
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
  release();
  expect(await saying).toBeNull();
  await erasing;
  await setup.rooms.erasuresSettled();
  expect([onDisk(setup), holds(reader.doc)]).toEqual([false, false]);
});

test('[ERASE-12] nobody brings back what a person wrote who had all of it erased', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const device = new SigningDevice(bo);
  const gone = new Set<UserId>();
  setup.policy = {
    ...setup.policy,
    deviceKey: (id) => (id === device.id ? device.key() : null),
    isErased: (user) => gone.has(user)
  };
  const carrier = await setup.client(ann, room);
  const [before, after] = [device.sign(room, setup.message(bo)), device.sign(room, setup.message(bo, CANARY))];
  carrier.append(before);
  await carrier.untilArrived(before.id);
  gone.add(bo);
  carrier.append(after);
  await carrier.until(() => carrier.refusals.length > 0);
  expect(carrier.refusals).toEqual([{ id: after.id, code: 'author' }]);
  expect(onDisk(setup)).toBe(false);
  // That they leave is still written.
  expect(await setup.rooms.append(setup.entry(bo, { type: 'membership', action: 'left' }), room)).toBeNull();
});

test('[ERASE-6] the erasure of a person is finished by the next process', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const rooms = [await setup.room(ann, 'public', bo), await setup.room(ann, 'public', bo)];
  for (const room of rooms) await setup.rooms.append(setup.message(bo, CANARY), room);
  const batches = setup.disk.batches.length;
  const erasing = setup.rooms.eraseMessagesOf(bo).catch((error: unknown) => error);
  while (setup.disk.batches.length < batches + 2) await nextTurn();
  await setup.crash();
  await erasing;
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
});

test('[ERASE-7] a deleted room is gone from the disk but for its id, over a crash too', async () => {
  for (const crash of [false, true]) {
    await using setup = await RoomsSetup.start();
    const [ann, admin] = [setup.user(), setup.user()];
    const room = await setup.room(ann, 'private');
    await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'topic', topic: CANARY }), room);
    await setup.rooms.append(setup.message(ann, CANARY), room);
    await sealPage(setup, room, ann);
    await setup.rooms.append(setup.message(ann, CANARY), room);
    const client = await setup.client(ann, room, 1);
    expect(await setup.rooms.deleteRoom(room, admin)).toBe(true);
    await client.until(() => client.closedWith !== null);
    expect(client.closedWith).toBe(CLOSE.forbidden);
    if (crash) await setup.crash();
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup)).toBe(false);
    const left = setup.disk.entries.map(([key]) => key).filter((key) => key.includes(room));
    const was = [`left/${ann}/${room}`, `log-head/${room}`, `room-state/${room}`, `room/${room}`];
    expect(left.sort()).toEqual(was);
    expect(await setup.rooms.deleteRoom(room, admin)).toBe(false);
    await setup.restart();
    expect(await setup.rooms.append(setup.created(ann, 'public'), room)).toBe('room-exists');
    expect(await setup.rooms.sealedPage(ann, { room, page: 0 })).toBeNull();
  }
});

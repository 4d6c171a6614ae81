// Races between what is read of the store and what a commit changes meanwhile; the read is held where the race is.

import { expect, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

test('[RACE-1] who is removed while a sealed page is loaded for them does not get it', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  const writer = await setup.client(ann, room);
  writer.append(...Array.from({ length: PAGE_MAX_ENTRIES }, (_, at) => setup.message(ann, `filler ${at}`)));
  await writer.until(() => writer.view.sealedTo === 1);
  writer.disconnect();

  const reading = setup.reads.next(`base/${room}/`);
  const client = new DocClient(bo, { room, page: 0 });
  const opening = client.connect(setup.rooms);
  await reading.reached;
  const removed = setup.entry(ann, { type: 'membership', action: 'removed', user: bo });
  expect(await setup.rooms.append(removed, room)).toBeNull();
  reading.release();
  expect(await opening).toBe(CLOSE.forbidden);
  expect(client.messages).toEqual([]);
});

test('[RACE-2] a read marker that moves while an older one is being read stays where it moved', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  for (const body of ['one', 'two', 'three']) await setup.rooms.append(setup.message(ann, body), room);
  // Nobody has asked for Bo's marker since the room was loaded.
  await setup.restart();
  await setup.client(ann, room);
  const reading = setup.reads.next(`read/${room}/${bo}`);
  const asked = setup.rooms.summary(bo, room);
  await reading.reached;
  expect(await setup.rooms.markRead(bo, room, 2)).toEqual({ n: 2, unread: 1 });
  reading.release();
  expect(await asked).toMatchObject({ read: 2, unread: 1 });
  expect(await setup.rooms.summary(bo, room)).toMatchObject({ read: 2, unread: 1 });
  expect(await setup.rooms.markRead(bo, room, 1)).toEqual({ n: 2, unread: 1 });
});

test('[RACE-3] a room that is loaded while the store fails is not kept, and the next one to ask finds what is on disk', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const [room, other] = [await setup.room(ann, 'public', bo), await setup.room(ann, 'public')];
  await setup.restart();
  const reading = setup.reads.next(`room/${room}`);
  const client = new DocClient(bo, { room, page: 0 });
  const opening = client.connect(setup.rooms);
  await reading.reached;
  const reopened = new Promise<void>((resolve) => setup.store.onReopened(resolve));
  setup.disk.failNextBatch({ applied: false });
  await expect(setup.rooms.append(setup.message(ann), other)).rejects.toThrow();
  await reopened;
  // The store works again before the load goes on: it notices all the same.
  reading.release();
  expect(await opening).toBe(CLOSE.storage);
  expect(setup.rooms.liveCount).toBe(0);
  expect(await client.connect(setup.rooms)).toBeNull();
  const message = setup.message(bo);
  client.append(message);
  await client.untilArrived(message.id);
  expect((await setup.rooms.headEntries(room)).at(-1)!.entry).toEqual(message);
});

test('[HTTP-13] a room that is asked for while the server stops is not loaded any more', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  await setup.restart();
  const closing = setup.rooms.close();
  await expect(setup.rooms.append(setup.message(ann), room)).rejects.toMatchObject({ code: 'closed' });
  await closing;
  expect(setup.rooms.liveCount).toBe(0);
});

import { expect, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import { copyDisk } from './testing/copy-disk.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

test('[PAGE-8] a copy newer than the store tells of a restore: one new generation, every copy discarded', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const old = await setup.client(ann, room);
  await old.until(() => old.frames.length > 0);
  old.disconnect();
  await setup.restart();
  const backup = await copyDisk(setup.disk);
  await setup.restart();
  await old.connect(setup.rooms);
  const lost = setup.message(ann, 'after the backup');
  old.append(lost);
  await old.untilArrived(lost.id);
  const generation = setup.store.generation;

  await setup[Symbol.asyncDispose]();
  await using restored = await RoomsSetup.start(backup);
  const other = await restored.client(bo, room);
  await other.until(() => other.frames.length > 0);
  const stateBefore = await restored.rooms.headEntries(room);
  await old.connect(restored.rooms);
  // It offers more before it hears: nothing of it is taken.
  old.append(restored.message(ann, 'offered by an old copy'));
  await Promise.all([old, other].map((client) => client.until(() => client.closedWith !== null)));
  expect([old.closedWith, other.closedWith]).toEqual([CLOSE.discardCopy, CLOSE.discardCopy]);
  expect(restored.restores).toBe(1);
  expect(restored.store.generation).not.toBe(generation);
  expect(await restored.rooms.headEntries(room)).toEqual(stateBefore);

  // Copies that come later are sent away without another generation.
  await old.connect(restored.rooms);
  await old.until(() => old.closedWith !== null);
  expect(old.closedWith).toBe(CLOSE.discardCopy);
  expect(restored.restores).toBe(1);
  // Rebuilt, with the same entry id, it is in step again.
  const rebuilt = await restored.client(ann, room);
  rebuilt.append(lost);
  await rebuilt.untilArrived(lost.id);
  await other.connect(restored.rooms);
  await other.untilArrived(lost.id);
  expect(other.arrivedIds).toEqual(rebuilt.arrivedIds);
});

test('[PAGE-9] entries of a client that the store has never seen are no sign of a restore', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const client = await setup.client(ann, room);
  client.disconnect();
  const offline = Array.from({ length: 20 }, (_, index) => setup.message(ann, `${index}`));
  client.append(...offline);
  await setup.restart();
  await client.connect(setup.rooms);
  await client.untilArrived(...offline.map(({ id }) => id));
  expect(setup.restores).toBe(0);
});

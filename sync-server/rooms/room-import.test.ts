import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { newRoomId } from '#protocol/ids.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { ImportRefused } from './room-import.ts';
import { imported } from './testing/imported.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

test('[ROOM-10] an import fills page after page in order, arrived when written, counted for nobody; a second run adds nothing', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const entries = imported(2_500);
  expect(await setup.rooms.import(room, entries.slice(0, 1_300))).toEqual({ imported: 1_300, alreadyThere: 0 });
  // A run that was broken off goes on where it was; ids twice in one file count once.
  const rest = [...entries, entries[2_400]!];
  expect(await setup.rooms.import(room, rest)).toEqual({ imported: 1_200, alreadyThere: 1_301 });
  const history = async () => {
    const { head } = (await setup.rooms.summary(ann, room))!;
    const all: { entry: Entry; at: number; n: number }[] = [];
    for (let page = 0; page < head; page++) {
      const sealed = await setup.rooms.sealedPage(ann, { room, page });
      if (!sealed || sealed === 'not-sealed') throw new Error(`page ${page}`);
      expect(sealed.entries.length).toBeLessThanOrEqual(PAGE_MAX_ENTRIES);
      all.push(...sealed.entries);
    }
    all.push(...(await setup.rooms.headEntries(room)));
    return all.filter(({ entry }) => entry.type === 'message');
  };
  const once = await history();
  expect(once).toEqual(entries.map((entry) => ({ entry, at: entry.sentAt, n: 0 })));
  expect(await setup.rooms.summary(bo, room)).toMatchObject({
    ...{ head: 2, n: 0, read: 0, unread: 0 },
    last: { id: entries.at(-1)!.id, at: entries.at(-1)!.sentAt }
  });

  await setup.restart();
  const batches = setup.disk.batches.length;
  expect(await setup.rooms.import(room, entries)).toEqual({ imported: 0, alreadyThere: 2_500 });
  expect(setup.disk.batches.length).toBe(batches);
  expect(await history()).toEqual(once);
});

test('[ROOM-11] an import goes into a room without chat, and says why not otherwise', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  await expect(setup.rooms.import(newRoomId(), imported(1))).rejects.toThrow(ImportRefused);
  await expect(setup.rooms.import(room, [setup.message(ann)])).rejects.toThrow(ImportRefused);
  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'topic', topic: 'Old times' }), room);
  await setup.rooms.import(room, imported(10));
  await setup.rooms.append(setup.message(ann), room);
  await expect(setup.rooms.import(room, imported(5, 10))).rejects.toThrow(ImportRefused);
  expect(await setup.rooms.import(room, imported(10)), 'nothing new, nothing to refuse').toEqual({
    imported: 0,
    alreadyThere: 10
  });
  expect(await setup.rooms.summary(ann, room)).toMatchObject({ n: 1, read: 1, unread: 0 });
});

test('[ROOM-12] who is in the room while it is imported into sees the entries come', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const client = await setup.client(ann, room);
  const entries = imported(1_200);
  await setup.rooms.import(room, entries);
  await client.until(() => client.view.sealedTo === 1);
  const next = await setup.client(ann, room, 1);
  await next.untilArrived(entries.at(-1)!.id);
  const shown = [...client.arrivedIds, ...next.arrivedIds].filter((id) => id.startsWith('imported-'));
  expect(shown).toEqual(entries.map(({ id }) => id));
});

import { expect, test } from 'vitest';
import { newRoomId } from '#protocol/ids.ts';
import { encodeStored } from '../store/stored-json.ts';
import { publicKey, roomKey } from './keys.ts';
import { PublicRooms } from './public-rooms.ts';
import { DIRECTORY_PART_ROOMS } from './room-service.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

const NOBODY = new Set<string>();

test('[DIRECTORY-1] public rooms come a part at a time, newest activity first, each once, searched by name', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const made: string[] = [];
  for (let at = 0; at < DIRECTORY_PART_ROOMS + 7; at++) {
    const room = newRoomId();
    await setup.rooms.append(setup.created(ann, 'public', at % 10 === 0 ? `Ｋitchen ${at}` : `Hall ${at}`), room);
    made.unshift(room);
    setup.timers.advance(1_000);
  }
  await setup.room(ann, 'private');
  for (const round of ['kept up', 'from disk']) {
    const first = (await setup.rooms.publicRooms(bo)).map(({ id }) => id);
    const second = (await setup.rooms.publicRooms(bo, { after: first.at(-1)! })).map(({ id }) => id);
    expect([...first, ...second], round).toEqual(made);
    expect(first, round).toHaveLength(DIRECTORY_PART_ROOMS);
    const found = await setup.rooms.publicRooms(bo, { query: ' kITCH' });
    expect(found.map(({ name }) => name)).toEqual([50, 40, 30, 20, 10, 0].map((at) => `Ｋitchen ${at}`));
    await setup.restart();
  }
  // What moves up between two parts is not listed twice in the order of the first, and nothing is left out.
  const first = await setup.rooms.publicRooms(bo);
  await setup.rooms.append(setup.message(bo), made.at(-1)!);
  const second = await setup.rooms.publicRooms(bo, { after: first.at(-1)!.id });
  expect((await setup.rooms.publicRooms(bo))[0]!.id).toBe(made.at(-1));
  expect(second.map(({ id }) => id)).toEqual(made.slice(DIRECTORY_PART_ROOMS, -1));
});

test('[DIRECTORY-2] a commit while the directory is being read counts, and after a failed write it is read anew', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const { kv } = setup.store;
  const directory = new PublicRooms(kv);
  const listing = directory.part({}, NOBODY);
  directory.changed(room, null);
  expect(await listing).toEqual([]);

  const again = new PublicRooms(kv);
  const beforeFailure = again.part({}, NOBODY);
  again.forget();
  expect(await beforeFailure).toEqual([room]);
  const ghost = newRoomId();
  await kv.batch(
    [
      { type: 'put', key: publicKey(ghost), value: new Uint8Array() },
      { type: 'put', key: roomKey(ghost), value: (await kv.get(roomKey(room)))! }
    ],
    { sync: true }
  );
  expect(new Set(await again.part({}, NOBODY))).toEqual(new Set([room, ghost]));
  await kv.batch([{ type: 'put', key: roomKey(ghost), value: encodeStored({ odd: true }) }], { sync: true });
  again.forget();
  await expect(again.part({}, NOBODY)).rejects.toMatchObject({ code: 'corrupt' });
  await kv.batch([{ type: 'del', key: publicKey(ghost) }], { sync: true });
  expect(await again.part({}, NOBODY)).toEqual([room]);
});

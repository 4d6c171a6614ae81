import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newRoomId, type UserId } from '#protocol/ids.ts';
import { furthest, NO_RECEIPT, type Receipt } from '#protocol/receipt.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

const position = fc.nat(40);
const receipt = fc.record({ from: position, read: position, stored: position });

test('[RECEIPT-1] read marker never goes back: in any order, twice or late, all words of it end the same', () => {
  fc.assert(
    fc.property(fc.array(receipt, { minLength: 1, maxLength: 20 }), fc.infiniteStream(fc.nat()), (words, order) => {
      const together = (some: readonly Receipt[]): Receipt => some.reduce(furthest, NO_RECEIPT);
      const shuffled = [...words, ...words].sort(() => ((order.next().value as number) % 2 === 0 ? 1 : -1));
      let before = NO_RECEIPT;
      for (const word of shuffled) {
        const after = furthest(before, word);
        expect(after.read!).toBeGreaterThanOrEqual(before.read!);
        expect(after.stored).toBeGreaterThanOrEqual(before.stored);
        before = after;
      }
      expect(before).toEqual(together(words));
    })
  );
});

async function setupRoom() {
  const setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'private', bo);
  for (let index = 0; index < 5; index++) await setup.rooms.append(setup.message(ann), room);
  const of = async (user: UserId, asked = ann) => (await setup.rooms.receipts(asked, room))?.get(user);
  return { setup, ann, bo, room, of };
}

test('[RECEIPT-1] positions move up alone, no further than the room, also over a restart', async () => {
  const { setup, bo, room, of } = await setupRoom();
  await using _setup = setup;
  await Promise.all([3, 2, 4, 1].map((n) => setup.rooms.markRead(bo, room, n)));
  expect(await of(bo)).toEqual({ from: 0, read: 4, stored: 0 });
  await setup.rooms.markStored(bo, room, 1_000);
  await setup.rooms.markStored(bo, room, 2);
  await setup.rooms.markRead(bo, room, 1);
  await setup.restart();
  expect(await of(bo)).toEqual({ from: 0, read: 4, stored: 5 });
});

test('[RECEIPT-2] what is read quietly moves the own marker, and others learn nothing of it', async () => {
  const { setup, bo, room, of } = await setupRoom();
  await using _setup = setup;
  await setup.rooms.markRead(bo, room, 2);
  expect(await setup.rooms.markRead(bo, room, 5, false)).toEqual({ n: 5, unread: 0 });
  expect(await of(bo)).toEqual({ from: 0, read: 2, stored: 0 });
  // Shared again, the next word of it counts though the marker is there already.
  await setup.rooms.markRead(bo, room, 5, true);
  expect((await of(bo))?.read).toBe(5);
});

test('[RECEIPT-3] who comes in is counted from there on, and who goes leaves nothing behind', async () => {
  const { setup, ann, bo, room, of } = await setupRoom();
  await using _setup = setup;
  const told: [UserId, Receipt][] = [];
  setup.rooms.subscribe({
    changed: () => undefined,
    gone: () => undefined,
    read: () => undefined,
    pageChanged: () => undefined,
    receipt: (user, _room, receipt) => told.push([user, receipt])
  });
  const cy = setup.user();
  expect(await setup.rooms.receipts(cy, room)).toBeNull();
  await setup.rooms.joinByInvitation(room, cy, ann);
  expect(told).toEqual([[cy, { from: 5, read: 5, stored: 5 }]]);
  expect(await of(cy, cy)).toEqual({ from: 5, read: 5, stored: 5 });
  await setup.rooms.append(setup.entry(bo, { type: 'membership', action: 'left' }), room);
  expect(await of(bo)).toBeUndefined();
  // What was on its way when they went, and what strangers say, is kept nowhere.
  await setup.rooms.markStored(bo, room, 5);
  await setup.rooms.markRead(bo, room, 5);
  await setup.rooms.joinByInvitation(room, bo, ann);
  expect(await of(bo)).toEqual({ from: 5, read: 5, stored: 5 });
  expect(await setup.rooms.receipts(ann, newRoomId())).toBeNull();
});

test('[RECEIPT-4] receipts go with the room and with the account', async () => {
  const { setup, ann, bo, room } = await setupRoom();
  await using _setup = setup;
  const records = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const [key] of setup.store.kv.range({ gte: 'receipt/', lt: 'receipt0' })) keys.push(key);
    return keys;
  };
  await setup.rooms.markStored(bo, room, 3);
  expect(await records()).toHaveLength(2);
  await setup.store.kv.batch(await setup.rooms.receiptErasure(bo), { sync: true });
  expect(await records()).toHaveLength(1);
  await setup.rooms.deleteRoom(room, ann);
  await setup.rooms.erasuresSettled();
  expect(await records()).toEqual([]);
});

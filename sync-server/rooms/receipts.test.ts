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

test('[RECEIPT-4] what is kept of a person’s reading goes with the room, with the account, and with who leaves', async () => {
  const { setup, ann, bo, room } = await setupRoom();
  await using _setup = setup;
  const records = (user: UserId): string[] =>
    setup.disk.entries
      .map(([key]) => key)
      .filter((key) => /^(?:receipt|read|own|mention|said)\//.test(key) && key.includes(`/${user}`));
  const live = async (user: UserId): Promise<void> => {
    await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'slow', seconds: 10 }), room);
    for (const text of ['one', 'two']) {
      await setup.rooms.append(setup.message(ann, text, { mentions: [user] }), room);
      await setup.rooms.append(setup.message(user, text), room);
    }
    await setup.rooms.markStored(user, room, 7);
    await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'slow', seconds: 0 }), room);
  };
  await live(bo);
  const kinds = (user: UserId): string[] => [...new Set(records(user).map((key) => key.split('/')[0]!))].sort();
  expect(kinds(bo)).toEqual(['mention', 'own', 'read', 'receipt', 'said']);
  await setup.store.kv.batch(await setup.rooms.receiptErasure(bo), { sync: true });
  expect(records(bo)).toEqual([]);

  const cy = setup.user();
  await setup.rooms.joinByInvitation(room, cy, ann);
  await live(cy);
  await setup.rooms.append(setup.entry(cy, { type: 'membership', action: 'left' }), room);
  // Slow mode holds for who comes back.
  expect(kinds(cy)).toEqual(['said']);
  await setup.rooms.joinByInvitation(room, cy, ann);
  await setup.restart();
  expect(await setup.rooms.summary(cy, room)).toMatchObject({ unread: 0, mentions: [] });
  await setup.rooms.deleteRoom(room, ann);
  await setup.rooms.erasuresSettled();
  expect([...records(ann), ...records(bo), ...records(cy)]).toEqual([]);
});

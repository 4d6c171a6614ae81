import { expect, test } from 'vitest';
import type { ServerMessage } from '#protocol/control.ts';
import { newRoomId, newUserId, type RoomId, type UserId } from '#protocol/ids.ts';
import { RECEIPTS_MAX_LISTED } from '#protocol/limits.ts';
import { SHARES_ALL, type Privacy } from '#protocol/personal.ts';
import { NO_RECEIPT, type Receipt } from '#protocol/receipt.ts';
import type { Session } from '../accounts/session.ts';
import { HandTimers } from '../testing/hand-timers.ts';
import { ReceiptNotices, RECEIPTS_EVERY_MS, type ReceiptReader } from './receipt-notices.ts';

class Reader implements ReceiptReader {
  readonly session: Session;
  readonly heard: ServerMessage[] = [];
  constructor(user: UserId) {
    this.session = { user: { id: user } } as Session;
  }
  notify(message: ServerMessage): void {
    this.heard.push(message);
  }
  get last(): ServerMessage | undefined {
    return this.heard.at(-1);
  }
}

function setup(members: number) {
  const timers = new HandTimers();
  const people = Array.from({ length: members }, () => newUserId());
  const room = newRoomId();
  const stored = new Map<UserId, Receipt>(people.map((user) => [user, NO_RECEIPT]));
  const choices = new Map<UserId, Privacy>();
  let disk = Promise.resolve();
  /** How often the store was asked for all receipts, and what a person lets others know. */
  const asked = { receipts: 0, privacy: 0 };
  const notices = new ReceiptNotices(
    {
      receipts: async (user: UserId, ofRoom: RoomId) => {
        asked.receipts += 1;
        const found = ofRoom === room && stored.has(user) ? new Map(stored) : null;
        await disk;
        return found;
      },
      isMember: async (user: UserId, ofRoom: RoomId) => ofRoom === room && stored.has(user)
    },
    {
      of: (user) => {
        asked.privacy += 1;
        return choices.get(user) ?? SHARES_ALL;
      }
    },
    timers,
    { debug: () => undefined, info: () => undefined, warn: () => undefined }
  );
  const move = (user: UserId, receipt: Partial<Receipt>): void => {
    stored.set(user, { ...stored.get(user)!, ...receipt });
    notices.receipt(user, room, stored.get(user)!);
  };
  const watch = async (user: UserId): Promise<Reader> => {
    const reader = new Reader(user);
    notices.watch(reader, [room]);
    await expect.poll(() => reader.heard.length).toBeGreaterThan(0);
    return reader;
  };
  const keepBack = (user: UserId, readReceipts: boolean): void => {
    choices.set(user, { ...SHARES_ALL, readReceipts });
    notices.privacyChanged(user);
  };
  const holdDisk = (): (() => void) => {
    const held = Promise.withResolvers<void>();
    disk = held.promise;
    return held.resolve;
  };
  return { timers, people, room, notices, stored, move, watch, keepBack, holdDisk, asked };
}

test('[RECEIPT-5] who looks at a room is told of all others, then of what changes, at most once a second', async () => {
  const { timers, people, room, move, watch } = setup(3);
  const [ann, bo, cy] = people as [UserId, UserId, UserId];
  move(bo, { read: 2, stored: 3 });
  const reader = await watch(ann);
  const cyNow = { user: cy, from: 0, read: 0, stored: 0 };
  const boNow = { user: bo, from: 0, read: 2, stored: 3 };
  expect(reader.heard).toEqual([{ type: 'receipts', room, whole: true, people: [boNow, cyNow], gone: [] }]);
  move(cy, { stored: 1 });
  timers.advance(RECEIPTS_EVERY_MS);
  for (let n = 1; n <= 5; n++) move(cy, { read: n, stored: n });
  expect(reader.heard).toHaveLength(2);
  timers.advance(RECEIPTS_EVERY_MS);
  expect(reader.heard.slice(2)).toEqual([
    { type: 'receipts', room, whole: false, people: [{ user: cy, from: 0, read: 5, stored: 5 }], gone: [] }
  ]);
  // One's own coming along is no news.
  move(ann, { read: 5 });
  timers.advance(RECEIPTS_EVERY_MS);
  expect(reader.heard).toHaveLength(3);
});

test('[RECEIPT-6] nobody but members hears of a room, and who goes hears no more', async () => {
  const { timers, people, room, notices, move, watch } = setup(3);
  const [ann, bo, cy] = people as [UserId, UserId, UserId];
  const stranger = new Reader(newUserId());
  notices.watch(stranger, [room]);
  const [of, gone] = [await watch(ann), await watch(bo)];
  notices.gone(bo, room);
  move(cy, { read: 1 });
  timers.advance(RECEIPTS_EVERY_MS);
  expect([stranger.heard.length, gone.heard.length]).toEqual([0, 1]);
  expect(of.last).toMatchObject({ whole: false, people: [{ user: cy, read: 1 }], gone: [bo] });
  notices.remove(of);
  notices.remove(gone);
  notices.remove(stranger);
  expect([notices.watchedCount, timers.pending]).toEqual([0, 0]);
});

test('[RECEIPT-6] who goes while the receipts are being read is told nothing', async () => {
  const { people, room, notices, holdDisk } = setup(2);
  const release = holdDisk();
  const reader = new Reader(people[0]!);
  notices.watch(reader, [room]);
  notices.gone(people[0]!, room);
  release();
  await new Promise(setImmediate);
  expect(reader.heard).toEqual([]);
});

test('[RECEIPT-6] who looks at a room before it is made, or before they are in it, is told as soon as they are', async () => {
  const { timers, people, room, notices, stored, move } = setup(1);
  const late = new Reader(newUserId());
  notices.watch(late, [room]);
  await new Promise(setImmediate);
  move(people[0]!, { read: 3, stored: 3 });
  timers.advance(RECEIPTS_EVERY_MS);
  expect(late.heard).toEqual([]);
  stored.set(late.session.user.id, NO_RECEIPT);
  move(late.session.user.id, { from: 3, read: 3, stored: 3 });
  await expect.poll(() => late.last).toMatchObject({ whole: true, people: [{ user: people[0], read: 3 }] });
});

test('[RECEIPT-7] who keeps their readings back is told of nobody’s, and nobody is told of theirs, at once', async () => {
  const { timers, people, move, watch, keepBack } = setup(3);
  const [ann, bo, cy] = people as [UserId, UserId, UserId];
  for (const user of people) move(user, { read: 4, stored: 4 });
  const [ofAnn, ofCy] = [await watch(ann), await watch(cy)];
  keepBack(bo, false);
  timers.advance(RECEIPTS_EVERY_MS);
  expect(ofAnn.last).toMatchObject({ people: [{ user: bo, read: null, stored: 4 }] });
  keepBack(ann, false);
  expect(ofAnn.last).toMatchObject({
    whole: true,
    people: [
      { user: bo, read: null, stored: 4 },
      { user: cy, read: null, stored: 4 }
    ]
  });
  timers.advance(RECEIPTS_EVERY_MS);
  expect(ofCy.last).toMatchObject({ people: [{ user: ann, read: null, stored: 4 }] });
  keepBack(bo, true);
  timers.advance(RECEIPTS_EVERY_MS);
  expect(ofCy.last).toMatchObject({ people: [{ user: bo, read: 4 }] });
  expect(ofAnn.last).toMatchObject({ people: [{ user: bo, read: null }] });
});

test('[RECEIPT-8] in a crowded room there are counts, without oneself and who keeps theirs back', async () => {
  const { timers, people, room, move, watch, keepBack } = setup(RECEIPTS_MAX_LISTED + 1);
  const [ann, bo, ...others] = people as [UserId, UserId, ...UserId[]];
  for (const user of others) move(user, { read: 3, stored: 7 });
  move(bo, { read: 7, stored: 7 });
  move(ann, { read: 7, stored: 7 });
  const reader = await watch(ann);
  expect(reader.last).toEqual({
    type: 'receipt-counts',
    room,
    others: RECEIPTS_MAX_LISTED,
    read: [
      [7, 1],
      [3, RECEIPTS_MAX_LISTED - 1]
    ],
    stored: [[7, RECEIPTS_MAX_LISTED]]
  });
  keepBack(bo, false);
  timers.advance(RECEIPTS_EVERY_MS);
  expect(reader.last).toMatchObject({ read: [[3, RECEIPTS_MAX_LISTED - 1]] });
});

test('[RECEIPT-10] a round in a crowd costs as much as it has people, and the store is read once for all who come back', async () => {
  const { timers, people, room, notices, move, asked } = setup(400);
  const readers = people.map((user) => new Reader(user));
  for (const reader of readers) notices.watch(reader, [room]);
  await expect.poll(() => readers.every(({ heard }) => heard.length === 1)).toBe(true);
  expect(asked.receipts).toBe(1);
  timers.advance(RECEIPTS_EVERY_MS);
  asked.privacy = 0;
  for (const [at, user] of people.entries()) move(user, { read: 1 + (at % 2), stored: 2 });
  timers.advance(RECEIPTS_EVERY_MS);
  expect(asked.privacy).toBeLessThan(4 * people.length);
  const told = (last: ServerMessage | undefined) => last?.type === 'receipt-counts' && [last.others, last.read];
  expect(told(readers[0]!.last)).toEqual([
    399,
    [
      [2, 200],
      [1, 199]
    ]
  ]);
  expect(told(readers[1]!.last)).toEqual([
    399,
    [
      [2, 199],
      [1, 200]
    ]
  ]);
});

test('[RECEIPT-6] who is out before they ask again is told nothing, though the room is known by others', async () => {
  const { people, room, notices, stored, watch } = setup(3);
  await watch(people[0]!);
  stored.delete(people[1]!);
  notices.gone(people[1]!, room);
  const reader = new Reader(people[1]!);
  notices.watch(reader, [room]);
  await new Promise(setImmediate);
  expect(reader.heard).toEqual([]);
});

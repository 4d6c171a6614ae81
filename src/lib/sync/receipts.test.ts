import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { expect, test, vi, onTestFinished } from 'vitest';
import type { MemberReceipt, ServerMessage } from '#protocol/control.ts';
import { STORED_EVERY_MS } from '#protocol/limits.ts';
import { eventually } from '../../../tests/eventually.ts';
import { FakeServer } from './testing/fake-server.ts';
import { freshDevice, ROOM, setupRoom, startClient, summary } from './testing/synced-room.ts';
import { Receipts } from './receipts.ts';
import { StoredReports } from './stored-reports.ts';

type Told = Extract<ServerMessage, { type: 'receipts' }>;

const told = (people: readonly Partial<MemberReceipt>[], extra: Partial<Told> = {}): Told => ({
  ...{ type: 'receipts', room: ROOM, whole: false, gone: [] },
  people: people.map((one) => ({ user: 'ann', from: 0, read: 0, stored: 0, ...one })),
  ...extra
});

function inMemory() {
  const stored = new Map<string, unknown>();
  const asked: (readonly string[])[] = [];
  const receipts = new Receipts({
    db: {
      meta: async <Value>(key: string) => stored.get(key) as Value | undefined,
      putMeta: async (key, value) => {
        stored.set(key, value);
        return { ok: true };
      }
    },
    ask: (rooms) => asked.push(rooms)
  });
  const people = () => {
    const of = receipts.of(ROOM);
    return of?.kind === 'people' ? of.people : null;
  };
  return { receipts, asked, people };
}

test('[RECEIPT-20] read marker never goes back, whatever the order of frames: whole, changed, twice', () => {
  const word = fc.record({ read: fc.nat(50), stored: fc.nat(50), whole: fc.boolean() });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), (words) => {
      const { receipts, people } = inMemory();
      let before: MemberReceipt = { user: 'ann', from: 0, read: 0, stored: 0 };
      for (const { read, stored, whole } of words) {
        receipts.take(told([{ read, stored }], { whole }));
        const [now] = people()!;
        expect(now!.read).toBe(Math.max(before.read!, read));
        expect(now!.stored).toBe(Math.max(before.stored, stored));
        before = now!;
      }
    })
  );
});

test('[RECEIPT-20] a reading that is kept back is not known any more; who comes back to the room begins anew', () => {
  const { receipts, people } = inMemory();
  receipts.take(
    told(
      [
        { read: 5, stored: 5 },
        { user: 'bo', read: 4 }
      ],
      { whole: true }
    )
  );
  receipts.take(told([{ read: null, stored: 5 }]));
  expect(people()).toEqual([
    { user: 'ann', from: 0, read: null, stored: 5 },
    { user: 'bo', from: 0, read: 4, stored: 0 }
  ]);
  receipts.take(told([{ from: 9, read: 9, stored: 9 }], { gone: ['bo'] }));
  expect(people()).toEqual([{ user: 'ann', from: 9, read: 9, stored: 9 }]);
});

test('[RECEIPT-21] the rooms that are looked at are asked about, anew with each line; what was known is there without one', async () => {
  const { server, prefix, client } = await setupRoom();
  const asked = () => server.messages.flatMap((message) => (message.type === 'receipts' ? [message.rooms] : []));
  const stop = client.receipts.watch(ROOM);
  const again = client.receipts.watch(ROOM);
  await eventually(() => expect(asked()).toEqual([[ROOM]]));
  server.tell(told([{ read: 3, stored: 4 }], { whole: true }));
  await eventually(() => expect(client.receipts.of(ROOM)).not.toBeNull());
  server.drop(4500);
  await eventually(() => expect(asked()).toEqual([[ROOM], [ROOM]]));
  stop();
  stop();
  expect(asked()).toHaveLength(2);
  again();
  await eventually(() => expect(asked()).toEqual([[ROOM], [ROOM], []]));
  await client.close();

  server.reachable = false;
  const offline = await startClient(server, prefix);
  offline.receipts.watch(ROOM);
  await eventually(() =>
    expect(offline.receipts.of(ROOM)).toEqual({
      kind: 'people',
      people: [{ user: 'ann', from: 0, read: 3, stored: 4 }]
    })
  );
});

test('[RECEIPT-22] what is on this device’s disk is told, of rooms that are not open, too', async () => {
  const server = new FakeServer();
  server.rooms = [{ ...summary, n: 7 }];
  const client = await startClient(server, freshDevice());
  client.start();
  const reports = () => server.messages.flatMap((message) => (message.type === 'stored' ? [message.rooms] : []));
  await eventually(() => expect(reports()).toEqual([[{ room: ROOM, n: 7 }]]));
  expect(client.list.get(ROOM)?.fetched).toContain('/7/');
});

test('[RECEIPT-22] reports go at once after a quiet time, else every ten seconds, each position once', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const stored = new Map([['a', 1]]);
  const sent: unknown[] = [];
  let line = true;
  const reports = new StoredReports({
    stored: () => stored,
    mayTell: () => line,
    now: () => Date.now(),
    send: (rooms) => sent.push(rooms.map(({ room, n }) => `${room}${n}`).join())
  });
  reports.check();
  vi.advanceTimersByTime(0);
  expect(sent).toEqual(['a1']);
  for (let n = 2; n <= 9; n++) {
    stored.set('a', n).set('b', n);
    reports.check();
    vi.advanceTimersByTime(1_000);
  }
  expect(sent).toEqual(['a1']);
  vi.advanceTimersByTime(STORED_EVERY_MS);
  expect(sent).toEqual(['a1', 'a9,b9']);
  reports.check();
  vi.advanceTimersByTime(STORED_EVERY_MS);
  expect(sent).toHaveLength(2);
  // What was told just before the line went may be lost with the server's power.
  line = false;
  stored.set('a', 10);
  reports.check();
  vi.advanceTimersByTime(STORED_EVERY_MS);
  line = true;
  reports.lineUp();
  vi.advanceTimersByTime(STORED_EVERY_MS);
  expect(sent).toEqual(['a1', 'a9,b9', 'a10,b9']);
  reports.close();
});

test('[RECEIPT-23] reads blocked while syncing: what is read offline, or while a sync is under way, counts at once and is told', async () => {
  const server = new FakeServer();
  server.rooms = [{ ...summary, n: 7, unread: 7 }];
  const prefix = freshDevice();
  const first = await startClient(server, prefix);
  // The page never comes: its channel is turned away for now, again and again.
  server.refuseOpen = () => 4503;
  first.start();
  await eventually(() => expect(first.list.unread(ROOM)).toBe(7));
  expect(first.open(ROOM).replica.head.synced).toBe(false);
  await first.markRead(ROOM, 3);
  expect(first.list.unread(ROOM)).toBe(4);
  const reads = () => server.messages.flatMap((message) => (message.type === 'read' ? [message.n] : []));
  await eventually(() => expect(reads()).toEqual([3]));
  server.reachable = false;
  server.drop(4500);
  await first.markRead(ROOM, 6);
  expect(first.list.unread(ROOM)).toBe(1);
  await first.close();

  server.reachable = true;
  const second = await startClient(server, prefix);
  expect(second.list.unread(ROOM)).toBe(1);
  second.start();
  await eventually(() => expect(reads()).toEqual([3, 6]));
});

test('[PRIV-2] who keeps their readings back reads quietly, on all their devices, offline too', async () => {
  const { server, client, prefix } = await setupRoom();
  server.rooms = [{ ...summary, n: 7, unread: 7 }];
  expect(client.preferences.privacy.readReceipts).toBe(true);
  server.reachable = false;
  server.drop(4500);
  await client.preferences.setPrivacy('readReceipts', false);
  await client.close();
  server.reachable = true;
  const again = await startClient(server, prefix);
  again.start();
  await eventually(() => expect(again.list.unread(ROOM)).toBe(7));
  await again.markRead(ROOM, 2);
  // What is stored here by then may be told after it.
  await eventually(() => expect(server.messages).toContainEqual({ type: 'read', room: ROOM, n: 2, quiet: true }));

  const seen: boolean[] = [];
  const desk = await startClient(server, freshDevice(), { privacy: ({ readReceipts }) => seen.push(readReceipts) });
  desk.start();
  await eventually(() => expect(seen.at(-1)).toBe(false));
  await desk.preferences.setPrivacy('readReceipts', true);
  await eventually(() => expect(again.preferences.privacy.readReceipts).toBe(true));
});

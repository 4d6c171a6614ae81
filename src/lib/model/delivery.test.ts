import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliveryWords, namesWords } from '../ui/delivery-words.ts';
import type { RoomReceipts } from '../sync/receipts.ts';
import type { PersonView } from './person-view.ts';
import type { MessageItem, TimelineItem } from './timeline-item.ts';
import { deliveryOf, facesOf } from './delivery.ts';

const person = (id: string): PersonView => ({ id, name: id[0]!.toUpperCase() + id.slice(1) }) as PersonView;
const people = (...list: [user: string, from: number, read: number | null, stored: number][]): RoomReceipts => ({
  kind: 'people',
  people: list.map(([user, from, read, stored]) => ({ user, from, read, stored }))
});
const own = (id: string, n: number | null, isOwn = true): TimelineItem =>
  ({ kind: 'message', id, n, own: isOwn }) as MessageItem;
const ids = (some: readonly PersonView[]): string[] => some.map(({ id }) => id);

test('[RECEIPT-24] each other is a reader, a holder or missing; nobody counts for their own, nor for what was before they came', () => {
  const receipts = people(['cy', 0, 5, 6], ['bo', 0, 3, 5], ['dag', 0, null, 9], ['eve', 0, 0, 2], ['new', 5, 5, 5]);
  const delivery = deliveryOf(receipts, 5, 'me', person);
  expect(delivery).toMatchObject({ people: 4, stored: 3, read: 1 });
  expect(ids(delivery.named!.readers)).toEqual(['cy']);
  expect(ids(delivery.named!.holders)).toEqual(['bo', 'dag']);
  expect(ids(delivery.named!.missing)).toEqual(['eve']);
  expect(deliveryOf(receipts, 5, 'bo', person).people).toBe(3);
  expect(deliveryOf(receipts, 6, 'me', person).people).toBe(5);
  expect(deliveryOf(people(['bo', 0, null, 5]), 5, 'me', person).read).toBeNull();
});

test('[RECEIPT-24] whoever has read it has it: no more readers than devices, never below zero, in a crowd too', () => {
  const position = fc.nat(20);
  const crowd = fc.array(fc.record({ from: position, read: fc.option(position), stored: position }));
  fc.assert(
    fc.property(crowd, fc.integer({ min: 1, max: 20 }), (list, n) => {
      const receipts: RoomReceipts = { kind: 'people', people: list.map((one, at) => ({ user: `u${at}`, ...one })) };
      const { people, stored, read, named } = deliveryOf(receipts, n, 'me', person);
      expect((read ?? 0) <= stored && stored <= people).toBe(true);
      expect(named!.readers.length + named!.holders.length + named!.missing.length).toBe(people);
    })
  );
  const counts: RoomReceipts = {
    ...{ kind: 'counts', others: 60 },
    read: [
      [9, 2],
      [4, 30]
    ],
    stored: [[9, 40]]
  };
  expect(deliveryOf(counts, 5, 'me', person)).toEqual({ people: 60, stored: 40, read: 2, named: null });
  expect(deliveryOf({ ...counts, stored: [] }, 3, 'me', person)).toMatchObject({ stored: 32, read: 32 });
});

test('[RECEIPT-24] each face stands at the last message of one’s own that its person has read', () => {
  const items = [own('a', 1), own('theirs', 2, false), own('b', 3), own('waits', null)];
  const receipts = people(['cy', 0, 2, 9], ['bo', 0, 3, 9], ['dag', 0, null, 9], ['eve', 0, 0, 9], ['new', 3, 3, 9]);
  expect(facesOf(receipts, items)).toEqual(
    new Map([
      ['b', ['bo']],
      ['a', ['cy']]
    ])
  );
  expect(facesOf({ kind: 'counts', others: 60, read: [[3, 60]], stored: [] }, items).size).toBe(0);
});

test('how far a message has come in words', () => {
  const words = (...list: Parameters<typeof people>) => deliveryWords(deliveryOf(people(...list), 5, 'me', person));
  expect(deliveryWords(null)).toBe('on the server');
  expect(words()).toBe('on the server');
  expect(words(['bo', 0, 0, 0])).toBe('on the server, not on Bo’s device yet');
  expect(words(['bo', 0, 0, 5])).toBe('on the server, on Bo’s device');
  expect(words(['bo', 0, 5, 5], ['cy', 0, 0, 5], ['dag', 0, 0, 0])).toBe(
    'on the server, on 2 of 3 people’s devices, read by Bo'
  );
  expect(words(['bo', 0, 5, 5], ['cy', 0, 5, 5], ['dag', 0, 5, 5])).toBe(
    'on the server, on 3 of 3 people’s devices, read by everyone'
  );
  expect(namesWords(['A', 'B', 'C', 'D'])).toBe('A, B, C and D');
  expect(namesWords(['A', 'B', 'C', 'D', 'E'])).toBe('A, B, C and 2 more');
});

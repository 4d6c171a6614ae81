import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { readPage } from '#protocol/order.ts';
import { runs } from '../../../tests/property-runs.ts';
import { isErased } from './erased-entry.ts';
import { PageDocument, type PageChange } from './page-document.ts';

const AUTHOR = `u${'a'.repeat(22)}`;
const id = (number: number): string => `entry-${String(number).padStart(3, '0')}`;
const entry = (number: number, sentAt = number) => ({
  id: id(number),
  type: 'message',
  author: AUTHOR,
  sentAt,
  body: `body ${number}`
});

const FORGER = `u${'f'.repeat(22)}`;

function setup() {
  const doc = new Y.Doc();
  const changes: PageChange[] = [];
  const page = new PageDocument(doc, (change) => changes.push(change));
  const messages = doc.getArray<unknown>(MESSAGES_ROOT);
  const arrivals = doc.getArray<unknown>(ARRIVALS_ROOT);
  return { doc, page, changes, messages, arrivals };
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), numbers: fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }) }),
  fc.record({
    kind: fc.constant('insertFirst' as const),
    numbers: fc.array(fc.nat(30), { minLength: 1, maxLength: 2 })
  }),
  fc.record({ kind: fc.constant('arrive' as const), numbers: fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('erase' as const), at: fc.nat(1_000) }),
  fc.record({ kind: fc.constant('garbage' as const), value: fc.jsonValue() }),
  fc.record({ kind: fc.constant('both' as const), number: fc.nat(30) })
);

test('[TIME-1] kept up by changes, a page reads as it does from scratch', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { doc, page, messages, arrivals } = setup();
      for (const next of steps) {
        doc.transact(() => {
          if (next.kind === 'push') messages.push(next.numbers.map((number) => entry(number)));
          else if (next.kind === 'insertFirst')
            messages.insert(
              0,
              next.numbers.map((number) => entry(number))
            );
          else if (next.kind === 'arrive')
            arrivals.push(next.numbers.map((number) => ({ id: id(number), at: 1, n: 1 })));
          else if (next.kind === 'garbage') messages.push([next.value]);
          else if (next.kind === 'both') {
            arrivals.push([{ id: id(next.number), at: 2, n: 2 }]);
            messages.push([entry(next.number)]);
          } else if (messages.length > 0) messages.delete(next.at % messages.length);
        });
        const whole = readPage(messages.toArray(), arrivals.toArray());
        const ids = (list: readonly { entry: { id: string } }[]) => list.map((ordered) => ordered.entry.id);
        const there = page.arrived.filter((ordered) => !isErased(ordered.entry));
        expect(ids(there)).toEqual(ids(whole.arrived));
        expect(ids(page.pending)).toEqual(ids(whole.pending));
        // What was erased keeps its place.
        const told = [...new Set(arrivals.toArray().map((arrival) => (arrival as { id: string }).id))];
        expect(ids(page.arrived)).toEqual(told);
        expect(there.map(({ arrival }) => arrival!.at)).toEqual(whole.arrived.map(({ arrival }) => arrival!.at));
      }
    }),
    runs(300)
  );
});

test('an arrival moves its entry and leaves all others the objects they were', () => {
  const { page, messages, arrivals } = setup();
  messages.push([entry(1), entry(2), entry(3)]);
  arrivals.push([{ id: id(2), at: 5, n: 1 }]);
  const [two] = page.arrived;
  const [one, three] = page.pending;
  arrivals.push([{ id: id(1), at: 6, n: 2 }]);
  expect(page.arrived[0]).toBe(two);
  expect(page.arrived[1]!.entry.id).toBe(id(1));
  expect(page.pending).toEqual([three]);
  expect(page.pending[0]).toBe(three);
  expect(one!.arrival).toBeNull();
});

test('a seal is told once, with the page that goes on', () => {
  const { page, changes, arrivals } = setup();
  arrivals.push([{ sealed: 1 }]);
  expect(page.sealedTo).toBe(1);
  expect(changes.filter(({ sealed }) => sealed)).toHaveLength(1);
});

test('[ERASE-20] an erased message keeps its place, time and number in a page', () => {
  const { page, messages, arrivals } = setup();
  messages.push([entry(1), entry(2), entry(3)]);
  arrivals.push([1, 2, 3].map((number) => ({ id: id(number), at: number, n: number })));
  const [one, , three] = page.arrived;
  messages.delete(1);
  expect(page.arrived[0]).toBe(one);
  expect(page.arrived[2]).toBe(three);
  expect(page.arrived[1]).toMatchObject({ entry: { id: id(2), type: 'erased' }, arrival: { at: 2, n: 2 } });
  expect(isErased(page.arrived[1]!.entry)).toBe(true);
  expect(page.has(id(2))).toBe(false);
  // The server's word stands: the entry is not sent again.
  expect(page.hasArrival(id(2))).toBe(true);
  const [, stub] = page.arrived;
  messages.delete(0);
  expect(page.arrived[1]).toBe(stub);
  // A member's own entry is none, whatever it says.
  messages.push([{ id: id(4), type: 'erased', author: FORGER, sentAt: 1 }]);
  expect(page.pending.map((ordered) => isErased(ordered.entry))).toEqual([false]);
});

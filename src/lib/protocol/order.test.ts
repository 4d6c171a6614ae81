import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HybridClock } from './clock.ts';
import { newEntryId, newRoomId, newUserId, parseDocName, docName, isEntryId, isRoomId, isUserId } from './ids.ts';
import { CLOCK_AHEAD_MAX_MS } from './limits.ts';
import { readPage } from './order.ts';

const author = newUserId();
const message = (id: string, sentAt: number) => ({ id, type: 'message', author, sentAt, body: id });
const ids = (page: ReturnType<typeof readPage>) => [...page.arrived, ...page.pending].map(({ entry }) => entry.id);

test('[ORDER-1] order is arrival order, whatever the order of the messages array, then pending by own clock', () => {
  const names = ['first___', 'second__', 'third___', 'pending1', 'pending2'];
  const messages = names.map((id, index) => message(id, index));
  const arrivals = ['first___', 'second__', 'third___'].map((id, index) => ({ id, at: 100 + index, n: index + 1 }));
  fc.assert(
    fc.property(fc.shuffledSubarray(messages, { minLength: 5 }), (shuffled) => {
      expect(ids(readPage(shuffled, arrivals))).toEqual(names);
    })
  );
});

test('[ORDER-2] an arrival without its entry is left out, an entry that came twice stands once', () => {
  const twice = [message('abcdefgh', 1), message('abcdefgh', 2)];
  const page = readPage(twice, [
    { id: 'erased__', at: 1, n: 1 },
    { id: 'abcdefgh', at: 2, n: 2 },
    { id: 'abcdefgh', at: 3, n: 3 }
  ]);
  expect(page.arrived).toEqual([{ entry: twice[0], arrival: { id: 'abcdefgh', at: 2, n: 2 } }]);
  expect(page.pending).toEqual([]);
});

test('[ORDER-3] a seal names the page that goes on; a forged or unknown element of arrivals counts for nothing', () => {
  const page = readPage(
    [message('abcdefgh', 1)],
    [{ id: 'abcdefgh', at: 1, n: 1, extra: true }, 'text', null, { sealed: 1 }]
  );
  expect(page.sealedTo).toBe(1);
  expect(page.arrived).toEqual([]);
  expect(page.pending).toHaveLength(1);
});

test('[CLOCK-1] sentAt rises by at least 1 ms and never falls below what was seen', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ wall: fc.integer({ min: 0, max: 10_000 }), seen: fc.option(fc.integer({ min: 0, max: 20_000 })) })
      ),
      (steps) => {
        let wall = 0;
        let last = -1;
        const clock = new HybridClock(() => wall);
        for (const step of steps) {
          wall = step.wall;
          if (step.seen !== null) clock.observe(step.seen);
          const next = clock.next();
          expect(next).toBeGreaterThan(last);
          if (step.seen !== null) expect(next).toBeGreaterThan(step.seen);
          last = next;
        }
      }
    )
  );
});

test('[CLOCK-2] a sentAt more than five minutes ahead of the server is not followed', () => {
  const clock = new HybridClock(() => 1_000);
  clock.observe(1_000 + CLOCK_AHEAD_MAX_MS + 1);
  expect(clock.next()).toBe(1_000);
  clock.observe(1_000 + CLOCK_AHEAD_MAX_MS);
  expect(clock.next()).toBe(1_001 + CLOCK_AHEAD_MAX_MS);
});

test('[CLOCK-3] a device whose clock is ten years off writes in server time', () => {
  const tenYearsMs = 10 * 365 * 86_400_000;
  const clock = new HybridClock(() => 1_700_000_000_000 + tenYearsMs);
  clock.setServerTime(1_700_000_000_000);
  expect(clock.next()).toBe(1_700_000_000_000);
});

test('[CLOCK-3] what a device wrote before it learned that its clock is ahead does not hold back what it writes after', () => {
  const clock = new HybridClock(() => 1_000 + 2 * CLOCK_AHEAD_MAX_MS);
  expect(clock.next()).toBe(1_000 + 2 * CLOCK_AHEAD_MAX_MS);
  clock.setServerTime(1_000);
  expect(clock.next()).toBe(1_000);
  clock.observe(1_000 + CLOCK_AHEAD_MAX_MS);
  clock.setServerTime(1_000);
  expect(clock.next()).toBe(1_001 + CLOCK_AHEAD_MAX_MS);
});

test('[ID-1] ids made here are read as such, sort by time, and name documents that parse back', () => {
  expect(isRoomId(newRoomId()) && isUserId(newUserId()) && isEntryId(newEntryId(0))).toBe(true);
  expect(new Set(Array.from({ length: 1_000 }, () => newEntryId(5))).size).toBe(1_000);
  fc.assert(
    fc.property(
      fc.nat(2 ** 46),
      fc.integer({ min: 1, max: 1e6 }),
      (at, later) => newEntryId(at) < newEntryId(at + later)
    )
  );
  const ref = { room: newRoomId(), page: 12 };
  expect(parseDocName(docName(ref))).toEqual(ref);
  for (const name of ['x/0', `${ref.room}`, `${ref.room}/-1`, `${ref.room}/01`, `${ref.room}/0/1`, `${ref.room}/1e3`])
    expect(parseDocName(name)).toBeNull();
});

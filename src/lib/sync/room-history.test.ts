import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SealedPage } from '#protocol/api/sealed-page.ts';
import type { PageRef } from '#protocol/ids.ts';
import { runs } from '../../../tests/property-runs.ts';
import type { OlderPage } from './older-page.ts';
import { RoomHistory, WINDOW_MIN_ENTRIES, WINDOW_PAGES } from './room-history.ts';
import type { LoadedPage } from './sealed-pages.ts';

const ROOM = 'r'.repeat(22);
const AUTHOR = `~${'i'.repeat(10)}`;

const idOf = (page: number, index: number): string => `entry-${page}-${index}`;

function sealedPage(page: number, length: number): SealedPage {
  return {
    room: ROOM,
    page,
    revision: 0,
    entries: Array.from({ length }, (_, index) => ({
      entry: { id: idOf(page, index), type: 'message', author: AUTHOR, sentAt: page, body: 'x' },
      at: page,
      n: page * 10_000 + index
    })),
    late: [],
    erased: []
  };
}

/** A room whose pages answer when they are told to, in any order. */
class FakeRoom {
  head: number;
  offline = false;
  readonly #lengths: readonly number[];
  #answers: (() => void)[] = [];
  readonly history: RoomHistory;
  changes = 0;

  constructor(head: number, lengths: readonly number[] = [1_000]) {
    this.head = head;
    this.#lengths = lengths;
    this.history = new RoomHistory(ROOM, { load: (ref) => this.#load(ref) }, () => {
      this.changes += 1;
      this.check();
    });
  }

  lengthOf(page: number): number {
    return this.#lengths[page % this.#lengths.length]!;
  }

  readonly headPage = (): number => this.head;

  #load({ page }: PageRef): Promise<LoadedPage> {
    const { offline } = this;
    return new Promise((resolve) => {
      this.#answers.push(() =>
        resolve(offline ? { kind: 'offline' } : { kind: 'page', body: sealedPage(page, this.lengthOf(page)) })
      );
    });
  }

  /** Lets one answer through, the `which`th of those under way. */
  async answer(which = 0): Promise<void> {
    const [answer] = this.#answers.splice(which % Math.max(1, this.#answers.length), 1);
    answer?.();
    await settled();
  }

  async answerAll(): Promise<void> {
    while (this.#answers.length > 0) await this.answer();
  }

  /** Does it, with every answer it asks for. */
  async do(action: Promise<unknown>): Promise<void> {
    await this.answerAll();
    await action;
  }

  /** The head is full: it becomes the last older page. */
  seal(): void {
    const { page, entries } = sealedPage(this.head, this.lengthOf(this.head));
    const ordered = entries.map(({ entry, at, n }) => ({ entry, arrival: { id: entry.id, at, n } }));
    this.head += 1;
    this.history.add([{ page, entries: ordered, late: [] }], this.head);
  }

  get pages(): number[] {
    return this.history.older.map(({ page }) => page);
  }

  /** What holds at every moment that something is shown. */
  check(): void {
    const { older, reachesHead } = this.history;
    const { pages } = this;
    for (const [index, page] of pages.entries()) expect(page).toBe(pages[0]! + index);
    const ids = older.flatMap(({ entries }) => entries.map(({ entry }) => entry.id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      pages.flatMap((page) => Array.from({ length: this.lengthOf(page) }, (_, at) => idOf(page, at)))
    );
    if (reachesHead) {
      if (pages.length > 0) expect(pages.at(-1)).toBe(this.head - 1);
    } else {
      expect(pages.length).toBeGreaterThan(0);
      expect(pages.at(-1)).toBeLessThan(this.head);
    }
    expect(this.history.newerState === 'none').toBe(reachesHead);
    const held = pages.length + (reachesHead ? 1 : 0);
    if (held <= WINDOW_PAGES) return;
    // Only pages so short that letting one more go would leave too little.
    expect(Math.min(withoutEnd(older, 'first'), withoutEnd(older, 'last'))).toBeLessThan(WINDOW_MIN_ENTRIES);
  }
}

function withoutEnd(older: readonly OlderPage[], end: 'first' | 'last'): number {
  const left = end === 'first' ? older.slice(1) : older.slice(0, -1);
  return left.reduce((sum, { entries }) => sum + entries.length, 0);
}

/** Lets everything that waits for an answer that came go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'older' as const }) },
  { weight: 4, arbitrary: fc.constant({ do: 'newer' as const }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'latest' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'seal' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('follow' as const), following: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('line' as const), up: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('to' as const), page: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const), to: fc.nat(40) }) }
);

test('[HISTORY-6] whatever is loaded, sealed and let go of, in any order: no gap, no double, in order, bounded, and the head is never lost', async () => {
  const lengths = fc.oneof(
    fc.constant([1_000]),
    fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 5 })
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(40), lengths, fc.array(step, { maxLength: 60 }), async (head, pageLengths, steps) => {
      const room = new FakeRoom(head, pageLengths);
      const { history } = room;
      const under: Promise<unknown>[] = [];
      for (const one of steps) {
        if (one.do === 'older') under.push(history.loadOlder(room.head));
        else if (one.do === 'newer') under.push(history.loadNewer(room.headPage));
        else if (one.do === 'answer') await room.answer(one.which);
        else if (one.do === 'latest') under.push(history.toLatest(room.headPage, 200));
        else if (one.do === 'seal') room.seal();
        else if (one.do === 'follow') history.follow(one.following);
        else if (one.do === 'to')
          under.push(history.goTo(one.page % Math.max(1, room.head), room.headPage, new AbortController().signal));
        else if (one.do === 'back') {
          const { signal } = new AbortController();
          under.push(history.goBack(room.head, ({ page }) => page <= one.to, signal));
        } else {
          room.offline = !one.up;
          if (one.up) history.lineUp();
        }
        room.check();
      }
      await room.answerAll();
      await Promise.all(under);
      room.check();
      // From anywhere the newest and the oldest can be had, page by page.
      room.offline = false;
      history.lineUp();
      for (let turn = 0; !history.reachesHead; turn += 1) {
        expect(turn).toBeLessThan(200);
        await room.do(history.loadNewer(room.headPage));
      }
      for (let turn = 0; history.first(room.head) > 0; turn += 1) {
        expect(turn).toBeLessThan(200);
        await room.do(history.loadOlder(room.head));
      }
      await room.do(history.toLatest(room.headPage, 200));
      expect(history.reachesHead).toBe(true);
      room.check();
    }),
    runs(40)
  );
});

test('[HISTORY-6] reading back through a long room holds no more than eight pages, their ids included', async () => {
  const room = new FakeRoom(197);
  const { history } = room;
  history.forgetBefore(197);
  for (let page = 196; page >= 137; page -= 1) {
    await room.do(history.loadOlder(room.head));
    expect(room.pages[0]).toBe(page);
  }
  expect(room.pages).toEqual([137, 138, 139, 140, 141, 142, 143, 144]);
  expect(history.reachesHead).toBe(false);
  expect(history.has(idOf(137, 0))).toBe(true);
  expect(history.has(idOf(145, 0))).toBe(false);
  while (!history.reachesHead) await room.do(history.loadNewer(room.headPage));
  expect(room.pages).toEqual([190, 191, 192, 193, 194, 195, 196]);
});

test('ids that something pending may have arrived under are kept, in sight or not', async () => {
  const room = new FakeRoom(20);
  const { history } = room;
  history.forgetBefore(18);
  for (let page = 19; page >= 5; page -= 1) await room.do(history.loadOlder(room.head));
  expect(history.hasRead(18, 20)).toBe(true);
  expect(history.has(idOf(18, 3))).toBe(true);
  expect(history.has(idOf(17, 3))).toBe(false);
  history.forgetBefore(20);
  expect(history.has(idOf(18, 3))).toBe(false);
});

test('a room that is written in while nobody scrolls keeps the end that is read', async () => {
  const following = new FakeRoom(0);
  for (let pages = 0; pages < 30; pages += 1) following.seal();
  expect(following.pages.at(-1)).toBe(29);
  expect(following.pages).toHaveLength(WINDOW_PAGES - 1);

  const reading = new FakeRoom(3);
  await reading.do(reading.history.loadOlder(3));
  reading.history.follow(false);
  for (let pages = 0; pages < 30; pages += 1) reading.seal();
  expect(reading.pages[0]).toBe(2);
  expect(reading.history.newerState).toBe('more');
});

test('the newest page again, with enough before it, in one step', async () => {
  const room = new FakeRoom(100, [150]);
  const { history } = room;
  for (let pages = 0; pages < 40; pages += 1) await room.do(history.loadOlder(room.head));
  expect(history.reachesHead).toBe(false);
  const { changes } = room;
  await room.do(history.toLatest(room.headPage, 200));
  expect(room.changes).toBe(changes + 1);
  expect(history.reachesHead).toBe(true);
  expect(room.pages).toEqual([98, 99]);
});

test('goes back to a page in one step, or not at all', async () => {
  const room = new FakeRoom(100);
  const { history } = room;
  const { changes } = room;
  const stop = new AbortController();
  const given = history.goBack(100, ({ page }) => page === 70, stop.signal);
  await room.answer();
  stop.abort();
  await room.do(given);
  expect(await given).toBe(false);
  expect(room.changes).toBe(changes);
  expect(room.pages).toEqual([]);

  const going = history.goBack(100, ({ page }) => page === 70, new AbortController().signal);
  await room.do(going);
  expect(await going).toBe(true);
  expect(room.changes).toBe(changes + 1);
  expect(room.pages).toEqual([70, 71, 72, 73, 74, 75, 76, 77]);
  expect(history.newerState).toBe('more');
});

test('goes to a page at once, with nothing around it, or stays as it is', async () => {
  const room = new FakeRoom(100);
  const { history } = room;
  const stop = new AbortController();
  const given = history.goTo(40, room.headPage, stop.signal);
  stop.abort();
  await room.do(given);
  expect([await given, room.pages]).toEqual([false, []]);

  const going = history.goTo(40, room.headPage, new AbortController().signal);
  await room.do(going);
  expect([await going, room.pages, history.reachesHead]).toEqual([true, [40], false]);
  await room.do(history.loadNewer(room.headPage));
  await room.do(history.loadOlder(room.head));
  expect(room.pages).toEqual([39, 40, 41]);

  const last = history.goTo(99, room.headPage, new AbortController().signal);
  await room.do(last);
  expect([room.pages, history.reachesHead]).toEqual([[99], true]);
});

test('what cannot be had without a line is asked for again when there is one', async () => {
  const room = new FakeRoom(100);
  const { history } = room;
  for (let pages = 0; pages < 20; pages += 1) await room.do(history.loadOlder(room.head));
  room.offline = true;
  await room.do(history.loadOlder(room.head));
  await room.do(history.loadNewer(room.headPage));
  expect([history.state, history.newerState]).toEqual(['unavailable-offline', 'unavailable-offline']);
  history.lineUp();
  expect([history.state, history.newerState]).toEqual(['more', 'more']);
});

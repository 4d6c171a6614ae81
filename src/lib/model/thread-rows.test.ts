import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ArrivedEntry } from '#protocol/api/sealed-page.ts';
import type { Entry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { OlderPage } from '../sync/older-page.ts';
import { failureOf, failureWords } from './failure-words.ts';
import { LoadedEntries } from './loaded-entries.ts';
import { THREAD_NEWS_MAX, threadRows, unseen, type ThreadRow, type ThreadRowsSource } from './thread-rows.ts';

const ANN = `u${'a'.repeat(22)}`;
const BO = `u${'b'.repeat(22)}`;
const ROOT = 'root-0001';

const root = (author = BO): OrderedEntry => at({ id: ROOT, type: 'message', author, sentAt: 1, body: 'who?' }, 1);
const reply = (name: string, more: object = {}): Entry => ({
  ...{ id: `reply-${name}`, type: 'message', author: BO, sentAt: 1, body: name, thread: ROOT },
  ...more
});
const at = (entry: Entry, time: number): OrderedEntry => ({ entry, arrival: { id: entry.id, at: time, n: 1 } });
const late = ({ entry, arrival }: OrderedEntry): ArrivedEntry => ({ entry, at: arrival!.at, n: 1 });
const redaction = (of: Entry): Entry => ({
  ...{ id: `gone-${of.id}`, type: 'redaction', author: BO, sentAt: 9, target: of.id, of: of.author, thread: ROOT }
});

interface Loaded {
  readonly pages?: readonly OlderPage[];
  readonly head?: readonly OrderedEntry[];
  readonly pending?: readonly PendingEntry[];
  readonly seen?: number | null;
}

/** What Ann's device has loaded. */
function sourceOf({ pages = [], head = [], pending = [], seen = null }: Loaded): ThreadRowsSource {
  const loaded = new LoadedEntries();
  loaded.update(pages, head);
  return {
    me: ANN,
    seen: () => seen,
    roots: loaded.roots,
    replies: (id) => loaded.thread(id),
    ordered: (id) => loaded.ordered(id),
    effects: (id) => loaded.effects(id),
    unacknowledged: [],
    pending,
    pageOf: (id) => pages.find(({ entries }) => entries.some(({ entry }) => entry.id === id))?.page ?? null
  };
}
const read = (loaded: Loaded, before: readonly ThreadRow[] = []) => threadRows(sourceOf(loaded), before);

test('[THREAD-15] one’s own is what one began, wrote in, was called in or has followed; what others talk about is not', () => {
  const theirs = [at(reply('1'), 2)];
  expect(read({ head: [root(), ...theirs] })).toEqual([]);
  expect(read({ head: [root(ANN), ...theirs] })).toHaveLength(1);
  expect(read({ head: [root(), ...theirs, at(reply('2', { author: ANN }), 3)] })).toHaveLength(1);
  expect(read({ head: [root(), ...theirs], seen: 1 })).toHaveLength(1);
  for (const mentioning of [{ mentions: [ANN] }, { mentionsRoom: true }]) {
    const [row] = read({ head: [root(), ...theirs, at(reply('2', mentioning), 3)] });
    expect(row).toMatchObject({ replies: 2, news: [{ mention: false }, { mention: true }] });
    expect(unseen(row!, 2).map(({ id }) => id)).toEqual(['reply-2']);
  }
  // Where the root is on a page that is not loaded, the arrival of a reply says whose it is.
  const arrival = { id: 'reply-1', at: 2, n: 1, thread: ROOT, of: ANN };
  expect(read({ head: [{ entry: reply('1'), arrival }] })).toMatchObject([{ whole: false, replies: 1 }]);
  // An edit calls nobody.
  const edit = {
    ...{ id: 'edit-0001', type: 'edit', author: BO, sentAt: 9, target: 'reply-1' },
    body: 'x',
    mentions: [ANN]
  };
  expect(read({ head: [root(), ...theirs, at(edit, 4)] })).toEqual([]);
});

test('[THREAD-14] what one wrote ends what was new before it; what waits counts and is the newest', () => {
  const head = [root(ANN), at(reply('1'), 2), at(reply('2', { author: ANN }), 3), at(reply('3'), 4)];
  expect(read({ head })).toMatchObject([{ replies: 3, ownAt: 3, upTo: 4, last: 'reply-3', news: [{ id: 'reply-3' }] }]);
  const mine = reply('4', { author: ANN, sentAt: 9 });
  const pending: PendingEntry[] = [
    { ...{ room: 'r', id: mine.id, entry: mine, state: 'kept', code: null }, page: 0, tab: 't' }
  ];
  expect(read({ head, pending })).toMatchObject([{ replies: 4, at: 9, upTo: 4, last: 'reply-4', news: [] }]);
});

test('[THREAD-14] a reply that was taken away counts no more, and with the last of them the line goes', () => {
  const [one, two] = [reply('1'), reply('2')];
  const page: OlderPage = { page: 0, entries: [root(ANN)], late: [late(at(one, 2)), late(at(two, 3))] };
  const before = read({ pages: [page] });
  expect(before).toMatchObject([{ replies: 2, page: 0, whole: true }]);
  // Its root's page is not loaded any more.
  const after = read({ head: [at(redaction(two), 4)] }, before);
  expect(after).toMatchObject([{ replies: 1, page: 0, news: [{ id: 'reply-1' }] }]);
  expect(
    read({ pages: [{ ...page, late: [redaction(one), redaction(two)].map((gone) => late(at(gone, 5))) }] }, after)
  ).toEqual([]);
});

test('[THREAD-14] however much of a thread is loaded and in whatever order, each reply counts once', () => {
  const written = fc.array(fc.record({ page: fc.nat(4), mine: fc.boolean(), mention: fc.boolean() }), {
    maxLength: 40
  });
  fc.assert(
    fc.property(written, fc.array(fc.subarray([0, 1, 2, 3]), { maxLength: 6 }), (replies, visits) => {
      const ordered = [...replies]
        .sort((a, b) => a.page - b.page)
        .map(({ page, mine, mention }, index) => ({
          page,
          one: at(reply(String(index), mine ? { author: ANN } : mention ? { mentions: [ANN] } : {}), index + 2)
        }));
      const on = (number: number) => ordered.filter(({ page }) => page === number).map(({ one }) => one);
      const first: OlderPage = {
        ...{ page: 0, entries: [root(ANN), ...on(0)] },
        late: ordered.filter(({ page }) => page > 0).map(({ one }) => late(one))
      };
      const pages = [first, ...[1, 2, 3].map((page): OlderPage => ({ page, entries: on(page), late: [] }))];
      const [all] = read({ pages, head: on(4) });
      let rows: readonly ThreadRow[] = [];
      let before = 0;
      for (const visit of visits) {
        rows = read({ pages: pages.filter(({ page }) => visit.includes(page)), head: on(4) }, rows);
        const [row] = rows;
        expect(row?.replies ?? 0).toBeGreaterThanOrEqual(before);
        expect(row?.replies ?? 0).toBeLessThanOrEqual(ordered.length);
        expect(new Set(row?.news.map(({ id }) => id)).size).toBe(row?.news.length ?? 0);
        before = row?.replies ?? 0;
      }
      // Once its root was there nothing is missing.
      expect(read({ pages, head: on(4) }, rows)).toEqual(all ? [all] : []);
      if (visits.at(-1)?.includes(0)) expect(rows).toEqual(all ? [all] : []);
      expect(all?.news.length ?? 0).toBeLessThanOrEqual(THREAD_NEWS_MAX);
    })
  );
});

test('[THREAD-4] who writes into a full thread reads that it is full; what is too long itself reads so', () => {
  const full = failureOf('too-large', reply('no-room'));
  expect(full).toContain('thread is full');
  expect(failureOf('too-large', reply('too-long', { body: 'x'.repeat(100_000) }))).toBe(failureWords('too-large'));
  expect(failureOf('too-large', reply('no-thread', { thread: undefined }))).toBe(failureWords('too-large'));
  expect(failureOf('no-target', reply('no-root'))).toBe(failureWords('no-target'));
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ArrivedEntry } from '#protocol/api/sealed-page.ts';
import type { Entry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { erased, isErased } from '../sync/erased-entry.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { OlderPage } from '../sync/older-page.ts';
import { LoadedEntries } from './loaded-entries.ts';
import { repliesOf, standing, type ThreadSource } from './thread-elements.ts';

const ANN = `u${'a'.repeat(22)}`;
const BO = `u${'b'.repeat(22)}`;
const ROOT = 'root-0001';

const reply = (id: string, more: object = {}): Entry => ({
  ...{ id: `reply-${id}`, type: 'message', author: BO, sentAt: 1, body: id, thread: ROOT },
  ...more
});
const at = (entry: Entry, n = 1): OrderedEntry => ({ entry, arrival: { id: entry.id, at: n, n } });
const late = (entry: Entry, n = 1): ArrivedEntry => ({ entry, at: n, n });
const redaction = (of: Entry): Entry => ({
  ...{ id: `gone-${of.id}`, type: 'redaction', author: BO, sentAt: 9, target: of.id, of: BO, thread: ROOT }
});
const pending = (entry: Entry, state: PendingEntry['state'] = 'kept'): PendingEntry => ({
  ...{ room: 'r', id: entry.id, entry, state, code: null, page: 0, tab: 't' }
});

function sourceOf(
  pages: readonly OlderPage[],
  head: readonly OrderedEntry[] = [],
  own: readonly PendingEntry[] = []
): ThreadSource {
  const loaded = new LoadedEntries();
  loaded.update(pages, head);
  return {
    replies: (root) => loaded.thread(root),
    ordered: (id) => loaded.ordered(id),
    effects: (id) => loaded.effects(id),
    unacknowledged: [],
    pending: own
  };
}
const ids = (source: ThreadSource) => repliesOf(ROOT, source).map(({ entry }) => entry.id);

test('[THREAD-5] replies stand in the order of their arrival, each once, then one’s own that wait', () => {
  const [one, two, three] = [reply('1'), reply('2'), reply('3')];
  const pages = [
    { page: 0, entries: [at(one)], late: [late(two), late(three)] },
    { page: 3, entries: [at(two)], late: [] }
  ];
  const own = [pending(reply('5', { sentAt: 7, author: ANN })), pending(reply('4', { sentAt: 5, author: ANN }))];
  const source = sourceOf(pages, [at(three), at(reply('x', { thread: 'other-01' }))], own);
  expect(ids(source)).toEqual(['reply-1', 'reply-2', 'reply-3', 'reply-4', 'reply-5']);
  expect(standing(repliesOf(ROOT, source), source)).toHaveLength(5);
});

test('[THREAD-5] whichever pages besides the root’s are loaded, the thread is the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ page: fc.nat(4), gone: fc.boolean() }), { maxLength: 30 }),
      fc.subarray([1, 2, 3, 4]),
      (written, seen) => {
        const replies = written
          .map(({ page, gone }, index) => ({ page, gone, entry: reply(String(index)) }))
          .sort((a, b) => a.page - b.page);
        // As the server has it: taken away on the newest page, off the late list of the root's page.
        const gone = replies.filter((one) => one.gone).map(({ entry }) => redaction(entry));
        const onPage = (number: number): OrderedEntry[] =>
          replies
            .filter(({ page }) => page === number)
            .map(({ entry, gone: isGone }) =>
              isGone ? erased({ id: entry.id, at: 1, n: 1, thread: ROOT, of: ANN }) : at(entry)
            );
        const lateList = [...replies.filter((one) => one.page > 0 && !one.gone).map(({ entry }) => entry), ...gone];
        const root: OlderPage = { page: 0, entries: onPage(0), late: lateList.map((entry) => late(entry)) };
        const others = [1, 2, 3].map((page) => ({ page, entries: onPage(page), late: [] }));
        const head = [...onPage(4), ...gone.map((entry) => at(entry))];
        const here = sourceOf([root, ...others.filter(({ page }) => seen.includes(page))], head);
        const all = sourceOf([root, ...others], head);
        const there = (source: ThreadSource) => standing(repliesOf(ROOT, source), source).map(({ entry }) => entry.id);
        expect(there(here)).toEqual(there(all));
        expect(new Set(ids(here))).toEqual(new Set(ids(all)));
        expect(ids(here)).toHaveLength(replies.length);
      }
    )
  );
});

test('[THREAD-6] a reply that was taken away leaves a stub in its thread and counts no more, loaded or not', () => {
  const [one, two] = [reply('1'), reply('2')];
  const source = sourceOf([{ page: 0, entries: [], late: [late(two), late(redaction(one))] }]);
  const elements = repliesOf(ROOT, source);
  expect(elements.map(({ entry }) => [entry.id, isErased(entry)])).toEqual([
    ['reply-2', false],
    ['reply-1', true]
  ]);
  // The same object each time, so that a list by identity keeps its row.
  expect(repliesOf(ROOT, source)[1]).toBe(elements[1]);
  expect(standing(elements, source).map(({ entry }) => entry.id)).toEqual(['reply-2']);
});

test('[THREAD-6] a reply that could not be sent counts for nobody', () => {
  const source = sourceOf([], [], [pending(reply('1', { author: ANN }), 'failed')]);
  expect(ids(source)).toEqual(['reply-1']);
  expect(standing(repliesOf(ROOT, source), source)).toEqual([]);
});

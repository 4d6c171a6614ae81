import { expect, test } from 'vitest';
import type { OrderedEntry } from '#protocol/order.ts';
import type { MessageItem, TimelineItem } from './timeline-item.ts';
import { FirstUnread, type UnreadView } from './first-unread.ts';

const ME = 'me';

const item = (n: number | null, author = 'bo', imported = false): TimelineItem =>
  ({
    kind: 'message',
    id: `m${n}`,
    author: { id: author, name: author, imported },
    own: author === ME,
    n
  }) as MessageItem;

const items = (from: number, to: number): TimelineItem[] =>
  Array.from({ length: to - from + 1 }, (_, index) => item(from + index));

const ordered = (n: number, author = 'bo'): OrderedEntry => ({
  entry: { id: `m${n}`, type: 'message', author, sentAt: n, body: 'x' },
  arrival: { id: `m${n}`, at: n, n }
});
const page = (from: number, to: number) => ({
  entries: Array.from({ length: to - from + 1 }, (_, index) => ordered(from + index))
});

const view = (from: number, to: number, read: number, part: Partial<UnreadView> = {}): UnreadView => ({
  items: items(from, to),
  fromStart: from === 1,
  inStep: true,
  now: { read, count: to - read },
  ...part
});

function openedAt(read: number): FirstUnread {
  const first = new FirstUnread();
  first.open(read);
  return first;
}

test('is the first of others above what was read, and stays it, whatever is read and written afterwards', () => {
  const first = openedAt(50);
  first.look(view(40, 60, 50));
  expect([first.id, first.before]).toEqual(['m51', false]);
  first.look(view(40, 70, 65));
  expect(first.id).toBe('m51');
});

test('is looked for again until the room is in step', () => {
  const first = openedAt(50);
  first.look(view(1, 50, 50, { inStep: false }));
  expect(first.id).toBeNull();
  first.look(view(1, 55, 50));
  expect(first.id).toBe('m51');
});

test('one’s own messages and imported ones are never unread', () => {
  const first = openedAt(10);
  first.look({
    items: [item(11, ME), item(12, '~history', true), item(13)],
    fromStart: true,
    inStep: true,
    now: { read: 10, count: 1 }
  });
  expect(first.id).toBe('m13');
});

test('without a marker of a member nothing is unread', () => {
  const first = new FirstUnread();
  first.look(view(1, 20, 0));
  expect([first.id, first.before]).toEqual([null, false]);
});

test('further back than what is loaded, nothing is taken for it before it was looked for', () => {
  const first = openedAt(50);
  first.look(view(2_000, 2_300, 50));
  expect([first.id, first.before]).toEqual([null, true]);
});

test('[HISTORY-8] page after page is asked about until it is found; it is known when that page is shown', async () => {
  const first = openedAt(50);
  const shown = view(2_001, 2_300, 50);
  first.look(shown);
  const asked: boolean[] = [];
  await first.seek(ME, shown.items, async (hasIt) => {
    asked.push(hasIt(page(1_001, 2_000)), hasIt(page(1, 1_000)));
    // The window has moved there.
    first.look(view(1, 1_000, 50, { now: { read: 50, count: 2_250 } }));
    expect(first.id).toBe('m51');
  });
  expect(asked).toEqual([false, true]);
  expect([first.id, first.before]).toEqual(['m51', false]);
});

test('looked for in vain, the first that is loaded stands for it, and it is not looked for again', async () => {
  const first = openedAt(50);
  const shown = view(2_001, 2_300, 50);
  first.look(shown);
  await first.seek(ME, shown.items, async () => false);
  first.look(shown);
  expect([first.id, first.before]).toEqual(['m2001', false]);
});

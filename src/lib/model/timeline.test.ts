import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { LATE_AFTER_MS } from '#protocol/limits.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { erased, withErased } from '../sync/erased-entry.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import { failureWords } from './failure-words.ts';
import { m } from '../words/generated/messages.js';
import { People } from './people.svelte.ts';
import { Timeline } from './timeline.ts';

const ANN = `u${'a'.repeat(22)}`;
const BO = `u${'b'.repeat(22)}`;

const message = (id: string, sentAt: number, author = BO, extra: object = {}): Entry => ({
  id: `entry-${id}`,
  type: 'message',
  author,
  sentAt,
  body: `body ${id}`,
  ...extra
});
const at = (entry: Entry, arrivedAt: number, n: number): OrderedEntry => ({
  entry,
  arrival: { id: entry.id, at: arrivedAt, n }
});
const pending = (entry: Entry, state: PendingEntry['state'], code: PendingEntry['code'] = null): PendingEntry => ({
  ...{ room: 'r', id: entry.id, entry, state, code, page: 0, tab: 't' }
});

function setup(loaded: readonly Entry[] = []) {
  const people = new People();
  const timeline = new Timeline({
    me: ANN,
    person: (id) => people.person(id),
    loaded: (id) => loaded.find((entry) => entry.id === id) ?? null,
    effects: (id) => loaded.filter((entry) => 'target' in entry && entry.target === id),
    proof: () => 'none'
  });
  return { people, timeline };
}

test('[TIME-2] order is arrival order, whatever the clocks say; then own pending entries by their own clock', () => {
  const { timeline } = setup();
  const head = [at(message('1', 900), 1_000, 1), at(message('2', 100), 1_001, 2), at(message('3', 500), 1_002, 3)];
  const waiting = [pending(message('5', 40, ANN), 'kept'), pending(message('4', 30, ANN), 'kept')];
  const ids = timeline.build([], head, [], waiting).map(({ id }) => id);
  expect(ids).toEqual(['entry-1', 'entry-2', 'entry-3', 'entry-4', 'entry-5']);
});

test('[TIME-3] items of unchanged entries are the same objects, whatever is added before or after', () => {
  const { timeline } = setup();
  const head = [at(message('1', 1), 1, 1)];
  const [first] = timeline.build([], head, [], []);
  const older = { page: 0, entries: [at(message('0', 0), 0, 0)], late: [] };
  const items = timeline.build([older], [...head, at(message('2', 2), 2, 2)], [], []);
  expect(items[1]).toBe(first);
  expect(timeline.build([older], head, [], [])[0]).toBe(items[0]);
});

test('[TIME-4] late is what took over five minutes to arrive, never what was imported', () => {
  const { timeline } = setup();
  const head = [
    at(message('1', 0), LATE_AFTER_MS, 1),
    at(message('2', 0), LATE_AFTER_MS + 1, 2),
    at(message('3', 0, '~someone'), LATE_AFTER_MS + 1, 2)
  ];
  const late = timeline.build([], head, [], []).map((item) => item.kind === 'message' && item.late);
  expect(late).toEqual([false, true, false]);
});

test('[TIME-5] a failed or unsaved message says why, in words', () => {
  const { timeline } = setup();
  const items = timeline.build(
    [],
    [],
    [],
    [pending(message('1', 1, ANN), 'failed', 'not-member'), pending(message('2', 2, ANN), 'not-saved')]
  );
  expect(items).toMatchObject([
    { state: 'failed', failure: failureWords('not-member') },
    { state: 'not-saved', failure: m.refused_not_saved() }
  ]);
});

test('system lines are sentences, with names as they come in, and snapshots show nothing', () => {
  const { people, timeline } = setup();
  const head = [
    at(
      { id: 'entry-a', type: 'room', action: 'created', author: ANN, sentAt: 1, name: 'Garden', kind: 'public' },
      1,
      0
    ),
    at({ id: 'entry-b', type: 'membership', action: 'joined', author: BO, invitedBy: ANN, sentAt: 2 }, 2, 0),
    at({ id: 'entry-c', type: 'poll', author: BO, sentAt: 3, question: '?' }, 3, 0)
  ];
  const texts = () => timeline.build([], head, [], []).map((item) => item.kind === 'system' && item.text);
  people.rename(BO, 'Bo');
  expect(texts()).toEqual([
    'You made this room',
    'Bo joined by your invitation',
    'Bo did something that needs a newer version of Roost'
  ]);
  people.rename(BO, 'Boris');
  expect(texts()[1]).toBe('Boris joined by your invitation');
});

test('a quote names what it quotes once that is loaded', () => {
  const quoted = message('1', 1);
  const reply = at(message('2', 2, ANN, { replyTo: 'entry-1' }), 2, 2);
  const [without] = setup().timeline.build([], [reply], [], []);
  expect(without).toMatchObject({ replyTo: { id: 'entry-1', author: null, body: null } });
  const [item] = setup([quoted]).timeline.build([], [reply], [], []);
  expect(item).toMatchObject({ replyTo: { id: 'entry-1', body: 'body 1', author: { id: BO } } });
});

test('[FILES-23] a quote has the files of what it quotes, and none of what was taken away', () => {
  const attachments = [{ hash: 'h'.repeat(43), name: 'pier.webp', type: 'image/webp', size: 3, width: 4, height: 3 }];
  const quoted = { ...message('1', 1), attachments };
  const reply = at(message('2', 2, ANN, { replyTo: 'entry-1' }), 2, 2);
  const [item] = setup([quoted]).timeline.build([], [reply], [], []);
  expect(item).toMatchObject({ replyTo: { attachments } });
  const gone = erased({ id: 'entry-1', at: 1, n: 1 }, 50);
  const [after] = setup([gone.entry]).timeline.build([], [reply], [], []);
  expect(after).toMatchObject({ replyTo: { gone: true } });
  expect(after).not.toHaveProperty('replyTo.attachments');
});

test('ten thousand entries are built once; a new one touches itself alone', () => {
  const people = new People();
  let built = 0;
  const timeline = new Timeline({
    me: ANN,
    person: (id) => {
      built += 1;
      return people.person(id);
    },
    loaded: () => null,
    effects: () => [],
    proof: () => 'none'
  });
  let pagesRead = 0;
  const older = Array.from({ length: 9 }, (_, page) => {
    const entries = Array.from({ length: 1_000 }, (_entry, n) => at(message(`${page}-${n}`, n), n, n));
    return {
      page,
      late: [],
      get entries() {
        pagesRead += 1;
        return entries;
      }
    };
  });
  const head = Array.from({ length: 1_000 }, (_, n) => at(message(`h-${n}`, n), n, n));
  timeline.build(older, head, [], []);
  expect({ built, pagesRead }).toEqual({ built: 10_000, pagesRead: 9 });
  head.push(at(message('new', 1_000), 1_000, 1_000));
  expect(timeline.build(older, head, [], [])).toHaveLength(10_001);
  expect({ built, pagesRead }).toEqual({ built: 10_001, pagesRead: 9 });
});

test('[ERASE-22] in the place of what was taken away stands who did it; a quote of it says so', () => {
  const redaction = (target: string, author: string, of: string): Entry => ({
    ...{ id: `redaction-${target}`, type: 'redaction', author, sentAt: 9, target: `entry-${target}`, of }
  });
  const loaded = erased({ id: 'entry-3', at: 3, n: 3 }).entry;
  const { timeline } = setup([redaction('1', BO, BO), redaction('2', ANN, BO), redaction('5', ANN, ANN), loaded]);
  const head = [
    ...[1, 2, 3].map((n) => erased({ id: `entry-${n}`, at: n, n })),
    at(message('4', 4, BO, { replyTo: 'entry-2' }), 4, 4),
    at(message('5', 5, ANN), 5, 5),
    at(redaction('5', ANN, ANN), 6, 5),
    at(message('6', 7, BO, { replyTo: 'entry-3' }), 7, 6)
  ];
  const items = timeline.build([], head, [], []);
  expect(items).toMatchObject([
    { id: 'entry-1', body: '', author: { id: BO }, own: false, n: 1, redacted: { by: { id: BO }, own: false } },
    { id: 'entry-2', body: '', author: { id: BO }, redacted: { by: { id: ANN }, own: true } },
    // Nobody took it away by itself: it went with its author's account.
    { id: 'entry-3', body: '', author: { name: 'Deleted account', deleted: true }, redacted: { withAccount: true } },
    { id: 'entry-4', redacted: null, replyTo: { author: { id: BO }, body: 'Message removed' } },
    // Taken away, though its content is still here.
    { id: 'entry-5', body: '', own: true, redacted: { by: { id: ANN }, own: true, withAccount: false } },
    { id: 'entry-6', replyTo: { author: { name: 'Deleted account' }, body: 'Message removed' } }
  ]);
});

test('[ERASE-22] what was erased from a sealed page stands where it stood', () => {
  const ordered = [at(message('1', 1), 1, 1), at(message('3', 3), 3, 3)];
  const joined = at({ id: 'entry-j', type: 'membership', action: 'joined', author: BO, sentAt: 2 }, 2, 2);
  const gone = [
    { id: 'entry-4', at: 4, n: 4 },
    { id: 'entry-2', at: 2, n: 2 }
  ];
  const all = withErased([ordered[0]!, joined, ordered[1]!], gone);
  expect(all.map(({ entry }) => entry.id)).toEqual(['entry-1', 'entry-2', 'entry-j', 'entry-3', 'entry-4']);
});

test('[EFFECT-8] a message says what its last edit said, also in quotes, and who reacted; nothing else is built anew', () => {
  const edit = (n: number, body: string): Entry => ({
    ...{ id: `edit-${n}`, type: 'edit', author: BO, sentAt: 10 + n, target: 'entry-1', body }
  });
  const thumb: Entry = {
    ...{ id: 'thumb', type: 'reaction', author: ANN, sentAt: 9 },
    target: 'entry-1',
    emoji: '👍',
    on: true
  };
  const effects: Entry[] = [];
  const quoted = message('1', 1);
  const people = new People();
  const timeline = new Timeline({
    me: ANN,
    person: (id) => people.person(id),
    loaded: (id) => (id === quoted.id ? quoted : null),
    effects: (id) => (id === quoted.id ? effects : []),
    proof: () => 'none'
  });
  const head = [at(quoted, 1, 1), at(message('2', 2, BO, { replyTo: 'entry-1' }), 2, 2)];
  const before = timeline.build([], head, [], []);
  expect(before[0]).toMatchObject({ body: 'body 1', versions: [], reactions: [] });
  effects.push(edit(1, 'second words'), edit(2, 'third words'), thumb);
  const [first, second] = timeline.build([], [...head, at(edit(1, 'second words'), 3, 2)], [], []);
  expect(first).toBe(before[0]);
  expect(first).toMatchObject({
    body: 'third words',
    versions: [
      { body: 'body 1', at: 1 },
      { body: 'second words', at: 11 },
      { body: 'third words', at: 12 }
    ],
    reactions: [{ emoji: '👍', people: [{ id: ANN }], own: true }]
  });
  expect(second).toMatchObject({ replyTo: { body: 'third words' } });
});

test('[GONE-15] nothing stands in the place of what disappeared, and what quotes it says so', () => {
  const gone = erased({ id: 'entry-1', at: 1, n: 1, until: 50 }, 50);
  const reply = at({ ...message('2', 2), replyTo: 'entry-1' }, 2, 2);
  const items = setup([gone.entry]).timeline.build([], [gone, reply], [], []);
  expect(items.map((item) => item.kind === 'message' && item.replyTo?.body)).toEqual(['This message disappeared']);
  const takenAwayBefore = erased({ id: 'entry-1', at: 1, n: 1, until: 50 }, 49);
  expect(setup([takenAwayBefore.entry]).timeline.build([], [takenAwayBefore, reply], [], [])).toHaveLength(2);
});

test('[FILES-8] a message that waits for its files stands before what its author wrote after it, until it arrives', () => {
  const { timeline } = setup();
  const attachments = [{ hash: 'h'.repeat(42) + 'A', name: 'plan.pdf', type: 'application/pdf', size: 4 }];
  const film = message('2', 20, ANN, { body: '', attachments });
  const head = [at(message('1', 10), 11, 1), at(message('3', 30, ANN), 31, 2), at(message('4', 15), 32, 3)];
  const waiting = [pending(film, 'kept'), pending(message('5', 25, ANN), 'kept')];
  const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);
  const shown = timeline.build([], head, [], waiting);
  expect(ids(shown)).toEqual(['entry-1', 'entry-2', 'entry-3', 'entry-4', 'entry-5']);
  expect(timeline.build([], head, [], waiting)).toBe(shown);
  const after = timeline.build([], [...head, at(film, 40, 4)], [], waiting.slice(1));
  expect(ids(after)).toEqual(['entry-1', 'entry-3', 'entry-4', 'entry-2', 'entry-5']);
});

test('[FILES-9] files are quoted by what they are, with words by their sign', () => {
  const file = { hash: 'h'.repeat(42) + 'A', name: 'Plan.pdf', type: 'application/pdf', size: 4 };
  const photo = { ...file, name: 'a.webp', type: 'image/webp', width: 4, height: 3 };
  const quoted = (extra: object) => {
    const root = message('1', 1, BO, extra);
    const { timeline } = setup([root]);
    const [item] = timeline.build([], [at(message('2', 2, BO, { replyTo: root.id }), 2, 2)], [], []);
    return item!.kind === 'message' ? item!.replyTo!.body : null;
  };
  expect(quoted({ body: '', attachments: [file] })).toBe('📎 Plan.pdf');
  expect(quoted({ body: '', attachments: [photo] })).toBe('📷 Photo');
  expect(quoted({ body: '', attachments: [photo, { ...photo, name: 'b.webp' }] })).toBe('📷 2 photos');
  expect(quoted({ body: '', attachments: [photo, file] })).toBe('📎 2 files');
  expect(quoted({ body: 'Look', attachments: [photo] })).toBe('📷 Look');
});

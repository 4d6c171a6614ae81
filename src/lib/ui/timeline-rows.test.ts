import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PersonView } from '../model/person-view.ts';
import type { MessageItem, SystemItem, TimelineItem } from '../model/timeline-item.ts';
import { TimelineRows, type Row } from './timeline-rows.ts';

const person = (id: string): PersonView => ({
  ...{ id, name: id, imported: false, colour: 1, initials: id, userName: id },
  ...{ avatar: null, status: '', deleted: false, absent: false, blocked: false }
});
const start = new Date(2025, 9, 18, 12, 0).getTime();
const minutes = (count: number) => start + count * 60_000;

function message(id: string, author: string, sentAt: number, more: Partial<MessageItem> = {}): MessageItem {
  return {
    kind: 'message',
    id,
    author: person(author),
    own: false,
    body: id,
    action: false,
    sentAt,
    arrivedAt: sentAt,
    late: false,
    state: 'arrived',
    failure: null,
    replyTo: null,
    redacted: null,
    versions: [],
    reactions: [],
    attachments: [],
    poll: null,
    preview: null,
    forwarded: null,
    mentions: null,
    proof: 'signed',
    n: null,
    ...more
  };
}
function joined(id: string, sentAt: number): SystemItem {
  return {
    kind: 'system',
    id,
    icon: 'joined',
    words: null,
    text: 'Bo joined',
    sentAt,
    arrivedAt: sentAt,
    state: 'arrived',
    failure: null,
    own: false,
    n: null
  };
}
/** Made at once, as if nothing had been there before. */
const timelineRows = (items: readonly TimelineItem[], firstUnread: string | null): readonly Row[] =>
  new TimelineRows().update(items, firstUnread, false);
const groups = (items: readonly TimelineItem[], firstUnread: string | null = null) =>
  timelineRows(items, firstUnread)
    .filter((row) => row.kind === 'message')
    .map((row) => `${row.first ? '[' : ''}${row.key}${row.last ? ']' : ''}`)
    .join(' ');

describe('a group', () => {
  test('holds one author with gaps of at most five minutes', () => {
    expect(
      groups([message('a', 'bo', minutes(0)), message('b', 'bo', minutes(5)), message('c', 'bo', minutes(10.1))])
    ).toBe('[a b] [c]');
  });
  test('ends where another speaks', () => {
    expect(
      groups([message('a', 'bo', minutes(0)), message('b', 'ann', minutes(1)), message('c', 'bo', minutes(2))])
    ).toBe('[a] [b] [c]');
  });
  test('ends at a system line', () => {
    expect(groups([message('a', 'bo', minutes(0)), joined('s', minutes(1)), message('b', 'bo', minutes(1))])).toBe(
      '[a] [b]'
    );
  });
  test('ends at midnight', () => {
    const midnight = new Date(2025, 9, 19).getTime();
    expect(groups([message('a', 'bo', midnight - 60_000), message('b', 'bo', midnight + 60_000)])).toBe('[a] [b]');
  });
  test('ends at the New line', () => {
    expect(groups([message('a', 'bo', minutes(0)), message('b', 'bo', minutes(1))], 'b')).toBe('[a] [b]');
  });
  test('does not mix late messages with others, so that both times stand beside them', () => {
    const late = { late: true, arrivedAt: minutes(400) };
    expect(
      groups([
        message('a', 'bo', minutes(0)),
        message('b', 'bo', minutes(1), late),
        message('c', 'bo', minutes(2), late)
      ])
    ).toBe('[a] [b c]');
  });
});

describe('separators', () => {
  test('a day opens with its date', () => {
    const next = start + 86_400_000;
    expect(timelineRows([message('a', 'bo', start), message('b', 'bo', next)], null).map((row) => row.kind)).toEqual([
      'head',
      'day',
      'message',
      'day',
      'message'
    ]);
  });
  test('a late message stands on the day it arrived', () => {
    const rows = timelineRows(
      [message('a', 'ann', start), message('b', 'bo', start - 86_400_000, { late: true, arrivedAt: minutes(1) })],
      null
    );
    expect(rows.filter((row) => row.kind === 'day')).toHaveLength(1);
  });
  test('the New line stands before the first unread message and after its date', () => {
    const rows = timelineRows([message('a', 'bo', start), message('b', 'bo', start + 86_400_000)], 'b');
    expect(rows.map((row) => row.kind)).toEqual(['head', 'day', 'message', 'day', 'new', 'message']);
  });
});

test('[UI-2] any timeline gives each item one row, in order, under unique keys', () => {
  const item = fc.record({
    author: fc.constantFrom('ann', 'bo', 'cy'),
    sentAt: fc.integer({ min: start - 3e8, max: start + 3e8 }),
    late: fc.boolean(),
    system: fc.boolean()
  });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), fc.nat(60), (drawn, unread) => {
      const items = drawn.map((one, i) =>
        one.system
          ? joined(`i${i}`, one.sentAt)
          : message(`i${i}`, one.author, one.sentAt, { late: one.late, arrivedAt: start })
      );
      const rows = timelineRows(items, `i${unread}`);
      expect(rows.flatMap((row) => ('item' in row ? [row.item] : []))).toEqual(items);
      expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
      // Groups are closed: a first row follows a last one, and the other way round.
      const messages = rows.filter((row) => row.kind === 'message');
      for (const [i, row] of messages.entries()) {
        const next = messages[i + 1];
        if (next) expect(next.first).toBe(row.last);
      }
    })
  );
});

describe('rows of a timeline that changes', () => {
  const a = message('a', 'bo', minutes(0));
  const b = message('b', 'bo', minutes(1));
  const c = message('c', 'ann', minutes(2));

  test('[HISTORY-9] are the same as if made anew, whatever came and went at either end, and the same objects before a change', () => {
    const drawn = fc.record({
      author: fc.constantFrom('ann', 'bo'),
      sentAt: fc.integer({ min: start - 2e8, max: start + 2e8 }),
      late: fc.boolean(),
      system: fc.boolean()
    });
    const step = fc.record({ from: fc.nat(40), to: fc.nat(40), unread: fc.nat(40), hasFoot: fc.boolean() });
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 40 }), fc.array(step, { maxLength: 8 }), (all, steps) => {
        const items = all.map((one, i) =>
          one.system
            ? joined(`i${i}`, one.sentAt)
            : message(`i${i}`, one.author, one.sentAt, { late: one.late, arrivedAt: start })
        );
        const builder = new TimelineRows();
        for (const { from, to, unread, hasFoot } of steps) {
          const shown = items.slice(Math.min(from, to), Math.max(from, to));
          const rows = builder.update(shown, `i${unread}`, hasFoot);
          expect(rows).toEqual(new TimelineRows().update(shown, `i${unread}`, hasFoot));
          expect(builder.update([...shown], `i${unread}`, hasFoot)).toEqual(rows);
          expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
        }
        expect(builder.update(items, 'nobody', false)).toEqual(timelineRows(items, 'nobody'));
      })
    );
  });
  test('keep their objects where a message comes after them', () => {
    const builder = new TimelineRows();
    const before = builder.update([a, b], null, false);
    const after = builder.update([a, b, c], null, false);
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after[2]).toBe(before[2]);
    expect(after.map(({ key }) => key)).toEqual(['head', before[1]!.key, 'a', 'b', 'c']);
  });
  test('are the same array when nothing has changed', () => {
    const builder = new TimelineRows();
    const items = [a, b];
    expect(builder.update(items, 'b', true)).toBe(builder.update(items, 'b', true));
  });
  test('end with a foot where newer messages are left to load', () => {
    const builder = new TimelineRows();
    expect(builder.update([a], null, true).at(-1)).toEqual({ kind: 'foot', key: 'foot' });
    expect(builder.update([a, b], null, true).filter(({ kind }) => kind === 'foot')).toHaveLength(1);
    expect(builder.update([a, b], null, false).at(-1)!.key).toBe('b');
  });
});

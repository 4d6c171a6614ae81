import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageItem, PersonView, SystemItem, TimelineItem } from '../model/app-model.ts';
import { changedAtTop, timelineRows } from './timeline-rows.ts';

const person = (id: string): PersonView => ({ id, name: id, imported: false, colour: 1, initials: id });
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
    n: null,
    ...more
  };
}
function joined(id: string, sentAt: number): SystemItem {
  return {
    kind: 'system',
    id,
    icon: 'joined',
    text: 'Bo joined',
    sentAt,
    arrivedAt: sentAt,
    state: 'arrived',
    failure: null,
    own: false,
    n: null
  };
}
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

describe('older messages put before or let go', () => {
  const b = message('b', 'bo', minutes(1));
  const c = message('c', 'ann', minutes(2));
  const rows = (...items: TimelineItem[]) => timelineRows(items, null);
  test('are told from new ones', () => {
    expect(changedAtTop(rows(b, c), rows(message('a', 'bo', minutes(0)), b, c))).toBe(true);
    expect(changedAtTop(rows(b), rows(b, c))).toBe(false);
  });
  test('are seen when they go', () => {
    const a = message('a', 'bo', minutes(0));
    expect(changedAtTop(rows(a, b, c), rows(b, c))).toBe(true);
    expect(changedAtTop(rows(a, b, c), rows(a, c))).toBe(false);
  });
  test('are told from a first load and from no change', () => {
    expect(changedAtTop(rows(), rows(b, c))).toBe(false);
    expect(changedAtTop(rows(b, c), rows(b, c))).toBe(false);
  });
});

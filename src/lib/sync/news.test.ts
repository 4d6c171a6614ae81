import { describe, expect, test } from 'vitest';
import type { RoomSummary } from '#protocol/control.ts';
import { newUserId } from '#protocol/ids.ts';
import { isTold, newsOf } from './news.ts';
import { summary } from './testing/synced-room.ts';

const [me, bo] = [newUserId(), newUserId()] as [string, string];
const last = (id: string, author = bo, type = 'message') => ({ id, author, type, body: 'hello', at: 1 });
const room = (more: Partial<RoomSummary>): RoomSummary => ({ ...summary, role: 'member', ...more });
const before = room({ n: 3, read: 3, last: last('third-one') });
const after = (more: Partial<RoomSummary> = {}): RoomSummary =>
  room({ n: 4, read: 3, unread: 1, last: last('fourth-one'), ...more });

describe('[NOTICE-1] one hears of a message by another that has just come, and of nothing else', () => {
  test('with who, what and whether it is a mention', () => {
    expect(newsOf(before, after(), me)).toEqual({
      ...{ room: summary.id, n: 4, author: bo, body: 'hello', mentioned: false }
    });
    expect(newsOf(before, after({ mentions: [4] }), me)?.mentioned).toBe(true);
    expect(newsOf(before, after({ mentions: [2] }), me)?.mentioned).toBe(false);
  });

  test.for<[name: string, before: RoomSummary | null, after: RoomSummary]>([
    ['a room that is new here', null, after()],
    ['one’s own', before, after({ last: last('fourth-one', me) })],
    ['imported', before, after({ n: 3, last: last('fourth-one', 'import:bo') })],
    ['many at once', before, after({ n: 9, unread: 6 })],
    ['nothing but who came and went', before, after({ n: 3, last: last('fourth-one', bo, 'membership.joined') })],
    ['an edit of the newest', before, after({ n: 3, last: last('third-one') })],
    ['read already', before, after({ read: 4, unread: 0 })],
    ['a room that one only looks at', before, after({ role: null })]
  ])('not of: %s', ([, was, is]) => {
    expect(newsOf(was, is, me)).toBeNull();
  });
});

describe('[NOTICE-2] what one is told of is said by the room, else by the person; never of a muted room', () => {
  const marks = { muted: null, archived: null, level: null } as const;
  const plain = { mentioned: false };
  const mention = { mentioned: true };
  test('by default of mentions, and of all between people', () => {
    expect(isTold(plain, 'public', marks, 'mentions')).toBe(false);
    expect(isTold(mention, 'public', marks, 'mentions')).toBe(true);
    expect(isTold(plain, 'direct', marks, 'mentions')).toBe(true);
    expect(isTold(plain, 'group', marks, 'mentions')).toBe(true);
    expect(isTold(plain, 'private', marks, 'all')).toBe(true);
    expect(isTold(mention, 'direct', marks, 'none')).toBe(false);
  });

  test('the room has the last word', () => {
    expect(isTold(plain, 'public', { ...marks, level: 'all' }, 'none')).toBe(true);
    expect(isTold(mention, 'public', { ...marks, level: 'none' }, 'all')).toBe(false);
    expect(isTold(plain, 'direct', { ...marks, level: 'mentions' }, 'all')).toBe(false);
    expect(isTold(mention, 'direct', { ...marks, level: 'all', muted: true }, 'all')).toBe(false);
    expect(isTold(plain, 'public', { ...marks, archived: 3 }, 'all')).toBe(false);
    expect(isTold(mention, 'public', { ...marks, archived: 3 }, 'all')).toBe(true);
  });
});

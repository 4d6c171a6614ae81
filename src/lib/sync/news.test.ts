import { describe, expect, test } from 'vitest';
import type { RoomSummary } from '#protocol/control.ts';
import { newUserId } from '#protocol/ids.ts';
import { newsOf } from './news.ts';
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

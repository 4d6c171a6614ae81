import { expect, test } from 'vitest';
import type { PushedData } from '#protocol/push.ts';
import { replyPathOf } from '../../../../service-worker/shown-push.ts';
import { keptReply, withReply } from './kept-reply.ts';

const data: PushedData = {
  ...{ kind: 'message', room: 'r'.repeat(22), id: 'e'.repeat(22), n: 3, thread: null, count: 1, badge: 1 },
  ...{ mention: false, read: [] }
};

test('[PUSH-15] what was written in a notification comes whole into the composer', () => {
  for (const text of ['', 'hello', 'a&b=c#d?e/%41 😀\nنعم']) {
    const url = new URL(replyPathOf(data, text), 'https://chat.example.org');
    expect(url.pathname).toBe(`/room/${data.room}`);
    expect(keptReply(url.hash)).toBe(text);
  }
  expect([keptReply(''), keptReply('#m'), keptReply('#write=%')]).toEqual([null, null, '']);
});

test('[PUSH-15] a draft that is there stays above it', () => {
  expect(withReply('', 'new')).toBe('new');
  expect(withReply('old \n', 'new')).toBe('old\nnew');
  expect(withReply('old', '')).toBe('old');
});

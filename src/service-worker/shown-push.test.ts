import { expect, test } from 'vitest';
import { readPush, type PushedData } from '../lib/protocol/push.ts';
import { pathOf, replyPathOf, shownPush, shownUnknown } from './shown-push.ts';

const [room, id, root] = ['r'.repeat(22), 'e'.repeat(22), 't'.repeat(22)] as const;
const data = (more: Partial<PushedData> = {}): PushedData => ({
  ...{ kind: 'message', room, id, n: 3, thread: null, count: 1, badge: 1, mention: false, read: [] },
  ...more
});
const harbour = { name: 'Harbour', isDirect: false };
const bo = { name: 'Bo', isDirect: true };

test.for<[string, string, Partial<PushedData>, Parameters<typeof shownPush>[1]]>([
  ['Roost', 'New message', {}, null],
  ['Harbour', 'New message', {}, harbour],
  ['Harbour', '7 new messages', { count: 7 }, harbour],
  ['Harbour', 'You are mentioned', { mention: true }, harbour],
  ['Harbour', '2 new messages in a thread', { thread: root, count: 2 }, harbour],
  ['Bo in Harbour', 'The tide is in', { author: 'Bo', text: 'The tide is in' }, harbour],
  ['Bo', 'The tide is in', { author: 'Bo', text: 'The tide is in' }, bo],
  ['Bo', 'New message', { author: 'Bo', text: '' }, null],
  ['Roost', 'You are invited to a room', { kind: 'invitation', id: null }, null],
  ['Roost', 'Bo invites you to a room', { kind: 'invitation', id: null, author: 'Bo', text: '' }, null]
])('[PUSH-13] «%s: %s» is what %j shows in %j', ([title, body, more, known]) => {
  const shown = shownPush(data(more), known, false);
  expect([shown.title, shown.options.body]).toEqual([title, body]);
});

test('[PUSH-13] one notification a room and thread, that sounds again for a mention alone', () => {
  expect(shownPush(data(), null, false).options).toMatchObject({ tag: room, renotify: false });
  expect(shownPush(data({ thread: root, mention: true }), null, false).options).toMatchObject({
    ...{ tag: `${room}/${root}`, renotify: true }
  });
});

test('[PUSH-15] one answers in it where the browser takes text, marks it read where that is one number', () => {
  const actions = (more: Partial<PushedData>, replies: boolean) =>
    shownPush(data(more), null, replies).options.actions?.map(({ action, type }) => [action, type]);
  expect(actions({}, false)).toEqual([
    ['reply', undefined],
    ['read', undefined]
  ]);
  expect(actions({}, true)?.[0]).toEqual(['reply', 'text']);
  expect(actions({ thread: root, n: null }, false)).toEqual([['reply', undefined]]);
  expect(actions({ kind: 'invitation', id: null }, true)).toBeUndefined();
});

test('[PUSH-15] whatever is written in it is in the composer', () => {
  expect(replyPathOf(data(), 'on my way? 100%')).toBe(`/room/${room}#write=on%20my%20way%3F%20100%25`);
  expect(replyPathOf(data({ thread: root }), 'yes \ud83d')).toBe(`/room/${room}/thread/${root}#write=yes%20%EF%BF%BD`);
});

test('[PUSH-14] a press leads to the message, its thread, or the room', () => {
  expect(pathOf(data())).toBe(`/room/${room}/m/${id}`);
  expect(pathOf(data({ thread: root }))).toBe(`/room/${room}/thread/${root}`);
  expect(pathOf(data({ kind: 'invitation', id: null }))).toBe(`/room/${room}`);
});

test('[PUSH-13] what cannot be read is a new message all the same', () => {
  for (const text of [
    '',
    '{',
    'null',
    '{"notification":{}}',
    '{"notification":{"data":{"kind":"message","room":"../x"}}}'
  ])
    expect(readPush(text)).toBeNull();
  expect(shownUnknown()).toMatchObject({ title: 'Roost', options: { body: 'New message' } });
});

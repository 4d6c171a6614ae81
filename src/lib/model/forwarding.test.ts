import { expect, test } from 'vitest';
import type { RoomKind } from '#protocol/entry.ts';
import type { MessageItem, PersonView } from './app-model.ts';
import { mayForward, originOf } from './forwarding.ts';

const person = (id: string) => ({ id, name: id }) as PersonView;
const KINDS: Readonly<Record<string, RoomKind>> = { open: 'public', other: 'public', crew: 'private', pair: 'direct' };
const kindOf = (room: string): RoomKind | null => KINDS[room] ?? null;
const said = (forwarded: MessageItem['forwarded'] = null) => ({ id: 'message-1', author: person('ann'), forwarded });
const origin = (from: string, to: string, forwarded: MessageItem['forwarded'] = null) =>
  originOf(said(forwarded), from, to, kindOf);

test('[FORWARD-2] a room that is not open to all is named in no other room', () => {
  expect(origin('open', 'crew')).toEqual({ author: 'ann', room: 'open', id: 'message-1' });
  expect(origin('crew', 'open')).toEqual({ author: 'ann' });
  expect(origin('pair', 'crew')).toEqual({ author: 'ann' });
  expect(origin('crew', 'crew')).toEqual({ author: 'ann', room: 'crew', id: 'message-1' });
});

test('[FORWARD-2] forwarded on, it keeps its first author, and its origin only where that may be told', () => {
  const fromBo = (room: string | null) => ({ author: person('bo'), room, id: room === null ? null : 'message-0' });
  expect(origin('crew', 'other', fromBo('open'))).toEqual({ author: 'bo', room: 'open', id: 'message-0' });
  expect(origin('crew', 'other', fromBo('crew'))).toEqual({ author: 'bo' });
  expect(origin('open', 'other', fromBo('a-room-one-is-not-in'))).toEqual({ author: 'bo' });
  expect(origin('open', 'other', fromBo(null))).toEqual({ author: 'bo' });
});

test('[FORWARD-3] what is gone, was refused or is voted on is not forwarded', () => {
  const item = { redacted: null, poll: null, state: 'arrived' } as MessageItem;
  expect(mayForward(item)).toBe(true);
  expect(mayForward({ ...item, state: 'kept' })).toBe(true);
  expect(mayForward({ ...item, state: 'failed' })).toBe(false);
  expect(mayForward({ ...item, redacted: { by: person('ann'), own: false, withAccount: false } })).toBe(false);
  expect(mayForward({ ...item, poll: {} as MessageItem['poll'] })).toBe(false);
});

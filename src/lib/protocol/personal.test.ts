import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { encodeControl, readOpenRequest } from './control.ts';
import { PERSONAL_KEY_MAX_CHARS, PERSONAL_VALUE_MAX_BYTES } from './limits.ts';
import {
  isPersonalKey,
  isPersonalRoot,
  personalValueFlaw,
  readDensity,
  readDraft,
  readNotificationLevel,
  readRoomMark,
  readStar,
  roomMarkKey,
  roomMarkOf
} from './personal.ts';

const ROOM = 'r'.repeat(22);
const ENTRY = 'entry-001';

describe('a person’s own document', () => {
  test('[OWN-1] has the root maps of the list and no other', () => {
    expect(['drafts', 'stars', 'rooms', 'preferences'].map(isPersonalRoot)).toEqual([true, true, true, true]);
    expect(['messages', 'arrivals', '', 'Drafts', '__proto__', 'constructor'].some(isPersonalRoot)).toBe(false);
  });

  test('[OWN-1] keys and values have bounds, and values are plain JSON', () => {
    expect(isPersonalKey('k'.repeat(PERSONAL_KEY_MAX_CHARS))).toBe(true);
    expect([isPersonalKey(''), isPersonalKey('k'.repeat(PERSONAL_KEY_MAX_CHARS + 1))]).toEqual([false, false]);
    // Two bytes are the quotes.
    expect(personalValueFlaw('x'.repeat(PERSONAL_VALUE_MAX_BYTES - 2))).toBeNull();
    expect(personalValueFlaw('x'.repeat(PERSONAL_VALUE_MAX_BYTES - 1))).toBe('too-large');
    // Bytes count, not characters.
    expect(personalValueFlaw('ü'.repeat(PERSONAL_VALUE_MAX_BYTES / 2))).toBe('too-large');
    for (const value of [undefined, NaN, -0, 1n, new Uint8Array(1), { a: [undefined] }, '\ud800', new Map()])
      expect(personalValueFlaw(value)).toBe('not-json');
    expect(personalValueFlaw(JSON.parse('{"__proto__":1}'))).toBe('not-json');
    expect(personalValueFlaw([[[[[[[[1]]]]]]]])).toBe('not-json');
  });

  test('[OWN-2] a value that does not fit is as if it were not there', () => {
    expect(readDraft(ROOM, { text: 'half', at: 5, replyTo: ENTRY })).toEqual({ text: 'half', at: 5, replyTo: ENTRY });
    expect(readDraft(ROOM, { text: 'half', at: 5, colour: 'red' })).toEqual({ text: 'half', at: 5 });
    expect(readDraft(ROOM, { text: 'half', at: 5, replyTo: 'no' })?.text).toBe('half');
    expect(readDraft(ROOM, { text: 'half', at: -1 })).toBeNull();
    expect(readDraft('elsewhere', { text: 'half', at: 5 })).toBeNull();
    expect(readStar(ENTRY, { room: ROOM, at: 1 })).toEqual({ room: ROOM, at: 1 });
    expect(readStar(ENTRY, { room: 'kitchen', at: 1 })).toBeNull();
  });

  test('[OWN-28] each mark of a room has a key of its own, and one that does not fit is none', () => {
    expect(roomMarkOf(roomMarkKey(ROOM, 'muted'))).toEqual({ room: ROOM, mark: 'muted' });
    for (const key of [ROOM, `${ROOM}/`, `${ROOM}/colour`, `${ROOM}/toString`, `kitchen/muted`, `${ROOM}/muted/x`, ''])
      expect(roomMarkOf(key), key).toBeNull();
    expect(isPersonalKey(roomMarkKey(ROOM, 'favourite'))).toBe(true);
    expect(readRoomMark('favourite', -2.5)).toBe(-2.5);
    expect(readRoomMark('favourite', 'very')).toBeNull();
    expect(readRoomMark('muted', false)).toBeNull();
    expect(readRoomMark('level', 'mentions')).toBe('mentions');
    expect(readRoomMark('level', 'loud')).toBeNull();
    expect(readRoomMark('unread', { from: 3, upTo: 7, count: 4, colour: 'red' })).toEqual({
      from: 3,
      upTo: 7,
      count: 4
    });
    expect(readRoomMark('unread', { from: 0, upTo: 7, count: 4 })).toBeNull();
    expect(readNotificationLevel('none')).toBe('none');
    expect(readNotificationLevel(null)).toBeNull();
  });

  test('[OWN-2] reading never throws, whatever another version wrote', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (value, key) => {
        for (const read of [readDraft, readStar]) {
          read(key, value);
          read(ROOM, value);
        }
        roomMarkOf(key);
        readNotificationLevel(value);
        for (const mark of ['favourite', 'muted', 'archived', 'level', 'unread'] as const) readRoomMark(mark, value);
      })
    );
  });

  test('[OWN-3] is opened without a name: another person’s cannot be asked for', () => {
    const request = { personal: true as const, clientId: 7 };
    expect(readOpenRequest(encodeControl(request))).toEqual(request);
    const read = (value: unknown) => readOpenRequest(new TextEncoder().encode(JSON.stringify(value)));
    expect(read({ ...request, user: `u${'a'.repeat(22)}` })).toBeNull();
    expect(read({ ...request, room: ROOM, page: 0 })).toBeNull();
    expect(read({ personal: false, clientId: 7 })).toBeNull();
    expect(read({ personal: true })).toBeNull();
  });
});

test('[DENSITY-1] what is no density of this version is the one that all begin with', () => {
  for (const [value, read] of [
    ['compact', 'compact'],
    ['cosy', 'cosy'],
    ['airy', 'cosy'],
    [undefined, 'cosy'],
    [{ compact: true }, 'cosy']
  ] as const)
    expect(readDensity(value)).toBe(read);
});

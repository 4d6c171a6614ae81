import { describe, expect, test } from 'vitest';
import { KEYWORDS_MAX } from './limits.ts';
import {
  hasKeyword,
  isQuiet,
  isTold,
  NO_RULES,
  readNotificationRules,
  tidyKeywords,
  type NotificationRules,
  type QuietHours,
  type RoomLoudness
} from './notification-rules.ts';
import type { RoomKind } from './entry-fields.ts';

const silent: RoomLoudness = { muted: null, archived: null, level: null };
const noon = Date.UTC(2026, 6, 1, 12, 0);
const at = (hours: number, minutes = 0): number => Date.UTC(2026, 6, 1, hours, minutes);
const night: QuietHours = { from: 22 * 60, to: 7 * 60, zone: 'UTC' };

describe('[NOTICE-2] what one is told of is said by the room, else by the person; never of a muted room', () => {
  const plain = { mentioned: false, text: 'the tide is in' };
  const mention = { mentioned: true, text: 'the tide is in' };
  type Row = [
    told: boolean,
    what: typeof plain,
    kind: RoomKind,
    room: Partial<RoomLoudness>,
    all: Partial<NotificationRules>
  ];
  test.for<Row>([
    [false, plain, 'public', {}, {}],
    [true, mention, 'public', {}, {}],
    [true, plain, 'direct', {}, {}],
    [true, plain, 'group', {}, {}],
    [true, plain, 'private', {}, { level: 'all' }],
    [false, mention, 'direct', {}, { level: 'none' }],
    [true, plain, 'public', { level: 'all' }, { level: 'none' }],
    [false, mention, 'public', { level: 'none' }, { level: 'all' }],
    [false, plain, 'direct', { level: 'mentions' }, { level: 'all' }],
    [false, mention, 'direct', { level: 'all', muted: true }, { level: 'all' }],
    [false, plain, 'public', { archived: 3 }, { level: 'all' }],
    [true, mention, 'public', { archived: 3 }, { level: 'all' }],
    // Words count as mentions do.
    [true, plain, 'public', {}, { keywords: ['tide'] }],
    [true, plain, 'public', { archived: 3 }, { keywords: ['tide'] }],
    [false, plain, 'public', {}, { keywords: ['ide'] }],
    [false, plain, 'public', { level: 'none' }, { keywords: ['tide'] }],
    [false, plain, 'public', { muted: true }, { keywords: ['tide'] }],
    // And nothing comes through in quiet hours.
    [false, mention, 'direct', { level: 'all' }, { quiet: { ...night, from: 720, to: 721 } }],
    [true, mention, 'direct', { level: 'all' }, { quiet: { ...night, from: 721, to: 720 } }]
  ])('%j of %j in a %s room %j, with %j', ([told, what, kind, room, all]) => {
    expect(isTold(what, kind, { ...silent, ...room }, { ...NO_RULES, ...all }, noon)).toBe(told);
  });
});

describe('[NOTICE-6] words that one has chosen call one', () => {
  test.for<[found: boolean, text: string, word: string]>([
    [true, 'Is the BOAT in?', 'boat'],
    [true, 'boat', 'Boat'],
    [true, '(boat)', 'boat'],
    [false, 'boathouse', 'boat'],
    [false, 'lifeboat', 'boat'],
    [true, 'in dry dock now', 'dry dock'],
    [true, 'we use C++ here', 'C++'],
    [true, 'a.b and more', 'a.b'],
    [false, 'axb', 'a.b'],
    [true, 'ÜBER alles', 'über'],
    [true, 'cafe\u0301!', 'café'],
    [true, '明日は東京です', '東京'],
    [false, '', 'boat']
  ])('%s: «%s» has «%s»', ([found, text, word]) => {
    expect(hasKeyword(text, [word])).toBe(found);
  });

  test('[NOTICE-6] each once, and no more than are kept', () => {
    const many = Array.from({ length: KEYWORDS_MAX + 5 }, (_, word) => `word ${word}`);
    expect(tidyKeywords(['a', ' A ', '', ...many])).toHaveLength(KEYWORDS_MAX);
    // What is far too long is not even tidied.
    expect(tidyKeywords([`${' '.repeat(100_000)}tide`, 'ebb'])).toEqual(['ebb']);
  });
});

describe('[NOTICE-7] quiet hours are those of their time zone', () => {
  test.for<[quiet: boolean, hours: QuietHours, nowMs: number]>([
    [true, night, at(22)],
    [true, night, at(3)],
    [false, night, at(7)],
    [false, night, at(21, 59)],
    [true, { ...night, from: 60, to: 120 }, at(1, 59)],
    [false, { ...night, from: 60, to: 120 }, at(2)],
    [true, { ...night, from: 60, to: 60 }, noon],
    // In summer Berlin is two hours ahead, in winter one.
    [true, { ...night, zone: 'Europe/Berlin' }, at(20)],
    [false, { ...night, zone: 'Europe/Berlin' }, at(19, 59)],
    [false, { ...night, zone: 'Europe/Berlin' }, Date.UTC(2026, 0, 1, 20)],
    [true, { ...night, zone: 'Asia/Kathmandu' }, at(16, 15)]
  ])('%j: %j at %i', ([quiet, hours, nowMs]) => {
    expect(isQuiet(hours, nowMs)).toBe(quiet);
  });

  test.for([
    [null],
    [{ from: 1, to: 2, zone: 'Mars/Olympus' }],
    [{ from: -1, to: 2, zone: 'UTC' }],
    [{ from: 1, to: 1_440, zone: 'UTC' }],
    ['22:00']
  ])('[NOTICE-7] what is none is as if it were not there: %j', ([value]) => {
    expect(readNotificationRules((_root, key) => (key === 'quiet-hours' ? value : undefined))).toEqual(NO_RULES);
  });
});

test('[NOTICE-6] a word of one’s own may hold any sign that keys have', () => {
  for (let code = 0x21; code < 0x7f; code++) {
    const word = `on${String.fromCharCode(code)}call`;
    expect(hasKeyword(`who is ${word} tonight`, [word]), word).toBe(true);
    expect(hasKeyword('who is on duty tonight', [word]), word).toBe(false);
  }
});

test('[NOTICE-6] a message of nothing but a word within others holds nobody up', () => {
  expect(hasKeyword(`${'xa '.repeat(900)}a`, ['a'])).toBe(true);
  expect(hasKeyword(`${'xa '.repeat(2_000)}a`, ['a'])).toBe(false);
  expect(hasKeyword(`${'京'.repeat(2_000)}東京`, ['東京'])).toBe(true);
});

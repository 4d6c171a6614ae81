import { beforeAll, describe, expect, test } from 'vitest';
import { isEmoji } from '#protocol/message-entries.ts';
import { isEmojiOnly } from '../ui/emoji-only.ts';
import { loadEmoji, USUAL_EMOJI, type EmojiGroup } from './emoji-catalog.ts';
import { codeFor, emojiOfCode, findEmoji } from './emoji-search.ts';

let groups: readonly EmojiGroup[] = [];
beforeAll(async () => void (groups = await loadEmoji()));
const found = (typed: string, limit = 8) => findEmoji(groups, typed, limit).map(({ sign }) => sign);

test('[EMOJI-1] every emoji in the catalogue is one, once, and can be a reaction; so can the usual ones', () => {
  const signs = groups.flatMap(({ emoji }) => emoji.map(({ sign }) => sign));
  expect(signs.length).toBeGreaterThan(1_800);
  expect(signs.filter((sign) => !isEmoji(sign) || sign !== sign.toWellFormed())).toEqual([]);
  expect(signs.filter((sign) => !isEmojiOnly(sign) && !/^[©®™]/.test(sign))).toEqual([]);
  expect(new Set(signs).size).toBe(signs.length);
  // Without the selector they look the same and would be counted apart.
  expect(new Set(signs.map((sign) => sign.replaceAll('\uFE0F', ''))).size).toBe(signs.length);
  for (const usual of USUAL_EMOJI) expect(signs).toContain(usual);
});

test('[EMOJI-1] each has a name and a shortcode, and the first of these is its own', () => {
  const all = groups.flatMap(({ emoji }) => emoji);
  expect(all.filter(({ name, codes }) => name === '' || codes.length === 0 || codes.includes(''))).toEqual([]);
  const firsts = all.map(({ codes }) => codes[0]);
  expect(new Set(firsts).size).toBe(firsts.length);
});

describe('[EMOJI-2] emoji are found by shortcode, name and words', () => {
  test.each([
    ['tada', '🎉'],
    ['+1', '👍'],
    ['-1', '👎'],
    ['party pop', '🎉'],
    ['PARTY POPPER', '🎉'],
    ['norway', '🇳🇴'],
    ['sailboat', '⛵'],
    ['heart', '❤️'],
    ['woohoo', '🎉']
  ])('%s finds %s first', (typed, sign) => expect(found(typed)[0]).toBe(sign));

  test('a beginning finds what begins so, and not more than is asked for', () => {
    expect(found('smil', 5)).toHaveLength(5);
    expect(found('thumbsu')).toContain('👍');
  });

  test('what is offered shows the code that was begun', () => {
    const [orange] = findEmoji(groups, 'tangerine', 1);
    expect(codeFor(orange!, 'tange')).toBe('tangerine');
    expect(codeFor(orange!, 'fruit')).toBe(orange!.codes[0]);
    expect(found('ta')).toContain('🎉');
  });

  test('nothing typed and nonsense find nothing', () => {
    expect(found('')).toEqual([]);
    expect(found('  :: ')).toEqual([]);
    expect(found('qqqq')).toEqual([]);
  });
});

test('[EMOJI-3] a whole shortcode names one emoji, whatever the case', () => {
  expect(emojiOfCode(groups, 'Tada')?.sign).toBe('🎉');
  expect(emojiOfCode(groups, 'tad')).toBeNull();
  expect(emojiOfCode(groups, '')).toBeNull();
});

import { expect, test } from 'vitest';
import { KEYWORDS_MAX } from '#protocol/limits.ts';
import { addKeywords } from './keyword-list.ts';

test('[NOTICE-6] a pasted list becomes its words, and what is too long or too many is given back', () => {
  const list = 'boat,  Storm warning\nharbour; anchor\r\n\nBOAT';
  expect(addKeywords(['mast'], list)).toEqual({
    words: ['mast', 'boat', 'Storm warning', 'harbour', 'anchor'],
    ...{ tooLong: [], over: [] }
  });
  const long = 'x'.repeat(41);
  expect(addKeywords([], `sail, ${long}`)).toEqual({ words: ['sail'], tooLong: [long], over: [] });
  const many = Array.from({ length: KEYWORDS_MAX + 2 }, (_, at) => `word${at}`);
  const { words, over } = addKeywords([], many.join('\n'));
  expect(words).toEqual(many.slice(0, KEYWORDS_MAX));
  expect(over).toEqual(many.slice(KEYWORDS_MAX));
});

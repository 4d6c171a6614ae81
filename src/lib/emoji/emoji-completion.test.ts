import { describe, expect, test } from 'vitest';
import { begunCode, wholeCode } from './emoji-completion.ts';

/** `|` is the caret. */
const split = (marked: string) => ({ text: marked.replace('|', ''), caret: marked.indexOf('|') });
const begun = (marked: string) => {
  const { text, caret } = split(marked);
  return begunCode(text, caret);
};
const whole = (marked: string) => {
  const { text, caret } = split(marked);
  return wholeCode(text, caret);
};

describe('[EMOJI-3] two letters after a colon begin a shortcode', () => {
  test.each([
    [':ta|', { from: 0, to: 3, code: 'ta' }],
    ['hi :Tad| there', { from: 3, to: 7, code: 'tad' }],
    ['(:+1|', { from: 1, to: 4, code: '+1' }],
    ['one\n:sail|', { from: 4, to: 9, code: 'sail' }],
    ['🎉 :ta|', { from: 3, to: 6, code: 'ta' }]
  ])('%j', (marked, expected) => expect(begun(marked)).toEqual(expected));

  test.each([':|', ':t|', 'ta|', ':)|', 'at 12:30|', 'https://x|', 'note:this|', ':ta |', ':ta:|', '|:tada', ': ta|'])(
    '%j does not',
    (marked) => expect(begun(marked)).toBeNull()
  );
});

describe('[EMOJI-3] a second colon ends it', () => {
  test.each([
    [':tada:|', { from: 0, to: 6, code: 'tada' }],
    ['well :+1:| then', { from: 5, to: 9, code: '+1' }]
  ])('%j', (marked, expected) => expect(whole(marked)).toEqual(expected));

  test.each(['::|', ':tada|', 'a:tada:|', '10:30:|', ': :|', ':ta da:|'])('%j does not', (marked) =>
    expect(whole(marked)).toBeNull()
  );
});

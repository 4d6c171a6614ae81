import { expect, test } from 'vitest';
import { passwordWords } from './password-words.ts';

test.each([
  ['', null],
  ['tide', '4 more characters'],
  ['1234567', '1 more character'],
  ['12345678', 'Characters in a row are guessed first'],
  ['hgfedcba', 'Characters in a row are guessed first'],
  ['aaaaabbbbb', 'Too few different characters'],
  ['NoraKvist1', 'Everybody knows your name: take something else'],
  ['low water', 'Long enough; unrelated words are stronger'],
  ['correct horse battery', 'Good and long'],
  // Two UTF-16 units each.
  ['🌊⛵🥐🐦', '4 more characters']
])('of %j is said %j', (password, text) => {
  expect(passwordWords(password, 'NoraKvist')?.text ?? null).toBe(text);
});

test('a name of a letter or two forbids nothing', () => {
  expect(passwordWords('anchorage', 'an')?.good).toBe(true);
  expect(passwordWords('anchorage', '')?.good).toBe(true);
});

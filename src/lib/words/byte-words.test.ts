import { expect, test } from 'vitest';
import { bytesWords } from './byte-words.ts';

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1 kB'],
  [48_200, '48 kB'],
  [2_350_000, '2.4 MB'],
  [12e9, '12 GB'],
  [5e16, '50,000 TB']
])('%d bytes read as %s', (bytes, words) => {
  expect(bytesWords(bytes, 'en')).toBe(words);
});

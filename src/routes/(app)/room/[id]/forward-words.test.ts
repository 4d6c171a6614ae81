import { expect, test } from 'vitest';
import { forwardedWords } from './forward-words.ts';

test('[FORWARD-4] nothing is said to be forwarded before there is a line', () => {
  expect(forwardedWords(1, 'Kitchen', true)).toBe('Forwarded to Kitchen');
  expect(forwardedWords(1, 'Kitchen', false)).toBe('Will be forwarded to Kitchen when you are online');
  expect(forwardedWords(1, undefined, false)).toBe('Will be forwarded to the room when you are online');
  expect(forwardedWords(3, 'Kitchen', true)).toBe('Forwarded to 3 rooms');
  expect(forwardedWords(3, 'Kitchen', false)).toBe('Will be forwarded to 3 rooms when you are online');
});

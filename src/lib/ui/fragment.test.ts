import { expect, test } from 'vitest';
import { fragmentText } from './fragment.ts';

test('a fragment that was cut in the middle of a character is no fragment, and no exception', () => {
  expect(fragmentText('#7KQ4%2DWREN')).toBe('7KQ4-WREN');
  expect(fragmentText('')).toBe('');
  expect(fragmentText('#%E0%A4%A')).toBeNull();
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitBySize } from './split-by-size.ts';

test('no list is longer than its bound, and together they are what was given', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 })), (items) => {
      const lists = splitBySize(items, 200);
      expect(lists.flat()).toEqual(items);
      for (const list of lists) {
        expect(list.length).toBeGreaterThan(0);
        expect(Buffer.byteLength(JSON.stringify(list))).toBeLessThanOrEqual(list.length === 1 ? Infinity : 200);
      }
    })
  );
});

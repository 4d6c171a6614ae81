import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markedPieces, matchName } from './name-match.ts';

test('a name that begins with it comes before one that has it inside', () => {
  const rank = (name: string) => matchName(name, 'ha')?.rank ?? Infinity;
  expect(rank('Harbour crew')).toBeLessThan(rank('The hall'));
  expect(rank('The hall')).toBeLessThan(rank('Orchard'));
  expect(rank('Boats')).toBe(Infinity);
});

test('words may come in any order, and all must be there', () => {
  expect(matchName('Storm shutters and winter storage', 'win sto')).not.toBeNull();
  expect(matchName('Storm shutters', 'storm winter')).toBeNull();
});

test('case and accents do not count', () => {
  expect(matchName('Ålesund', 'ale')?.ranges).toEqual([[0, 3]]);
  expect(matchName('Tomasz Wójcik', 'WOJ')?.ranges).toEqual([[7, 10]]);
});

test('the pieces are the name again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (name, typed) => {
      const match = matchName(name, typed);
      if (match)
        expect(
          markedPieces(name, match.ranges)
            .map((piece) => piece.text)
            .join('')
        ).toBe(name);
    })
  );
});

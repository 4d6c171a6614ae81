import { expect, test } from 'vitest';
import { colourOf, initialsOf, standInName } from './person.ts';

test.each([
  ['Ann', 'A'],
  ['ann bee', 'AB'],
  ['Ann Mary Cole', 'AC'],
  ['Ann-Kathrin Oyelaran-Lindqvist', 'AO'],
  ['night-watch', 'NW'],
  ['山田太郎', '山'],
  ['  ', '?'],
  ['🙂', '🙂'],
  ['👩‍🚀 🙂', '👩‍🚀'],
  ['Storm shutters 2025', 'SS'],
  ['Route 66', 'R6'],
  ['_ubottu_', 'U'],
  ['محمد علي', 'مع']
])('initials of %s are %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test('colours are 1 to 12, the same every time, and spread', () => {
  const colours = Array.from({ length: 1_000 }, (_, index) => colourOf(`u${index}`));
  expect(Math.min(...colours)).toBe(1);
  expect(Math.max(...colours)).toBe(12);
  expect(new Set(colours).size).toBe(12);
  expect(colourOf('u7')).toBe(colours[7]);
});

test('an imported author carries the name, an unknown account gets a stand-in', () => {
  expect(standInName('~ubottu')).toEqual({ name: 'ubottu', final: true });
  expect(standInName(`u${'x'.repeat(22)}`).final).toBe(false);
});

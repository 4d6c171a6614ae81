import { describe, expect, test } from 'vitest';
import { initialsOf } from './initials.ts';
import { roomGlyph } from './room-glyph.ts';

describe('initials', () => {
  test.each([
    ['Harbour crew', 'HC'],
    ['Storm shutters and winter storage 2025', 'S2'],
    ['Kitchen & supplies', 'KS'],
    ['nora', 'N'],
    ['Ann-Kathrin Oyelaran-Lindqvist', 'AL'],
    ['山田さくら', '山'],
    ['مريم الحداد', 'مر'],
    ['🚤', '🚤'],
    ['👩‍👩‍👧 home', 'H'],
    ['#ubuntu', 'U'],
    ['   ', '?'],
    ['ålesund', 'Å']
  ])('%s becomes %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

test('a renamed room keeps its colour', () => {
  const before = roomGlyph('r_8fh2k3', 'Harbour crew');
  const after = roomGlyph('r_8fh2k3', 'Quay three');
  expect(after.colour).toBe(before.colour);
  expect(after.initials).toBe('QT');
});

test('colours spread over all twelve', () => {
  const colours = new Set(Array.from({ length: 400 }, (_, i) => roomGlyph(`room-${i}`, 'x').colour));
  expect([...colours].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

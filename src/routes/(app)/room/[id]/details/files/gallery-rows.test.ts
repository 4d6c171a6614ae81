import { expect, test } from 'vitest';
import type { GalleryFile } from '#lib/model/room-gallery.ts';
import { fileBeside, galleryRows, MonthLabels } from './gallery-rows.ts';

const NOW = new Date(2026, 10, 21).getTime();
const labels = new MonthLabels('en-GB');
const file = (key: string, year: number, month: number, late: number | null = null): GalleryFile => {
  const sentAt = new Date(year, month - 1, 5).getTime();
  return { key, item: { sentAt, arrivedAt: late ?? sentAt, late: late !== null } } as unknown as GalleryFile;
};
const drawn = (files: readonly GalleryFile[], across = 3) =>
  galleryRows(files, across, NOW, labels).map((row) =>
    row.kind === 'month' ? row.label : row.files.map(({ key }) => key).join('')
  );

test('[GALLERY-1] files stand by month, of other years with the year, so many in a row', () => {
  const files = [...'abcd'].map((key) => file(key, 2026, 11));
  expect(drawn([...files, file('e', 2026, 10), file('f', 2025, 10)])).toEqual([
    ...['November', 'abc', 'd', 'October', 'e', 'October 2025', 'f']
  ]);
  expect(drawn([])).toEqual([]);
});

test('[GALLERY-1] what came late stands where it arrived, and every row has a key of its own', () => {
  const files = [file('a', 2026, 11), file('b', 2026, 9), file('c', 2026, 11), file('d', 2025, 1, NOW)];
  expect(drawn(files)).toEqual(['November', 'a', 'September', 'b', 'November', 'cd']);
  const keys = galleryRows(files, 3, NOW, labels).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('[GALLERY-1] rows keep their keys while new files come, and when older ones are found', () => {
  const before = [file('b', 2026, 11), file('c', 2026, 10)];
  const after = [file('a', 2026, 11), ...before, file('d', 2026, 9)];
  const keysOf = (files: readonly GalleryFile[]) => galleryRows(files, 3, NOW, labels).map(({ key }) => key);
  expect(keysOf(after)).toEqual(expect.arrayContaining(keysOf(before)));
});

test('[GALLERY-6] keys go from file to file as in a grid, over months', () => {
  const files = [...'abcd'].map((key) => file(key, 2026, 11));
  const rows = galleryRows([...files, file('e', 2026, 10)], 3, NOW, labels);
  const go = (key: string | null, move: Parameters<typeof fileBeside>[2]) => fileBeside(rows, key, move)?.key;
  expect([go('a', 'after'), go('c', 'after'), go('d', 'after'), go('e', 'after')]).toEqual(['b', 'd', 'e', 'e']);
  expect([go('a', 'before'), go('d', 'before')]).toEqual(['a', 'c']);
  expect([go('b', 'below'), go('d', 'below'), go('e', 'below')]).toEqual(['d', 'e', 'e']);
  expect([go('e', 'above'), go('a', 'above')]).toEqual(['d', 'a']);
  expect([go('b', 'first'), go('b', 'last'), go('gone', 'after'), go(null, 'last')]).toEqual(['a', 'e', 'a', 'a']);
  expect(fileBeside([], null, 'first')).toBeNull();
});

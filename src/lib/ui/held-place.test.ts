import fc from 'fast-check';
import { expect, test } from 'vitest';
import { heldPlace } from './held-place.ts';

const rowsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ key: `row ${from + index}` }));
const head = { key: 'head' };
const holds = (row: { key: string }) => row !== head;

test('[HISTORY-10] what is read is found among rows that came and went at both ends at once', () => {
  const range = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }));
  fc.assert(
    fc.property(range, range, fc.nat(60), fc.nat(20), (old, now, at, size) => {
      const rows = [head, ...rowsOf(old.from, old.to)];
      const next = [head, ...rowsOf(now.from, now.to)];
      const seen = { from: Math.min(at, rows.length - 1), to: Math.min(at + size, rows.length - 1) };
      const inBoth = rows
        .slice(seen.from, seen.to + 1)
        .find((row) => holds(row) && next.some(({ key }) => key === row.key));
      const change = heldPlace(rows, next, seen, holds);
      if (!inBoth) {
        expect(change).toBeNull();
        return;
      }
      const index = rows.indexOf(inBoth);
      expect(next[index + change!.before]!.key).toBe(inBoth.key);
      expect(rows.length + change!.before + change!.after).toBe(next.length);
    })
  );
});

test('a row that is always first stands for nothing', () => {
  const rows = [head, ...rowsOf(10, 12)];
  const next = [head, ...rowsOf(0, 12)];
  expect(heldPlace(rows, next, { from: 0, to: 2 }, holds)).toEqual({ before: 10, after: 0 });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moveInGrid, type GridKey } from './grid-moves.ts';

// Two sections in four columns:   0 1 2 3 / 4 5   and   6 7 8 9 / 10
const SIZES = [6, 5];

test.for<[from: number, key: GridKey, to: number]>([
  [1, 'ArrowDown', 5],
  [3, 'ArrowDown', 5],
  [5, 'ArrowDown', 7],
  [7, 'ArrowUp', 5],
  [9, 'ArrowUp', 5],
  [5, 'ArrowUp', 1],
  [5, 'ArrowRight', 6],
  [6, 'ArrowLeft', 5],
  [4, 'Home', 0],
  [4, 'End', 10],
  // At the ends nothing moves.
  [0, 'ArrowLeft', 0],
  [2, 'ArrowUp', 2],
  [10, 'ArrowRight', 10],
  [10, 'ArrowDown', 10]
])('[EMOJI-4] arrows lead by columns and over the edges of sections: from %i, %s leads to %i', ([from, key, to]) => {
  expect(moveInGrid(SIZES, 4, from, key)).toBe(to);
});

test('[EMOJI-4] no key leaves the grid, and up and down never lead the other way', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 9 }), fc.nat(), (all, columns, start) => {
      const total = all.reduce((sum, size) => sum + size, 0);
      const at = start % total;
      for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'] as const) {
        const to = moveInGrid(all, columns, at, key);
        expect(to).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThan(total);
      }
      const down = moveInGrid(all, columns, at, 'ArrowDown');
      const up = moveInGrid(all, columns, at, 'ArrowUp');
      if (down !== at) expect(down).toBeGreaterThan(at);
      if (up !== at) expect(up).toBeLessThan(at);
    })
  );
});

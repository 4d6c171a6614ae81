import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moveInGrid, type GridKey } from './grid-moves.ts';

// Two sections in four columns:   0 1 2 3 / 4 5   and   6 7 8 9 / 10
const SIZES = [6, 5];
const move = (at: number, key: GridKey) => moveInGrid(SIZES, 4, at, key);

test('[EMOJI-4] arrows lead by columns and over the edges of sections', () => {
  expect(move(1, 'ArrowDown')).toBe(5);
  expect(move(3, 'ArrowDown')).toBe(5);
  expect(move(5, 'ArrowDown')).toBe(7);
  expect(move(7, 'ArrowUp')).toBe(5);
  expect(move(9, 'ArrowUp')).toBe(5);
  expect(move(5, 'ArrowUp')).toBe(1);
  expect(move(5, 'ArrowRight')).toBe(6);
  expect(move(6, 'ArrowLeft')).toBe(5);
});

test('[EMOJI-4] at the ends nothing moves', () => {
  expect(move(0, 'ArrowLeft')).toBe(0);
  expect(move(2, 'ArrowUp')).toBe(2);
  expect(move(10, 'ArrowRight')).toBe(10);
  expect(move(10, 'ArrowDown')).toBe(10);
  expect(move(4, 'Home')).toBe(0);
  expect(move(4, 'End')).toBe(10);
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

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PriorityQueue } from './priority-queue.ts';

it('[GATE-5] a priority queue gives back what it was given, in order, for n log n comparisons', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 500 }), (numbers) => {
      let comparisons = 0;
      const queue = new PriorityQueue<number>((a, b) => (comparisons++, a - b));
      for (const number of numbers) queue.add(number);
      const taken: number[] = [];
      for (let number = queue.take(); number !== undefined; number = queue.take()) taken.push(number);
      expect(taken).toEqual([...numbers].sort((a, b) => a - b));
      expect(comparisons).toBeLessThanOrEqual(3 * numbers.length * Math.ceil(Math.log2(numbers.length + 2)));
    })
  );
});

it('[GATE-5] a priority queue may be added to while it is emptied', () => {
  const queue = new PriorityQueue<number>((a, b) => a - b);
  queue.add(5);
  queue.add(1);
  expect(queue.take()).toBe(1);
  queue.add(3);
  queue.add(9);
  expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([3, 5, 9, undefined]);
});

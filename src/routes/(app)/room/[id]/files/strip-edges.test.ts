import { expect, test } from 'vitest';
import { hiddenSides } from './strip-edges.ts';

test('[FILES-13] files in a composer that go on beyond a side are seen to, whatever the direction of writing', () => {
  const at = (scrollLeft: number, fromRight = false) =>
    hiddenSides({ scrollLeft, scrollWidth: 1_000, clientWidth: 300 }, fromRight);
  expect([at(0), at(350), at(700), at(699.5)]).toEqual([
    { left: false, right: true },
    { left: true, right: true },
    { left: true, right: false },
    { left: true, right: false }
  ]);
  expect([at(0, true), at(-350, true), at(-700, true)]).toEqual([
    { left: true, right: false },
    { left: true, right: true },
    { left: false, right: true }
  ]);
  expect(hiddenSides({ scrollLeft: 0, scrollWidth: 300, clientWidth: 300 }, false)).toEqual({
    left: false,
    right: false
  });
});

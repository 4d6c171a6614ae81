import { expect, test } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import { isView } from '#lib/ui/seen-picture.ts';
import { boxOf, BUBBLE_ROOM, PAGE_ROOM, pictureBoxes } from './picture-boxes.ts';

const picture = (width: number, height: number): Attachment => ({
  ...{ hash: `${width}x${height}`, name: 'a.webp', type: 'image/webp', size: 1, width, height }
});

test('[FILES-5] a picture has its place by its measures alone, in its shape, as large as there is room for', () => {
  expect(boxOf(picture(2_560, 1_920), BUBBLE_ROOM)).toEqual({ width: 296, height: 222 });
  expect(boxOf(picture(2_560, 1_920), PAGE_ROOM)).toEqual({ width: 400, height: 300 });
  expect(boxOf(picture(1_000, 4_000), BUBBLE_ROOM)).toEqual({ width: 96, height: 360 });
  expect(boxOf(picture(200, 100), PAGE_ROOM)).toEqual({ width: 200, height: 100 });
  expect(boxOf(picture(1, 1), BUBBLE_ROOM)).toEqual({ width: 96, height: 48 });
});

test('[FILES-5] up to four stand in a grid, of more the fourth says how many', () => {
  const some = (count: number) => pictureBoxes(Array(count).fill(picture(4, 3)));
  expect(some(2).map(({ ratio, wide, more }) => [ratio, wide, more])).toEqual([
    [1, false, 0],
    [1, false, 0]
  ]);
  expect(some(3).map(({ wide }) => wide)).toEqual([true, false, false]);
  expect(some(4).map(({ more }) => more)).toEqual([0, 0, 0, 0]);
  expect(some(9).map(({ more }) => more)).toEqual([0, 0, 0, 5]);
});

test('[FILE-11] what a browser would run is no picture, whatever its message says of its measures', () => {
  expect(isView(picture(4, 3))).toBe(true);
  expect(isView({ ...picture(4, 3), type: 'video/mp4' })).toBe(true);
  for (const type of ['image/svg+xml', 'image/bmp', 'text/html'])
    expect(isView({ ...picture(4, 3), type })).toBe(false);
  expect(isView({ type: 'image/webp' })).toBe(false);
});

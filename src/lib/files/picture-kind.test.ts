import { expect, test } from 'vitest';
import { seededRandom } from '../../../tests/seeded-random.ts';
import { isFileName } from '#protocol/attachment.ts';
import { fileName } from './prepare-file.ts';
import { fittedSize, hasFewColours, isAnimated } from './picture-kind.ts';

test('[PICTURE-1] a picture fits the longest side in its own shape, is never made larger, and never without a pixel', () => {
  expect(fittedSize({ width: 4_000, height: 3_000 }, 2_560)).toEqual({ width: 2_560, height: 1_920 });
  expect(fittedSize({ width: 300, height: 4_000 }, 480)).toEqual({ width: 36, height: 480 });
  expect(fittedSize({ width: 20, height: 10 }, 480)).toEqual({ width: 20, height: 10 });
  expect(fittedSize({ width: 1, height: 9_000 }, 480)).toEqual({ width: 1, height: 480 });
});

test('[PICTURE-2] screens have few colours, photographs many', () => {
  const side = 128;
  const flat = new Uint8ClampedArray(side * side * 4).fill(200);
  expect(hasFewColours(flat)).toBe(true);
  const random = seededRandom(7);
  const noisy = Uint8ClampedArray.from({ length: side * side * 4 }, () => random() * 256);
  expect(hasFewColours(noisy)).toBe(false);
});

test('[PICTURE-3] what moves is known by its bytes', () => {
  const frame = [0x21, 0xf9, 4, 0, 10, 0, 0, 0];
  const signs = (text: string): number[] => [...text].map((sign) => sign.charCodeAt(0));
  const gif = (frames: number) =>
    Uint8Array.from([...signs('GIF89a'), ...Array.from({ length: frames }, () => frame).flat()]);
  expect(isAnimated('image/gif', gif(1))).toBe(false);
  expect(isAnimated('image/gif', gif(2))).toBe(true);
  const webp = (flags: number) => Uint8Array.from([...signs('RIFF....WEBPVP8X....'), flags]);
  expect(isAnimated('image/webp', webp(0x02))).toBe(true);
  expect(isAnimated('image/webp', webp(0x10))).toBe(false);
  expect(isAnimated('image/png', gif(2))).toBe(false);
});

test('[FILE-2] a file goes by a name that people know and no folder has, with the ending of what it became', () => {
  expect(fileName('IMG_0417.JPG', 'image/webp')).toBe('IMG_0417.webp');
  expect(fileName('photo.jpeg', 'image/jpeg')).toBe('photo.jpeg');
  expect(fileName('Plan (2).pdf')).toBe('Plan (2).pdf');
  expect(fileName('a/b\\c:\u202egpj.exe')).toBe('a_b_c:_gpj.exe');
  expect(fileName('...')).toBe('file');
  expect(fileName('')).toBe('file');
  expect(fileName('', 'image/png')).toBe('file.png');
  const long = fileName(`${'😀'.repeat(150)}.tar`);
  expect(long.length).toBeLessThanOrEqual(200);
  for (const name of [long, fileName('\ud800.txt')]) expect(isFileName(name) && name.isWellFormed(), name).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { PICTURES, TELLING_PICTURES } from '#protocol/media/testing/pictures.ts';
import { pagePictureType } from './page-picture.ts';

describe('[PREVIEW-5] a picture of a page', () => {
  test('is told by its bytes, and may say where it was taken', async () => {
    for (const [name, type] of [
      ['jpeg', 'image/jpeg'],
      ['png', 'image/png'],
      ['webp', 'image/webp'],
      ['losslessWebp', 'image/webp'],
      ['animatedWebp', 'image/webp'],
      ['canvasWebp', 'image/webp'],
      ['avif', 'image/avif'],
      ['gif', 'image/gif']
    ] as const)
      expect(await pagePictureType(Buffer.from(PICTURES[name])), name).toBe(type);
    expect(await pagePictureType(Buffer.from(TELLING_PICTURES.jpeg))).toBe('image/jpeg');
    expect(await pagePictureType(Buffer.from(TELLING_PICTURES.webp))).toBe('image/webp');
  });

  test('is nothing else', async () => {
    for (const text of [
      '',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      '<html>',
      'BM',
      '\xff\xd8\xff',
      '\x89PNG\r\n\x1a\n'
    ])
      expect(await pagePictureType(Buffer.from(text, 'latin1')), text).toBeNull();
  });

  test('is no larger than a device decodes with ease, by its header', async () => {
    const bombed = (bytes: Uint8Array, at: number, hex: string): Buffer => {
      const copy = Buffer.from(bytes);
      copy.write(hex, at, 'hex');
      return copy;
    };
    const frame = Buffer.from(PICTURES.jpeg).indexOf(Buffer.from('ffc0', 'hex'));
    expect(frame).toBeGreaterThan(0);
    for (const bytes of [
      bombed(PICTURES.png, 16, '0000ffff0000ffff'),
      bombed(PICTURES.jpeg, frame + 5, 'ffffffff'),
      bombed(PICTURES.canvasWebp, 24, 'ff3f00ff3f00'),
      bombed(PICTURES.webp, 26, 'ff3fff3f'),
      bombed(PICTURES.gif, 6, 'ffffffff'),
      bombed(PICTURES.png, 16, '0000000000000001')
    ])
      expect(await pagePictureType(bytes)).toBeNull();
  });

  test('whatever its bytes are, nothing throws', async () => {
    for (const bytes of Object.values(PICTURES).map((one) => Buffer.from(one)))
      for (let at = 0; at < Math.min(bytes.length, 300); at += 1) {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 0xff;
        await pagePictureType(flipped);
        await pagePictureType(bytes.subarray(0, at));
      }
  });
});

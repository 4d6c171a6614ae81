import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPicture } from '#protocol/media/picture-check.ts';
import { PICTURES } from '#protocol/media/testing/pictures.ts';
import { tidyAnimation } from './tidy-animation.ts';

const signs = (text: string): number[] => [...text].map((sign) => sign.charCodeAt(0));
const check = (type: 'image/gif' | 'image/webp', bytes: Uint8Array) =>
  checkPicture(type, { size: bytes.length, read: async (at, length) => bytes.slice(at, at + length) });
const { animatedGif, animatedWebp } = PICTURES;

/** Puts blocks behind the colours of the whole picture. */
const withBlocks = (...blocks: number[][]): Uint8Array => {
  const at = 13 + 3 * 2 ** ((animatedGif[10]! & 7) + 1);
  return Uint8Array.from([...animatedGif.slice(0, at), ...blocks.flat(), ...animatedGif.slice(at)]);
};
const COMMENT = [0x21, 0xfe, 5, ...signs('GIMP!'), 0];
const XMP = [0x21, 0xff, 11, ...signs('XMP DataXMP'), 3, 1, 2, 3, 0];

test('[PICTURE-5] what moves is as it was, less what is not shown of it', async () => {
  expect(tidyAnimation('image/gif', animatedGif)).toEqual(animatedGif);
  const said = withBlocks(COMMENT, XMP);
  expect(await check('image/gif', said)).toEqual({ ok: false, code: 'file-metadata' });
  expect(tidyAnimation('image/gif', said)).toEqual(animatedGif);
  const [endless, more] = [animatedGif.slice(0, -1), Uint8Array.from([...animatedGif, 1, 2, 3])];
  for (const odd of [endless, more]) expect(tidyAnimation('image/gif', odd)).toEqual(animatedGif);
});

test('[PICTURE-5] so is a WebP that moves', async () => {
  expect(tidyAnimation('image/webp', animatedWebp)).toEqual(animatedWebp);
  const exif = [...signs('EXIF'), 3, 0, 0, 0, 1, 2, 3, 0];
  const said = Uint8Array.from([...animatedWebp, ...exif]);
  new DataView(said.buffer).setUint32(4, said.length - 8, true);
  said[20]! |= 0x08;
  expect(await check('image/webp', said)).toEqual({ ok: false, code: 'file-metadata' });
  expect(tidyAnimation('image/webp', said)).toEqual(animatedWebp);
});

test('[PICTURE-5] no bytes make it throw, and what it cannot read stays as it was', () => {
  fc.assert(
    fc.property(fc.nat(animatedGif.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
      for (const [type, whole] of [
        ['image/gif', animatedGif],
        ['image/webp', animatedWebp]
      ] as const) {
        const bytes = cut ? whole.slice(0, at) : whole.with(at % whole.length, byte);
        expect(tidyAnimation(type, bytes).length).toBeLessThanOrEqual(bytes.length + 1);
      }
    })
  );
  const broken = animatedGif.with(animatedGif.length - 1, 0x99);
  expect(tidyAnimation('image/gif', broken)).toEqual(broken);
  expect(tidyAnimation('image/png', PICTURES.png)).toEqual(PICTURES.png);
});

// Pictures for avatars, as browsers read them.

import { expect, test } from '@playwright/test';
import { AVATAR_MAX_BYTES } from '#protocol/limits.ts';
import { losslessWebp } from '../../src/lib/ui/webp-lossless.ts';
import { seededRandom } from '../seeded-random.ts';

test('[UI-5] the WebP made for browsers that write none is read pixel by pixel as it was', async ({ page }) => {
  for (const side of [1, 2, 3, 33, 144]) {
    const random = seededRandom(side);
    const rgba = new Uint8ClampedArray(side * side * 4);
    for (let at = 0; at < rgba.length; at += 1) rgba[at] = at % 4 === 3 ? 255 : Math.floor(random() * 256);
    const bytes = losslessWebp(rgba, side);
    expect(bytes.length).toBeLessThanOrEqual(AVATAR_MAX_BYTES);
    const read = await page.evaluate(
      async ([file, length]) => {
        const picture = await createImageBitmap(new Blob([new Uint8Array(file)], { type: 'image/webp' }));
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [picture.width, picture.height];
        const context = canvas.getContext('2d')!;
        context.drawImage(picture, 0, 0);
        return { width: picture.width, pixels: [...context.getImageData(0, 0, length, length).data] };
      },
      [[...bytes], side] as const
    );
    expect(read.width).toBe(side);
    expect(read.pixels, `of ${side} px`).toEqual([...rgba]);
  }
});

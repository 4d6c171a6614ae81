// A picture for an avatar, made anew from pixels: square, small, WebP. Nothing of the file that was chosen comes along,
// so neither does where and when it was taken.

import { AVATAR_MAX_BYTES, AVATAR_MAX_PX } from '#protocol/limits.ts';
import { sideOf, type SquareCrop } from './square-crop.ts';
import { losslessWebp } from './webp-lossless.ts';

const QUALITIES = [0.86, 0.7, 0.5, 0.3];
/** At 3 bytes a pixel within AVATAR_MAX_BYTES. */
const LOSSLESS_SIDE = 144;

/** The pixels of a file; null: this browser cannot read it as a picture. */
export async function readPicture(file: Blob): Promise<ImageBitmap | null> {
  try {
    const picture = await createImageBitmap(file);
    return picture.width > 0 && picture.height > 0 ? picture : null;
  } catch {
    return null;
  }
}

/** Draws the square of the picture that is taken; transparent parts become white. */
export function drawCrop(canvas: HTMLCanvasElement, picture: ImageBitmap, crop: SquareCrop): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const side = sideOf(crop);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  const [left, top] = [crop.x - side / 2, crop.y - side / 2];
  context.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
}

/** @returns WebP within AVATAR_MAX_PX and AVATAR_MAX_BYTES; null: this browser has no canvas to make it with */
export async function avatarPicture(picture: ImageBitmap, crop: SquareCrop): Promise<Blob | null> {
  // Not larger than it is: that would only be bytes.
  const side = Math.max(1, Math.min(AVATAR_MAX_PX, Math.round(sideOf(crop))));
  const canvas = squareCanvas(side);
  drawCrop(canvas, picture, crop);
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', quality));
    // Whoever cannot write WebP writes PNG instead.
    if (blob?.type !== 'image/webp') return losslessPicture(picture, crop);
    if (blob.size <= AVATAR_MAX_BYTES) return blob;
  }
  return losslessPicture(picture, crop);
}

function losslessPicture(picture: ImageBitmap, crop: SquareCrop): Blob | null {
  const side = Math.max(1, Math.min(LOSSLESS_SIDE, Math.round(sideOf(crop))));
  const canvas = squareCanvas(side);
  drawCrop(canvas, picture, crop);
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, side, side);
  return pixels ? new Blob([losslessWebp(pixels.data, side)], { type: 'image/webp' }) : null;
}

function squareCanvas(side: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  return canvas;
}

// Makes pictures anew off the main thread: turned as they are meant, no larger than a screen has use for, and without
// what a camera wrote into them. With a small one to stand for it, and a few bytes to stand for that.

import { rgbaToThumbHash } from 'thumbhash';
import { base64url } from '#protocol/ids.ts';
import { tidyAnimation } from './tidy-animation.ts';
import { fittedSize, hasFewColours, isAnimated } from './picture-kind.ts';

export interface PictureQuestion {
  readonly id: number;
  readonly bytes: Blob;
  /** As its bytes say. */
  readonly type: string;
  /** With all its pixels, and as good as they are. */
  readonly full: boolean;
}

export interface MadePicture {
  readonly bytes: Blob;
  readonly width: number;
  readonly height: number;
  readonly thumbhash: string;
  /** As it was given, turned as it is meant. */
  readonly given: { readonly width: number; readonly height: number };
  /** null: it is small enough to stand for itself. */
  readonly thumbnail: { readonly bytes: Blob; readonly width: number; readonly height: number } | null;
}
/** null: this browser cannot read it. */
export interface PictureAnswer {
  readonly id: number;
  readonly made: MadePicture | null;
}

const LONGEST_SIDE = 2_560;
const THUMBNAIL_SIDE = 480;
/** A picture of fewer bytes needs none smaller. */
const THUMBNAIL_WORTH_BYTES = 60_000;
const THUMBHASH_SIDE = 100;
const QUALITY = 0.84;
const FULL_QUALITY = 0.95;
const THUMBNAIL_QUALITY = 0.72;

const worker = globalThis as unknown as {
  onmessage: ((event: MessageEvent<PictureQuestion>) => void) | null;
  postMessage: (answer: PictureAnswer) => void;
};

worker.onmessage = ({ data: { id, bytes, type, full } }) => {
  void make(bytes, type, full).then(
    (made) => worker.postMessage({ id, made }),
    () => worker.postMessage({ id, made: null })
  );
};

async function make(bytes: Blob, type: string, full: boolean): Promise<MadePicture> {
  const picture = await createImageBitmap(bytes, { imageOrientation: 'from-image' });
  try {
    const size = fittedSize(picture, full ? Infinity : LONGEST_SIDE);
    const read = new Uint8Array(await bytes.arrayBuffer());
    const moves = isAnimated(type, read);
    const tidy = moves ? new Blob([tidyAnimation(type, read)], { type }) : null;
    const whole = tidy
      ? { bytes: tidy, width: picture.width, height: picture.height }
      : await encode(picture, size, type, full ? FULL_QUALITY : QUALITY);
    const small = fittedSize(picture, THUMBNAIL_SIDE);
    const needsNone = whole.bytes.size <= THUMBNAIL_WORTH_BYTES || (small.width === size.width && !moves);
    return {
      ...whole,
      thumbhash: thumbhashOf(picture),
      given: { width: picture.width, height: picture.height },
      thumbnail: needsNone ? null : { bytes: await lossy(drawn(picture, small), THUMBNAIL_QUALITY), ...small }
    };
  } finally {
    picture.close();
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

async function encode(
  picture: ImageBitmap,
  size: Size,
  type: string,
  quality: number
): Promise<Size & { readonly bytes: Blob }> {
  const canvas = drawn(picture, size);
  // Browsers draw nothing on a canvas that is too large for them, and do not say so.
  if (isBlank(canvas) && !isBlank(picture)) throw new RangeError('too large to be drawn');
  // Letters and lines stay as sharp as they are; of a photo that would only be bytes.
  const sharp = type === 'image/png' && hasFewColours(pixelsOf(picture, fittedSize(picture, 256), false).data);
  return { bytes: sharp ? await canvas.convertToBlob({ type: 'image/png' }) : await lossy(canvas, quality), ...size };
}

/** WebP, and JPEG where the browser writes none. */
async function lossy(canvas: OffscreenCanvas, quality: number): Promise<Blob> {
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality });
  if (webp.type === 'image/webp') return webp;
  const context = canvas.getContext('2d')!;
  // JPEG has no transparency: what shows through is white, not black.
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality });
}

function isBlank(picture: ImageBitmap | OffscreenCanvas): boolean {
  return pixelsOf(picture, { width: 8, height: 8 }, true).data.every((part) => part === 0);
}

function drawn(picture: ImageBitmap | OffscreenCanvas, { width, height }: Size, smooth = true): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

function pixelsOf(picture: ImageBitmap | OffscreenCanvas, size: Size, smooth: boolean): ImageData {
  return drawn(picture, size, smooth).getContext('2d')!.getImageData(0, 0, size.width, size.height);
}

function thumbhashOf(picture: ImageBitmap): string {
  const size = fittedSize(picture, THUMBHASH_SIDE);
  return base64url(rgbaToThumbHash(size.width, size.height, pixelsOf(picture, size, true).data));
}

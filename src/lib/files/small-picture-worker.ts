// Makes of a picture one so small that it fits into a message, off the main thread.

import { PREVIEW_PICTURE_MAX_CHARS, PREVIEW_PICTURE_MAX_PX } from '#protocol/limits.ts';
import { PREVIEW_PICTURE_TYPES } from '#protocol/preview-picture.ts';
import type { PreviewPicture } from '#protocol/preview.ts';
import { fittedSize } from './picture-kind.ts';

const worker = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Blob>) => void) | null;
  postMessage: (made: PreviewPicture | null) => void;
};

/** Three letters of base64's four are bytes. */
const MAX_BYTES = Math.floor(PREVIEW_PICTURE_MAX_CHARS / 4) * 3;
/** From the best to what always fits. */
const TRIES = [
  { side: PREVIEW_PICTURE_MAX_PX, quality: 0.8 },
  { side: PREVIEW_PICTURE_MAX_PX, quality: 0.6 },
  { side: PREVIEW_PICTURE_MAX_PX, quality: 0.35 },
  { side: 120, quality: 0.5 },
  { side: 64, quality: 0.5 }
] as const;

worker.onmessage = ({ data }) => {
  void make(data).then(
    (made) => worker.postMessage(made),
    () => worker.postMessage(null)
  );
};

async function make(bytes: Blob): Promise<PreviewPicture | null> {
  const picture = await createImageBitmap(bytes, { imageOrientation: 'from-image' });
  try {
    for (const { side, quality } of TRIES) {
      const size = fittedSize(picture, side);
      const file = await encode(picture, size, quality);
      const type = PREVIEW_PICTURE_TYPES.find((one) => one === file.type);
      if (type && file.size <= MAX_BYTES) return { type, ...size, data: await base64(file) };
    }
    return null;
  } finally {
    picture.close();
  }
}

/** WebP, and JPEG where the browser writes none. */
async function encode(
  picture: ImageBitmap,
  { width, height }: { readonly width: number; readonly height: number },
  quality: number
): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality });
  if (webp.type === 'image/webp') return webp;
  // JPEG has no transparency: what shows through is white, not black.
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality });
}

async function base64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

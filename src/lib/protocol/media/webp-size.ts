// How large the one picture in a chunk of a WebP file says it is. Nothing is decoded.

import { u16le, u32le } from './byte-reader.ts';
import type { PictureSize } from './picture-flaw.ts';

export type WebpPicture = 'VP8 ' | 'VP8L';

/** @param data of the chunk, its first 10 bytes at least @returns null: it is no such picture */
export function webpPictureSize(name: WebpPicture, data: Uint8Array): PictureSize | null {
  return name === 'VP8L' ? losslessSize(data) : lossySize(data);
}

/** RFC 6386 §9.1: a key frame that is shown, its start code, then 14 bits each. */
function lossySize(data: Uint8Array): PictureSize | null {
  const [frame] = data;
  const isShownKeyFrame = data.length >= 10 && (frame! & 1) === 0 && (frame! & 0x10) !== 0;
  if (!isShownKeyFrame || data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) return null;
  return { width: u16le(data, 6) & 0x3fff, height: u16le(data, 8) & 0x3fff };
}

/** RFC 9649 §3.4: the signature, 14 bits each less one, a bit for transparency, version 0. */
function losslessSize(data: Uint8Array): PictureSize | null {
  if (data.length < 5 || data[0] !== 0x2f) return null;
  const bits = u32le(data, 1);
  if (bits >= 2 ** 29) return null;
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

// The small picture of a preview, which is in the message itself. Invariant: what is taken is a still WebP or JPEG whose
// header says how large it is; nothing is decoded.

import { ascii, u16be, u24le, u32le } from './media/byte-reader.ts';
import type { PictureSize } from './media/picture-flaw.ts';
import { webpPictureSize } from './media/webp-size.ts';

export const PREVIEW_PICTURE_TYPES = ['image/webp', 'image/jpeg'] as const;
export type PreviewPictureType = (typeof PREVIEW_PICTURE_TYPES)[number];

/** @param data base64 @returns null: it is no such picture */
export function smallPictureSize(type: PreviewPictureType, data: string): PictureSize | null {
  const bytes = bytesOf(data);
  if (!bytes) return null;
  return type === 'image/webp' ? webpSize(bytes) : jpegSize(bytes);
}

function bytesOf(data: string): Uint8Array | null {
  // What `atob` also takes, such as spaces, would be another text for the same bytes.
  if (data.length === 0 || data.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return null;
  const binary = atob(data);
  return Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
}

/** RFC 9649. The extended form must say what the picture within it says: a decoder may go by either. */
function webpSize(bytes: Uint8Array): PictureSize | null {
  if (bytes.length < 30 || ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 12) !== 'WEBP') return null;
  if (u32le(bytes, 4) !== bytes.length - 8) return null;
  let canvas: PictureSize | null = null;
  let still: PictureSize | null = null;
  for (let at = 12; at < bytes.length;) {
    if (at + 8 > bytes.length) return null;
    const name = ascii(bytes, at, at + 4);
    const length = u32le(bytes, at + 4);
    const body = at + 8;
    at = body + length + (length % 2);
    if (at > bytes.length) return null;
    if (name === 'VP8X') {
      if (canvas || still || length !== 10) return null;
      canvas = { width: u24le(bytes, body + 4) + 1, height: u24le(bytes, body + 7) + 1 };
    } else if (name === 'VP8 ' || name === 'VP8L') {
      if (still || length < 10) return null;
      still = webpPictureSize(name, bytes.subarray(body, body + length));
      if (!still) return null;
    } else if (name !== 'ICCP' && name !== 'ALPH') return null;
  }
  if (!still || still.width < 1 || still.height < 1) return null;
  return !canvas || (canvas.width === still.width && canvas.height === still.height) ? still : null;
}

/** ITU T.81: segments up to the one frame header. */
function jpegSize(bytes: Uint8Array): PictureSize | null {
  if (bytes.length < 4 || u16be(bytes, 0) !== 0xffd8 || u16be(bytes, bytes.length - 2) !== 0xffd9) return null;
  let size: PictureSize | null = null;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    const length = u16be(bytes, at + 2);
    if (length < 2 || at + 2 + length > bytes.length) return null;
    // The picture itself: of one that says its size twice a decoder might believe the other.
    if (marker === 0xda) return size && isOneFrame(bytes, at + 2 + length) ? size : null;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      if (size || length < 8) return null;
      size = { width: u16be(bytes, at + 7), height: u16be(bytes, at + 5) };
      if (size.width < 1 || size.height < 1) return null;
    }
    at += 2 + length;
  }
  return null;
}

/** Nothing behind the first scan begins a frame or another picture, or says how many lines there are after all. */
function isOneFrame(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.indexOf(0xff, from); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1]!;
    if (marker === 0xd8 || marker === 0xdc) return false;
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xcc) return false;
  }
  return true;
}

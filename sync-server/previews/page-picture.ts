// Whether a picture of a page is handed on to the device that makes it small. Pure. Invariant: by what its header says it is no
// larger than a device decodes with ease; what says nothing of it is not handed on.

import { u16be, u24le, u32be } from '#protocol/media/byte-reader.ts';
import { isRaster, mediaTypeOf, type RasterType } from '#protocol/media/media-type.ts';
import { checkPicture } from '#protocol/media/picture-check.ts';

/** Twice the largest that sites are asked to give. */
const MAX_PIXELS = 25_000_000;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** @returns the media type by its bytes; null: no such picture */
export async function pagePictureType(bytes: Buffer): Promise<RasterType | null> {
  const type = mediaTypeOf(bytes);
  if (!isRaster(type)) return null;
  const size = await sizeOf(type, bytes);
  return size && size.width > 0 && size.height > 0 && size.width * size.height <= MAX_PIXELS ? type : null;
}

/** Pictures of sites say more than they show, which does not matter to who only draws them small. */
async function sizeOf(type: RasterType, bytes: Buffer): Promise<Size | null> {
  if (type === 'image/png') return bytes.length < 24 ? null : { width: u32be(bytes, 16), height: u32be(bytes, 20) };
  if (type === 'image/jpeg') return jpegSize(bytes);
  if (type === 'image/webp' && bytes.toString('latin1', 12, 16) === 'VP8X')
    return bytes.length < 30 ? null : { width: u24le(bytes, 24) + 1, height: u24le(bytes, 27) + 1 };
  const source = { size: bytes.length, read: async (at: number, length: number) => bytes.subarray(at, at + length) };
  const check = await checkPicture(type, source);
  return check.ok ? check : null;
}

/** ITU T.81: segments up to the frame header. */
function jpegSize(bytes: Buffer): Size | null {
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: u16be(bytes, at + 7), height: u16be(bytes, at + 5) };
    if (marker === 0xda) return null;
    at += 2 + u16be(bytes, at + 2);
  }
  return null;
}

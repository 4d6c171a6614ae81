// Whether a picture is one and nothing else: read by its own format from the first byte to the last, no larger than a
// device can draw, and without what says more than it shows. Pixels are not decoded: nothing here can be bombed, and the
// bytes stay those that their sender has signed.

import { PICTURE_MAX_PIXELS } from '#protocol/limits.ts';
import { readAvif } from './avif.ts';
import { ByteReader, TruncatedError, type ByteSource, type Reading } from './byte-reader.ts';
import { readGif } from './gif.ts';
import { readJpeg } from './jpeg.ts';
import type { RasterType } from './media-type.ts';
import { PictureFlaw, type PictureFlawCode, type PictureSize } from './picture-flaw.ts';
import { readPng } from './png.ts';
import { readWebp } from './webp.ts';

const READERS: Record<RasterType, (reader: ByteReader) => Reading<PictureSize>> = {
  'image/jpeg': readJpeg,
  'image/png': readPng,
  'image/webp': readWebp,
  'image/avif': readAvif,
  'image/gif': readGif
};

export type PictureCheck =
  ({ readonly ok: true } & PictureSize) | { readonly ok: false; readonly code: PictureFlawCode };

/** @param type as `mediaTypeOf` reads it off the same bytes */
export async function checkPicture(type: RasterType, source: ByteSource): Promise<PictureCheck> {
  const reader = new ByteReader(source);
  try {
    const { width, height } = await reader.read(READERS[type](reader));
    if (width < 1 || height < 1 || reader.left > 0) return { ok: false, code: 'file-broken' };
    if (width * height > PICTURE_MAX_PIXELS) return { ok: false, code: 'file-pixels' };
    return { ok: true, width, height };
  } catch (error) {
    if (error instanceof PictureFlaw) return { ok: false, code: error.code };
    if (error instanceof TruncatedError) return { ok: false, code: 'file-broken' };
    throw error;
  }
}

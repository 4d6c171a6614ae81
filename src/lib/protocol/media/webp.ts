// WebP (RFC 9649): the chunks of one RIFF container, which is the whole file.

import { ascii, u24le, u32le, type ByteReader, type Reading } from './byte-reader.ts';
import { COLOUR_PROFILE_MAX_BYTES } from '#protocol/limits.ts';
import {
  insist,
  insistOnColourProfile,
  insistOnOrientationAlone,
  insistOnSize,
  type PictureSize
} from './picture-flaw.ts';
import { webpPictureSize } from './webp-size.ts';

const SMALL_MAX_BYTES = 64;

/** @throws PictureFlaw, TruncatedError */
export function* readWebp(reader: ByteReader): Reading<PictureSize> {
  const riff = reader.take(12);
  insist(ascii(riff, 0, 4) === 'RIFF' && ascii(riff, 8, 12) === 'WEBP' && u32le(riff, 4) === reader.left + 4);
  let canvas: PictureSize | null = null;
  let still: PictureSize | null = null;
  let frames = 0;
  while (reader.left > 0) {
    if (reader.isLow) yield;
    const head = reader.take(8);
    const name = ascii(head, 0, 4);
    const length = u32le(head, 4);
    const end = reader.at + length + (length % 2);
    switch (name) {
      case 'VP8X': {
        insist(canvas === null && still === null && length === 10);
        const data = reader.take(10);
        canvas = { width: u24le(data, 4) + 1, height: u24le(data, 7) + 1 };
        insistOnSize(canvas);
        break;
      }
      case 'VP8 ':
      case 'VP8L': {
        insist(still === null && frames === 0 && length >= 10);
        const data = reader.take(10);
        still = webpPictureSize(name, data);
        insist(still !== null);
        insistOnSize(still);
        break;
      }
      case 'ANMF': {
        insist(canvas !== null && still === null && length >= 16);
        const data = reader.take(16);
        const [x, y, width, height] = [2 * u24le(data), 2 * u24le(data, 3), u24le(data, 6) + 1, u24le(data, 9) + 1];
        insist(x + width <= canvas.width && y + height <= canvas.height);
        yield* checkFrame(reader, length - 16);
        frames += 1;
        break;
      }
      case 'ICCP':
        insist(length <= COLOUR_PROFILE_MAX_BYTES, 'file-metadata');
        insistOnColourProfile(reader.take(length));
        break;
      case 'EXIF':
        insist(length <= SMALL_MAX_BYTES, 'file-metadata');
        insistOnOrientationAlone(reader.take(length));
        break;
      default:
        insist(name === 'ALPH' || name === 'ANIM', 'file-metadata');
        insist(canvas !== null && (name === 'ALPH' || length === 6));
    }
    reader.pass(end - reader.at);
  }
  insist(still !== null || frames > 0);
  // A decoder that believes the one may be bombed by the other.
  if (canvas && still) insist(canvas.width === still.width && canvas.height === still.height);
  return canvas ?? still!;
}

/** A frame of an animation holds its picture, and its transparency, and no more. */
function* checkFrame(reader: ByteReader, length: number): Reading<void> {
  const end = reader.at + length;
  let pictures = 0;
  while (reader.at < end) {
    if (reader.isLow) yield;
    insist(end - reader.at >= 8);
    const head = reader.take(8);
    const name = ascii(head, 0, 4);
    const inner = u32le(head, 4);
    insist(name === 'ALPH' || name === 'VP8 ' || name === 'VP8L', 'file-metadata');
    if (name !== 'ALPH') pictures += 1;
    insist(reader.at + inner + (inner % 2) <= end);
    reader.pass(inner + (inner % 2));
  }
  insist(pictures === 1);
}

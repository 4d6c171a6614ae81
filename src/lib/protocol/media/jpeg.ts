// JPEG (ITU-T T.81): segments up to the end of the picture, and not a byte after it.

import { COLOUR_PROFILE_MAX_BYTES } from '#protocol/limits.ts';
import { ascii, TruncatedError, u16be, type ByteReader, type Reading } from './byte-reader.ts';
import {
  insist,
  insistOnColourProfile,
  insistOnOrientationAlone,
  insistOnSize,
  type PictureSize
} from './picture-flaw.ts';

const SOS = 0xda;
const EOI = 0xd9;
const DNL = 0xdc;
const APP0 = 0xe0;
const COMMENT = 0xfe;
/** Huffman and quantization tables, arithmetic conditioning, restart interval. */
const TABLES = [0xc4, 0xdb, 0xcc, 0xdd];
/** The largest that may be read whole; others are tables that are passed over. */
const APP_MAX_BYTES = COLOUR_PROFILE_MAX_BYTES + 64;

const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** @throws PictureFlaw, TruncatedError */
export function* readJpeg(reader: ByteReader): Reading<PictureSize> {
  insist(u16be(reader.take(2)) === 0xffd8);
  let size: PictureSize | null = null;
  let hasScan = false;
  for (;;) {
    if (reader.isLow) yield;
    const marker = yield* readMarker(reader);
    if (marker === EOI) {
      insist(size !== null && hasScan && reader.left === 0);
      return size;
    }
    const length = u16be(reader.take(2)) - 2;
    insist(length >= 0);
    if (isFrame(marker)) {
      insist(size === null && length >= 6);
      const frame = reader.take(6);
      size = { height: u16be(frame, 1), width: u16be(frame, 3) };
      insistOnSize(size);
      reader.pass(length - 6);
    } else if (marker === SOS) {
      insist(size !== null);
      reader.pass(length);
      hasScan = true;
      yield* passScan(reader);
    } else if (marker >= APP0 && marker <= 0xef) {
      insist(length <= APP_MAX_BYTES, 'file-metadata');
      checkApplication(marker, reader.take(length));
    } else {
      insist(marker !== COMMENT, 'file-metadata');
      insist(marker !== DNL && TABLES.includes(marker));
      reader.pass(length);
    }
  }
}

function* readMarker(reader: ByteReader): Reading<number> {
  insist(reader.byte() === 0xff);
  let marker = 0xff;
  // Fill bytes may stand before a marker.
  while (marker === 0xff) {
    marker = reader.byte();
    if (reader.isLow) yield;
  }
  return marker;
}

/** What stands in a scan after 0xff: a byte of it, or a restart. */
const isScanned = (next: number): boolean => next === 0 || (next >= 0xd0 && next <= 0xd7);

/** Stands at the marker that ends the scan. */
function* passScan(reader: ByteReader): Reading<void> {
  for (;;) {
    const bytes = reader.ahead;
    const last = bytes.length - 1;
    let at = 0;
    while (at < last && (bytes[at] !== 0xff || isScanned(bytes[at + 1]!))) at += 1;
    reader.pass(at);
    if (at < last) return;
    // The last byte at hand is looked at with the one that follows.
    if (reader.left <= 1) throw new TruncatedError();
    yield;
  }
}

/** @throws PictureFlaw */
function checkApplication(marker: number, data: Uint8Array): void {
  const name = ascii(data, 0, 12);
  if (marker === APP0 && name.startsWith('JFIF\0'))
    insist(data.length === 14 && data[12] === 0 && data[13] === 0, 'file-metadata');
  else if (marker === 0xe1 && name.startsWith('Exif\0\0')) insistOnOrientationAlone(data.subarray(6));
  else if (marker === 0xe2 && name === 'ICC_PROFILE\0') {
    insist(data[12] === 1 && data[13] === 1, 'file-metadata');
    insistOnColourProfile(data.subarray(14));
  } else insist(marker === 0xee && name.startsWith('Adobe') && data.length === 12, 'file-metadata');
}

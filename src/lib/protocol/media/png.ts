// PNG (W3C, third edition), APNG too: chunk after chunk up to IEND, which ends the file.

import { COLOUR_PROFILE_MAX_BYTES } from '#protocol/limits.ts';
import { ascii, u32be, type ByteReader, type Reading } from './byte-reader.ts';
import { insist, insistOnOrientationAlone, insistOnSize, type PictureSize } from './picture-flaw.ts';

const SIGNATURE = '\x89PNG\r\n\x1a\n';
/** Pixels, and how they are to be shown. Texts, times and what programs keep for themselves are not among them. */
const SHOWN = [
  ...['PLTE', 'IDAT', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'bKGD', 'pHYs', 'cICP', 'mDCV', 'cLLI'],
  ...['acTL', 'fcTL', 'fdAT']
];
/** All but pixels and palette are this small. */
const SMALL_MAX_BYTES = 1_024;

/** @throws PictureFlaw, TruncatedError */
export function* readPng(reader: ByteReader): Reading<PictureSize> {
  insist(ascii(reader.take(8)) === SIGNATURE);
  const first = reader.take(8);
  insist(u32be(first) === 13 && ascii(first, 4, 8) === 'IHDR');
  const header = reader.take(13 + 4);
  const size = { width: u32be(header), height: u32be(header, 4) };
  insistOnSize(size);
  let hasPixels = false;
  for (;;) {
    if (reader.isLow) yield;
    const head = reader.take(8);
    const length = u32be(head);
    const type = ascii(head, 4, 8);
    insist(/^[A-Za-z]{4}$/.test(type));
    if (type === 'IEND') {
      insist(length === 0 && hasPixels);
      reader.pass(4);
      insist(reader.left === 0);
      return size;
    }
    if (type === 'eXIf') {
      insist(length <= SMALL_MAX_BYTES, 'file-metadata');
      insistOnOrientationAlone(reader.take(length));
      reader.pass(4);
      continue;
    }
    if (type === 'iCCP') insist(length <= COLOUR_PROFILE_MAX_BYTES, 'file-metadata');
    else {
      insist(SHOWN.includes(type), 'file-metadata');
      insist(type === 'IDAT' || type === 'fdAT' || length <= SMALL_MAX_BYTES);
    }
    hasPixels ||= type === 'IDAT' && length > 0;
    reader.pass(length + 4);
  }
}

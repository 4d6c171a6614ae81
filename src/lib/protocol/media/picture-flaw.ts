// Why a picture is not taken, and the two things that several formats carry beside their pixels.

import { COLOUR_PROFILE_MAX_BYTES, PICTURE_MAX_PIXELS } from '#protocol/limits.ts';
import { ascii, u16be, u16le, u32be, u32le } from './byte-reader.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export type PictureFlawCode = 'file-broken' | 'file-pixels' | 'file-metadata' | 'file-type';

export class PictureFlaw extends Error {
  override readonly name = 'PictureFlaw';
  readonly code: PictureFlawCode;
  constructor(code: PictureFlawCode) {
    super(code);
    this.code = code;
  }
}

/** @throws PictureFlaw */
export function insist(isSound: boolean, code: PictureFlawCode = 'file-broken'): asserts isSound {
  if (!isSound) throw new PictureFlaw(code);
}

/** @throws PictureFlaw */
export function insistOnSize({ width, height }: PictureSize): void {
  insist(width > 0 && height > 0);
  insist(width * height <= PICTURE_MAX_PIXELS, 'file-pixels');
}

const ORIENTATION = 0x0112;
const SHORT = 3;

/** Exif that says which way is up and nothing else: that, a decoder needs. @param tiff from its byte order on @throws PictureFlaw */
export function insistOnOrientationAlone(tiff: Uint8Array): void {
  const order = ascii(tiff, 0, 4);
  const isLittle = order === 'II*\0';
  const [u16, u32] = isLittle ? [u16le, u32le] : [u16be, u32be];
  const isAlone =
    (isLittle || order === 'MM\0*') &&
    tiff.length === 26 &&
    u32(tiff, 4) === 8 &&
    u16(tiff, 8) === 1 &&
    u16(tiff, 10) === ORIENTATION &&
    u16(tiff, 12) === SHORT &&
    u32(tiff, 14) === 1 &&
    u32(tiff, 22) === 0;
  insist(isAlone, 'file-metadata');
}

/** Browsers put a small one into what they encode; a large one is a camera's or a place to hide things. @throws PictureFlaw */
export function insistOnColourProfile(profile: Uint8Array): void {
  const isProfile = profile.length >= 128 && u32be(profile) === profile.length && ascii(profile, 36, 40) === 'acsp';
  insist(isProfile && profile.length <= COLOUR_PROFILE_MAX_BYTES, 'file-metadata');
}

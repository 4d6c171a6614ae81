// AVIF (over HEIF, ISO/IEC 23008-12): one still picture. Its boxes are walked to the last byte, and the items that its
// index names are pixels, never Exif, XMP or a page of HTML.

import { ascii, u16be, u32be, type ByteReader, type Reading } from './byte-reader.ts';
import { insist, insistOnColourProfile, insistOnSize, type PictureSize } from './picture-flaw.ts';

const META_MAX_BYTES = 48 * 1024;
const FTYP_MAX_BYTES = 256;
const PICTURE_ITEMS = ['av01', 'grid', 'iovl', 'tmap'];
const META_BOXES = ['hdlr', 'pitm', 'iloc', 'iinf', 'iref', 'iprp', 'idat', 'grpl'];
const SHOWN_PROPERTIES = [
  'ispe',
  'pixi',
  'av1C',
  'colr',
  'pasp',
  'clap',
  'irot',
  'imir',
  'auxC',
  'clli',
  'mdcv',
  'a1op',
  'lsel',
  'a1lx'
];

interface Box {
  readonly type: string;
  readonly data: Uint8Array;
}

/** @throws PictureFlaw, TruncatedError */
export function* readAvif(reader: ByteReader): Reading<PictureSize> {
  let size: PictureSize | null = null;
  let hasPixels = false;
  for (let isFirst = true; reader.left > 0; isFirst = false) {
    if (reader.isLow) yield;
    const { type, length } = readHead(reader);
    insist(isFirst === (type === 'ftyp'));
    // A sequence is a film, which is checked by nobody.
    insist(type !== 'moov', 'file-type');
    if (type === 'ftyp') {
      insist(length <= FTYP_MAX_BYTES);
      reader.pass(length);
    } else if (type === 'meta') {
      insist(size === null && length <= META_MAX_BYTES);
      size = readMeta(reader.take(length));
    } else {
      insist(type === 'mdat', 'file-metadata');
      hasPixels = true;
      reader.pass(length);
    }
  }
  insist(size !== null && hasPixels);
  return size;
}

/** @returns how much follows the head */
function readHead(reader: ByteReader): { readonly type: string; readonly length: number } {
  const head = reader.take(8);
  const type = ascii(head, 4, 8);
  const length = u32be(head);
  if (length === 0) return { type, length: reader.left };
  if (length !== 1) {
    insist(length >= 8);
    return { type, length: length - 8 };
  }
  const long = reader.take(8);
  insist(u32be(long) === 0 && u32be(long, 4) >= 16);
  return { type, length: u32be(long, 4) - 16 };
}

function* boxes(data: Uint8Array): Generator<Box> {
  for (let at = 0; at < data.length;) {
    insist(at + 8 <= data.length);
    const length = u32be(data, at);
    insist(length >= 8 && at + length <= data.length);
    yield { type: ascii(data, at + 4, at + 8), data: data.subarray(at + 8, at + length) };
    at += length;
  }
}

function readMeta(data: Uint8Array): PictureSize {
  insist(data.length >= 4);
  let size: PictureSize | null = null;
  for (const box of boxes(data.subarray(4))) {
    insist(META_BOXES.includes(box.type), 'file-metadata');
    if (box.type === 'iinf') checkItems(box.data);
    if (box.type === 'iprp') size = largest(box.data);
  }
  insist(size !== null);
  return size;
}

function checkItems(data: Uint8Array): void {
  insist(data.length >= 8);
  const entries = data.subarray(data[0] === 0 ? 6 : 8);
  for (const { type, data: item } of boxes(entries)) {
    insist(type === 'infe' && (item[0] === 2 || item[0] === 3) && item.length >= 13);
    const at = item[0] === 2 ? 8 : 10;
    insist(PICTURE_ITEMS.includes(ascii(item, at, at + 4)), 'file-metadata');
  }
}

/** The picture is the largest of what its properties speak of; the others are its tiles, transparency and thumbnails. */
function largest(data: Uint8Array): PictureSize | null {
  let size: PictureSize | null = null;
  for (const { type, data: container } of boxes(data)) {
    if (type !== 'ipco') continue;
    for (const { type: name, data: property } of boxes(container)) {
      insist(SHOWN_PROPERTIES.includes(name), 'file-metadata');
      if (name === 'colr' && ['prof', 'rICC'].includes(ascii(property, 0, 4)))
        insistOnColourProfile(property.subarray(4));
      if (name !== 'ispe') continue;
      insist(property.length === 12 && u16be(property) === 0);
      const one = { width: u32be(property, 4), height: u32be(property, 8) };
      insistOnSize(one);
      if (!size || one.width * one.height > size.width * size.height) size = one;
    }
  }
  return size;
}

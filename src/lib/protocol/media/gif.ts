// GIF89a: blocks up to the trailer, which ends the file.

import { ascii, u16le, type ByteReader, type Reading } from './byte-reader.ts';
import { insist, insistOnSize, type PictureSize } from './picture-flaw.ts';

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;

/** @throws PictureFlaw, TruncatedError */
export function* readGif(reader: ByteReader): Reading<PictureSize> {
  insist(/^GIF8[79]a$/.test(ascii(reader.take(6))));
  const screen = reader.take(7);
  const size = { width: u16le(screen), height: u16le(screen, 2) };
  insistOnSize(size);
  passColours(reader, screen[4]!);
  let images = 0;
  for (;;) {
    if (reader.isLow) yield;
    const block = reader.byte();
    if (block === TRAILER) {
      insist(images > 0 && reader.left === 0);
      return size;
    }
    if (block === IMAGE) {
      const image = reader.take(9);
      insistOnSize({ width: u16le(image, 4), height: u16le(image, 6) });
      passColours(reader, image[8]!);
      reader.pass(1);
      yield* passBlocks(reader);
      images += 1;
    } else {
      insist(block === EXTENSION);
      passExtension(reader);
    }
  }
}

/** A colour table, where the flags say that there is one. */
function passColours(reader: ByteReader, flags: number): void {
  if (flags & 0x80) reader.pass(3 * 2 ** ((flags & 0x07) + 1));
}

function passExtension(reader: ByteReader): void {
  const label = reader.byte();
  // Comments and texts are not shown.
  insist(label === GRAPHIC_CONTROL || label === APPLICATION, 'file-metadata');
  const length = reader.byte();
  if (label === GRAPHIC_CONTROL) {
    insist(length === 4);
    reader.pass(4);
    insist(reader.byte() === 0);
    return;
  }
  insist(length === 11);
  // How often it is played, and nothing of what programs keep for themselves.
  insist(['NETSCAPE2.0', 'ANIMEXTS1.0'].includes(ascii(reader.take(11))), 'file-metadata');
  const played = reader.take(5);
  insist(played[0] === 3 && played[4] === 0, 'file-metadata');
}

function* passBlocks(reader: ByteReader): Reading<void> {
  for (let length = reader.byte(); length > 0; length = reader.byte()) {
    reader.pass(length);
    if (reader.isLow) yield;
  }
}

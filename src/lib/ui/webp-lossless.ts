// A square picture as lossless WebP (VP8L, RFC 9649), for browsers whose canvas writes no WebP (Safari). The plainest
// stream there is: no transforms, eight bits for each of green, red and blue, so 3 bytes a pixel.

const RIFF_HEADER_BYTES = 20;

/** Bits, lowest first, as VP8L has them. */
class BitWriter {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get bytesWritten(): number {
    return Math.ceil(this.#at / 8);
  }

  write(value: number, bits: number): void {
    for (let bit = 0; bit < bits; bit += 1, this.#at += 1) {
      if ((value >> bit) & 1) this.#bytes[this.#at >> 3]! |= 1 << (this.#at & 7);
    }
  }
}

/** Prefix codes go out with their highest bit first. */
const REVERSED = Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((byte >> bit) & 1) reversed |= 0x80 >> bit;
  return reversed;
});

/**
 * A prefix code in which each of the bytes has eight bits, and whatever comes after them in the alphabet none. Its
 * lengths are written by a code of the two symbols 0 and 8, of one bit each.
 */
function writeByteCode(bits: BitWriter, alphabet: number): void {
  bits.write(0, 1);
  // Lengths of the code's code come in the order 17 18 0 1 2 3 4 5 16 6 7 8: twelve, of which 0 and 8 have one bit.
  bits.write(12 - 4, 4);
  for (const length of [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]) bits.write(length, 3);
  // The lengths of the whole alphabet follow.
  bits.write(0, 1);
  for (let symbol = 0; symbol < alphabet; symbol += 1) bits.write(symbol < 256 ? 1 : 0, 1);
}

/** A prefix code of one symbol, which takes no bits in the picture. */
function writeSingleCode(bits: BitWriter, symbol: number): void {
  bits.write(1, 1);
  bits.write(0, 1);
  bits.write(symbol > 1 ? 1 : 0, 1);
  bits.write(symbol, symbol > 1 ? 8 : 1);
}

/** @param rgba of an opaque picture of `side` by `side` pixels, side at most 16,384 */
export function losslessWebp(rgba: Uint8ClampedArray, side: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(RIFF_HEADER_BYTES + 1_024 + side * side * 3);
  const bits = new BitWriter(file.subarray(RIFF_HEADER_BYTES));
  bits.write(0x2f, 8);
  bits.write(side - 1, 14);
  bits.write(side - 1, 14);
  // No alpha, version 0; no transform, no colour cache, one group of codes.
  bits.write(0, 1 + 3 + 1 + 1 + 1);
  writeByteCode(bits, 280);
  writeByteCode(bits, 256);
  writeByteCode(bits, 256);
  writeSingleCode(bits, 255);
  writeSingleCode(bits, 0);
  for (let at = 0; at < side * side * 4; at += 4) {
    bits.write(REVERSED[rgba[at + 1]!]!, 8);
    bits.write(REVERSED[rgba[at]!]!, 8);
    bits.write(REVERSED[rgba[at + 2]!]!, 8);
  }
  const streamBytes = bits.bytesWritten;
  // Chunks are padded to even lengths.
  const fileBytes = RIFF_HEADER_BYTES + streamBytes + (streamBytes % 2);
  const view = new DataView(file.buffer);
  const tag = (at: number, text: string): void => {
    for (const [index, character] of [...text].entries()) file[at + index] = character.charCodeAt(0);
  };
  tag(0, 'RIFF');
  view.setUint32(4, fileBytes - 8, true);
  tag(8, 'WEBPVP8L');
  view.setUint32(16, streamBytes, true);
  return file.slice(0, fileBytes);
}

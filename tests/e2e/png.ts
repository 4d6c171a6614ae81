// A photo as a camera makes it, small: pixels, and a note of where it was taken.

import { crc32, deflateSync } from 'node:zlib';

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits of each sample. */
  readonly depth: number;
  /** Colour type, as PNG counts them. */
  readonly colour: number;
}

export function pngOf({ width, height, depth, colour }: Header, chunks: readonly (readonly [string, Buffer])[]) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...chunks.map(([type, data]) => chunk(type, data)),
    chunk('IEND', Buffer.alloc(0))
  ]);
}

export function photo(width: number, height: number, note: string): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: width }, (_pixel, x) => [(x * 4) % 256, (y * 5) % 256, 128]).flat()])
  );
  return pngOf({ width, height, depth: 8, colour: 2 }, [
    ['tEXt', Buffer.from(`Comment\0${note}`, 'latin1')],
    ['IDAT', deflateSync(Buffer.concat(rows))]
  ]);
}

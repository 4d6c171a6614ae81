// Reads a WebP file (RFC 9649) as far as an avatar must be known: one still image, how large, and nothing beside it.
// Invariant: what comes out holds the image's own chunks alone; camera, place and colour profile are left behind.

import type { PictureSize } from '#protocol/media/picture-flaw.ts';
import { webpPictureSize, type WebpPicture } from '#protocol/media/webp-size.ts';

export interface StillWebp extends PictureSize {
  /** The file made anew, without metadata. */
  readonly bytes: Buffer;
}

interface Chunk<Name extends string = string> {
  readonly name: Name;
  readonly data: Buffer;
}

/** null: no WebP, broken, or an animation. */
export function readStillWebp(file: Uint8Array): StillWebp | null {
  const chunks = chunksOf(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
  if (!chunks || chunks.some(({ name }) => name === 'ANIM' || name === 'ANMF')) return null;
  const images = chunks.filter(isPicture);
  const alphas = chunks.filter(({ name }) => name === 'ALPH');
  const [image] = images;
  if (!image || images.length > 1 || alphas.length > 1) return null;
  const size = webpPictureSize(image.name, image.data);
  if (!size) return null;
  const canvas = chunks.find(({ name }) => name === 'VP8X');
  if (canvas && !(chunks[0] === canvas && isCanvas(canvas.data, size))) return null;
  // Transparency of a lossy image lies beside it, and needs the extended form.
  const [alpha] = image.name === 'VP8 ' ? alphas : [];
  if (alpha && !canvas) return null;
  const kept = alpha ? [extended(size), alpha, image] : [image];
  return { ...size, bytes: riff(kept) };
}

const isPicture = (chunk: Chunk): chunk is Chunk<WebpPicture> => chunk.name === 'VP8 ' || chunk.name === 'VP8L';

function chunksOf(file: Buffer): Chunk[] | null {
  if (file.length < 20 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WEBP')
    return null;
  if (file.readUInt32LE(4) !== file.length - 8) return null;
  const chunks: Chunk[] = [];
  for (let at = 12; at < file.length;) {
    if (at + 8 > file.length) return null;
    const length = file.readUInt32LE(at + 4);
    const end = at + 8 + length;
    if (end > file.length) return null;
    chunks.push({ name: file.toString('latin1', at, at + 4), data: file.subarray(at + 8, end) });
    at = end + (length % 2);
    if (at > file.length) return null;
  }
  return chunks;
}

function isCanvas(data: Buffer, { width, height }: PictureSize): boolean {
  return data.length === 10 && data.readUIntLE(4, 3) + 1 === width && data.readUIntLE(7, 3) + 1 === height;
}

function extended({ width, height }: PictureSize): Chunk {
  const data = Buffer.alloc(10);
  data[0] = 0x10;
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return { name: 'VP8X', data };
}

function riff(chunks: readonly Chunk[]): Buffer {
  const parts = chunks.flatMap(({ name, data }) => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return [head, data, Buffer.alloc(data.length % 2)];
  });
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...parts]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

// What a file is: its hash, by stream, its media type by its own bytes, and of pictures whether they are nothing else.

import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { BlobHash } from '#protocol/ids.ts';
import type { ByteSource } from '#protocol/media/byte-reader.ts';
import { covers, HEAD_BYTES, isRaster, mediaTypeOf } from '#protocol/media/media-type.ts';
import { checkPicture } from '#protocol/media/picture-check.ts';
import type { PictureFlawCode } from '#protocol/media/picture-flaw.ts';

const READ_BYTES = 256 * 1024;

export interface FileFacts {
  readonly type: string;
  readonly size: number;
}

export type Inspected =
  ({ readonly ok: true } & FileFacts) | { readonly ok: false; readonly code: 'file-differs' | PictureFlawCode };

export async function inspectFile(file: string, hash: BlobHash, types: readonly string[] | null): Promise<Inspected> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if ((await hashOf(handle, size)) !== hash) return { ok: false, code: 'file-differs' };
    const source = sourceOf(handle, size);
    const type = mediaTypeOf(await source.read(0, Math.min(size, HEAD_BYTES)));
    if (!covers(types, type)) return { ok: false, code: 'file-type' };
    if (!isRaster(type)) return { ok: true, type, size };
    const picture = await checkPicture(type, source);
    return picture.ok ? { ok: true, type, size } : picture;
  } finally {
    await handle.close();
  }
}

async function hashOf(handle: FileHandle, size: number): Promise<BlobHash> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(size, 1)));
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest('base64url');
}

const sourceOf = (handle: FileHandle, size: number): ByteSource => ({
  size,
  async read(at, length) {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await handle.read(bytes, 0, length, at);
    return bytes.subarray(0, bytesRead);
  }
});

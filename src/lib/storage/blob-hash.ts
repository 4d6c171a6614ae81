// The name of a file by its content: SHA-256 as base64url. Read piece by piece, so that a film takes no memory.

import { sha256 } from '@noble/hashes/sha2.js';
import { base64url, type BlobHash } from '#protocol/ids.ts';

/** Up to here the browser's own is faster, and holds all of it in memory at once. */
const AT_ONCE_BYTES = 8 * 1024 * 1024;
/** Of what is hashed here: a page is to answer to its person in between. */
const PIECE_BYTES = 1024 * 1024;

/** The browser's SHA-256, or another where it has none. @param subtle null: missing, as on plain http */
export const sha256With =
  (subtle: SubtleCrypto | null) =>
  async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
    subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : sha256(bytes);

/** @param subtle null: missing, as on plain http */
export async function blobHash(bytes: Blob, subtle: SubtleCrypto | null): Promise<BlobHash> {
  if (subtle && bytes.size <= AT_ONCE_BYTES)
    return base64url(await sha256With(subtle)(new Uint8Array(await bytes.arrayBuffer())));
  const hash = sha256.create();
  for (let from = 0; from < bytes.size; from += PIECE_BYTES)
    hash.update(new Uint8Array(await bytes.slice(from, from + PIECE_BYTES).arrayBuffer()));
  return base64url(hash.digest());
}

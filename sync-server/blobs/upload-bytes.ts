// Bytes of an upload, from a request onto the disk. Invariant: what a checksum does not vouch for does not stay.

import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { UploadProblem } from './upload-outcome.ts';

export const CHECKSUMS = ['sha256', 'sha1'] as const;
export interface Checksum {
  readonly algorithm: (typeof CHECKSUMS)[number];
  readonly digest: Buffer;
}

/**
 * @param offset where they go
 * @param length of the whole file
 * @param here told how much is there with each piece
 * @returns how much is there now
 * @throws whatever the body ends with; what came until then stays, unless a checksum was to vouch for it
 */
export async function writeBytes(
  handle: FileHandle,
  { offset, length }: { readonly offset: number; readonly length: number },
  body: Readable,
  checksum: Checksum | null,
  here: (bytes: number) => void
): Promise<number | { readonly code: UploadProblem }> {
  const hash = checksum && createHash(checksum.algorithm);
  let at = offset;
  let isVouchedFor = checksum === null;
  try {
    // What ends early is answered: the line stays as it is.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (at + chunk.length > length) return { code: 'too-large' };
      hash?.update(chunk);
      for (let from = 0; from < chunk.length;) {
        const { bytesWritten } = await handle.write(chunk, from, chunk.length - from, at);
        from += bytesWritten;
        at += bytesWritten;
        here(at);
      }
    }
    isVouchedFor ||= hash!.digest().equals(checksum!.digest);
    return isVouchedFor ? at : { code: 'upload-checksum' };
  } catch (error) {
    if (isDiskFull(error)) return { code: 'disk-full' };
    throw error;
  } finally {
    if (!isVouchedFor) {
      await handle.truncate(offset);
      here(offset);
    }
  }
}

export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');

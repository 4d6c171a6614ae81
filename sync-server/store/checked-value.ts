// A value as it lies on disk: the CRC-32 of key and value, then the value. The key is part of it, so that a value
// that turns up under another key is noticed too. LevelDB's binding does not check the checksums of its blocks.

import { crc32 } from 'node:zlib';
import { StoreError } from './key-value.ts';

const CHECKSUM_BYTES = 4;

const checksum = (key: string, value: Uint8Array): number => crc32(value, crc32(key));

/** A copy of the value behind its checksum. */
export function sealValue(key: string, value: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(CHECKSUM_BYTES + value.length);
  sealed.writeUInt32BE(checksum(key, value), 0);
  sealed.set(value, CHECKSUM_BYTES);
  return sealed;
}

/** The value, a view of `sealed`. Throws StoreError 'corrupt'. */
export function unsealValue(key: string, sealed: Buffer): Uint8Array {
  if (sealed.length >= CHECKSUM_BYTES) {
    const value = new Uint8Array(sealed.buffer, sealed.byteOffset + CHECKSUM_BYTES, sealed.length - CHECKSUM_BYTES);
    if (sealed.readUInt32BE(0) === checksum(key, value)) return value;
  }
  throw new StoreError('corrupt', `the value of ${key} does not match its checksum`);
}

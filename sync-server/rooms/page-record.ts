// A log record: which pages a commit changed, each with one merged Yjs update. Most commits change one page; one that
// seals changes two.

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { StoreError } from '../store/key-value.ts';

export interface PageUpdate {
  readonly page: number;
  readonly update: Uint8Array;
}

const FORMAT = 1;

export function encodePageRecord(updates: readonly PageUpdate[]): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, FORMAT);
  encoding.writeVarUint(encoder, updates.length);
  for (const { page, update } of updates) {
    encoding.writeVarUint(encoder, page);
    encoding.writeVarUint8Array(encoder, update);
  }
  return encoding.toUint8Array(encoder);
}

/** @throws StoreError 'corrupt' */
export function decodePageRecord(record: Uint8Array): PageUpdate[] {
  try {
    const decoder = decoding.createDecoder(record);
    const format = decoding.readVarUint(decoder);
    if (format !== FORMAT) throw new RangeError(`format ${format}`);
    const updates: PageUpdate[] = [];
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const page = decoding.readVarUint(decoder);
      updates.push({ page, update: decoding.readVarUint8Array(decoder).slice() });
    }
    return updates;
  } catch (cause) {
    throw new StoreError('corrupt', 'A record of the log cannot be read.', { cause });
  }
}

// Records of the store as JSON, checked when read: what does not fit its schema is corrupt, never a guess.

import * as v from 'valibot';
import { StoreError } from './key-value.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export const encodeStored = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/** @throws StoreError 'corrupt' */
export function decodeStored<Output>(schema: v.GenericSchema<unknown, Output>, key: string, bytes: Uint8Array): Output {
  try {
    return v.parse(schema, JSON.parse(decoder.decode(bytes)));
  } catch (cause) {
    throw new StoreError('corrupt', `The record ${key} cannot be read.`, { cause });
  }
}

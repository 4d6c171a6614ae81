// What store-writer.ts writes, known to the tests that read it afterwards. Sizes differ, so that batches end anywhere
// in LevelDB's blocks; the filling does not compress, so that tables grow too.

import { createHash } from 'node:crypto';
import type { Operation } from '../../../sync-server/store/key-value.ts';

export const ROOMS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => letter.repeat(22));

const FILLING_MAX_BYTES = 3_000;

export const projectionKey = (room: string): string => `projection/${room}`;

export function recordOf(room: string, position: number, mark: string): { record: Uint8Array; projection: Operation } {
  const name = `${room}:${position}:${mark}`;
  const size = createHash('sha256').update(name).digest().readUInt16BE(0) % FILLING_MAX_BYTES;
  const filling = createHash('shake256', { outputLength: size }).update(name).digest();
  const record = Buffer.concat([Buffer.from(`${name} `), filling]);
  return { record, projection: { type: 'put', key: projectionKey(room), value: Buffer.from(name) } };
}

/** The name that a record begins with. */
export const nameOf = (record: Uint8Array): string => {
  const text = Buffer.from(record);
  return text.subarray(0, text.indexOf(' ')).toString();
};

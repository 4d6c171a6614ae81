// Where a room's log lies. `log/<room>/<position>` holds a record, `log-head/<room>` the room's LogHead. Positions
// are padded, so that their order as text is their order as numbers.

import type { RoomId } from '#protocol/ids.ts';
import { StoreError } from './key-value.ts';

const POSITION_DIGITS = 12;
const HEAD_BYTES = 16;

export interface LogHead {
  /** Commits so far: the position of the next one. */
  readonly position: number;
  /** Records below this were trimmed. What is missing from here on was lost. */
  readonly first: number;
}

const EMPTY_HEAD: LogHead = { position: 0, first: 0 };

export const headKey = (room: RoomId): string => `log-head/${room}`;

export const recordKey = (room: RoomId, position: number): string =>
  `log/${room}/${String(position).padStart(POSITION_DIGITS, '0')}`;

export const positionOfKey = (key: string): number => Number(key.slice(-POSITION_DIGITS));

/** Whether a key belongs to the log itself. */
export const isLogKey = (key: string): boolean => key.startsWith('log/') || key.startsWith('log-head/');

export function encodeHead(head: LogHead): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, head.position);
  view.setFloat64(8, head.first);
  return bytes;
}

export function decodeHead(room: RoomId, bytes: Uint8Array | undefined): LogHead {
  if (bytes === undefined) return EMPTY_HEAD;
  if (bytes.length !== HEAD_BYTES) throw new StoreError('corrupt', `the log head of room ${room} has a wrong length`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { position: view.getFloat64(0), first: view.getFloat64(8) };
}

/** All of a room's records. */
export const recordsOf = (room: RoomId): { gte: string; lt: string } => ({ gte: `log/${room}/`, lt: `log/${room}0` });

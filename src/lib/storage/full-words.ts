// What is said where this device has no room left: how much is kept here, how much is missing, and where some is freed.
// Invariant: numbers are the browser's word; where it gives none, the words do without.

import { bytesWords } from '../words/byte-words.ts';
import { m } from '../words/generated/messages.js';

export interface DeviceRoom {
  /** Bytes. */
  readonly used: number;
  readonly free: number;
}

export type MeasureRoom = () => Promise<DeviceRoom | null>;

/** @param storage null: the browser tells nothing, as over plain http */
export const measureRoom =
  (storage: Pick<StorageManager, 'estimate'> | null): MeasureRoom =>
  async () => {
    const estimate = await storage?.estimate().catch(() => undefined);
    if (estimate?.usage === undefined || estimate.quota === undefined) return null;
    return { used: estimate.usage, free: Math.max(0, estimate.quota - estimate.usage) };
  };

/** A browser whose disk is full tells of gigabytes that are free: how much is missing is known of a file alone. */
export const fullWords = (room: DeviceRoom | null): string =>
  room ? m.storage_full({ used: bytesWords(room.used) }) : m.storage_quota();

/** @param bytes that it takes */
export function noRoomWords(name: string, bytes: number, room: DeviceRoom | null): string {
  // The browser may keep more for itself than it says.
  if (!room || bytes <= room.free) return m.files_no_room({ name });
  return m.files_no_room_by({ name, missing: bytesWords(bytes - room.free), used: bytesWords(room.used) });
}

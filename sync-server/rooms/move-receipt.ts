// Moves up what others may know of how far a member has come. Runs in the room's own queue, so no two moves cross, and
// none comes after the end of the room or of the membership.

import * as v from 'valibot';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { furthest, NO_RECEIPT, type Receipt } from '#protocol/receipt.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { receiptKey } from './keys.ts';
import type { RoomContents } from './room-contents.ts';
import type { RoomSurroundings } from './room-surroundings.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const receiptSchema = v.strictObject({ from: count, read: count, stored: count });

/** @throws StoreError */
export async function readReceipts(
  kv: KeyValue,
  room: RoomId,
  users: readonly UserId[]
): Promise<Map<UserId, Receipt>> {
  const keys = users.map((user) => receiptKey(room, user));
  const values = users.length === 0 ? [] : await kv.getMany(keys);
  return new Map(
    users.map((user, at) => {
      const value = values[at];
      return [user, value ? decodeStored(receiptSchema, keys[at]!, value) : NO_RECEIPT];
    })
  );
}

/** @param to positions that the person has come to; 0: nothing new @throws StoreError */
export async function moveReceipt(
  { id: room, view }: RoomContents,
  { kv, events }: RoomSurroundings,
  user: UserId,
  to: Readonly<Record<'read' | 'stored', number>>
): Promise<void> {
  const { meta, state } = view;
  if (!meta || !state || !Object.hasOwn(state.members, user)) return;
  const before = (await readReceipts(kv, room, [user])).get(user)!;
  const next: Receipt = { from: 0, read: Math.min(to.read, meta.n), stored: Math.min(to.stored, meta.n) };
  const after = furthest(before, next);
  if (after.read === before.read && after.stored === before.stored) return;
  // Not synced: after a power loss a tick waits for the next report.
  await kv.batch([{ type: 'put', key: receiptKey(room, user), value: encodeStored(after) }], { sync: false });
  events.receipt(user, room, after);
}

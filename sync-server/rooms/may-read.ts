// Whether a person may open a room, out of the keys alone: as `mayRead` has it of the room's state.

import type { RoomId, UserId } from '#protocol/ids.ts';
import type { KeyValue } from '../store/key-value.ts';
import { bannedKey, invitedKey, memberKey, publicKey } from './keys.ts';

/** @throws StoreError */
export async function mayReadRoom(kv: KeyValue, user: UserId, room: RoomId): Promise<boolean> {
  const keys = [memberKey(user, room), invitedKey(user, room), publicKey(room), bannedKey(user, room)];
  const [isMember, isInvited, isPublic, isBanned] = (await kv.getMany(keys)).map((value) => value !== undefined);
  return isMember! || isInvited! || (isPublic! && !isBanned);
}

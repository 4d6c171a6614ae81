// The room of two people: its id is a hash of both user ids, so that both may make it, offline and at once, and it is
// one room. Its last character is one that the id of no other room ends with: nobody else can take its place.

import { sha256 } from '@noble/hashes/sha2.js';
import { base64url, type RoomId, type UserId } from './ids.ts';

/** 128 random bits in base64url end with one of A, Q, g, w. */
const DIRECT_MARK = 'd';

/** The order of the two does not matter. */
export function directRoomId(a: UserId, b: UserId): RoomId {
  const [first, second] = a < b ? [a, b] : [b, a];
  const hash = sha256(new TextEncoder().encode(`roost direct 1\n${first}\n${second}`));
  return base64url(hash).slice(0, 21) + DIRECT_MARK;
}

/**
 * Whether a person may set out to make the room.
 * @param create as in OpenRequest: for a room of two, the other of them
 */
export function mayCreate(room: RoomId, user: UserId, create: true | UserId | undefined): boolean {
  if (create === undefined) return false;
  if (isDirectRoomId(room)) return create !== true && directRoomId(user, create) === room;
  return create === true;
}

export const isDirectRoomId = (room: RoomId): boolean => room.endsWith(DIRECT_MARK);

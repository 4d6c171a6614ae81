// How far people's devices were told of each room, on disk for the next process, and in memory which of those rooms they have
// read since: their notifications are to go. A crash loses at most the last of it: then a device is told again, under the
// same tag.

import * as v from 'valibot';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { pushTagOf } from '#protocol/push.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import { roomOfTold, toldKey, toldOf } from './push-keys.ts';
import type { Pushed } from './push-message.ts';

/** Tags that are told as read with each push. */
const READ_TOLD_MAX = 20;

export class PushedRooms {
  readonly #kv: KeyValue;
  /** By person. */
  readonly #shown = new Map<UserId, Set<RoomId>>();
  /** By person: tags that were pushed, and read since. */
  readonly #read = new Map<UserId, Set<string>>();

  constructor(kv: KeyValue) {
    this.#kv = kv;
  }

  /** Up to which Arrival.n the person was told, by room. Rejects with StoreError. */
  async told(user: UserId): Promise<ReadonlyMap<RoomId, number>> {
    const told = new Map<RoomId, number>();
    for await (const [key, value] of this.#kv.range(toldOf(user)))
      told.set(roomOfTold(key), decodeStored(v.number(), key, value));
    return told;
  }

  /** A push service took it. Rejects with StoreError. */
  async note(user: UserId, { room, thread, n }: Pushed): Promise<void> {
    this.#read.get(user)?.delete(pushTagOf(room, thread));
    // Of what came while it was on its way nothing was told.
    if (n === null) return;
    const rooms = this.#shown.get(user) ?? new Set<RoomId>();
    this.#shown.set(user, rooms.add(room));
    await this.#kv.batch([{ type: 'put', key: toldKey(user, room), value: encodeStored(n) }], { sync: false });
  }

  wasRead(user: UserId, room: RoomId): void {
    if (!this.#shown.get(user)?.delete(room)) return;
    const read = this.#read.get(user) ?? new Set<string>();
    read.delete(room);
    read.add(room);
    for (const oldest of [...read].slice(0, -READ_TOLD_MAX)) read.delete(oldest);
    this.#read.set(user, read);
  }

  /** Tags of what was read, but for this one; the newest last. */
  readSince(user: UserId, besides: string): readonly string[] {
    return [...(this.#read.get(user) ?? [])].filter((tag) => tag !== besides);
  }

  /** The person is not in the room any more. Rejects with StoreError. */
  async forget(user: UserId, room: RoomId): Promise<void> {
    await this.#kv.batch([{ type: 'del', key: toldKey(user, room) }], { sync: false });
  }
}

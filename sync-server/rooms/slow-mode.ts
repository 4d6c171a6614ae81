// Slow mode: when those who are held to it wrote last, so that their messages lie as far apart as the room wants.
// Known since the mode was set, and over restarts; whoever has been quiet for longer is forgotten.

import * as v from 'valibot';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { SLOW_MAX_SECONDS } from '#protocol/limits.ts';
import { rankOfRole } from '#protocol/permissions.ts';
import { roleOf } from '#protocol/refusal.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored } from '../store/stored-json.ts';
import { saidIn, userOfKey } from './keys.ts';

/** Beyond so many the quiet ones are looked for. */
const KNOWN_MAX = 1_024;

export class SlowMode {
  readonly #saidAt: Map<UserId, number>;

  constructor(saidAt: ReadonlyMap<UserId, number> = new Map()) {
    this.#saidAt = new Map(saidAt);
  }

  /** @throws StoreError */
  static async load(kv: KeyValue, room: RoomId): Promise<SlowMode> {
    const saidAt = new Map<UserId, number>();
    for await (const [key, value] of kv.range(saidIn(room))) {
      saidAt.set(userOfKey(key), decodeStored(v.number(), key, value));
    }
    return new SlowMode(saidAt);
  }

  /** A copy for one commit, which may fail. */
  staged(): SlowMode {
    return new SlowMode(this.#saidAt);
  }

  /** Whether a message may be said now. A yes is a message said. */
  admits(room: RoomState, author: UserId, nowMs: number): boolean {
    if (room.slowSeconds === 0) return true;
    if (rankOfRole(roleOf(room, author)) >= rankOfRole('moderator')) return true;
    const saidAt = this.#saidAt.get(author);
    // A clock that was set back silences nobody for longer than the mode does.
    if (saidAt !== undefined && nowMs >= saidAt && nowMs - saidAt < room.slowSeconds * 1_000) return false;
    this.#saidAt.set(author, nowMs);
    if (this.#saidAt.size > KNOWN_MAX) this.#forgetQuiet(nowMs);
    return true;
  }

  #forgetQuiet(nowMs: number): void {
    for (const [user, at] of this.#saidAt) if (nowMs - at >= SLOW_MAX_SECONDS * 1_000) this.#saidAt.delete(user);
  }
}

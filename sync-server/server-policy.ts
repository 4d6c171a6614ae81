// What the rooms are told of the rest of the server: registered device keys, who may make rooms, and how many a day.

import type { RoomCreation } from '#protocol/api/server.ts';
import type { RoomKind } from '#protocol/entry-fields.ts';
import type { DeviceId, UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RateLimit } from './accounts/rate-limit.ts';
import type { DeviceKey } from './gate/signature-check.ts';
import type { RoomPolicy } from './rooms/room-policy.ts';

export interface ServerPolicyDeps {
  readonly peopleSign: boolean;
  readonly devices: { get(id: DeviceId): DeviceKey | null };
  /** Whether they have gone and had all that they wrote erased. */
  isErased(user: UserId): boolean;
  /** Now, as administrators have set it. */
  roomCreation(): RoomCreation;
  isAdmin(user: UserId): boolean;
  /** Rooms that one person makes, direct ones too: each costs the server for good. */
  readonly creations: RateLimit;
}

export class ServerPolicy implements RoomPolicy {
  readonly peopleSign: boolean;
  readonly #deps: ServerPolicyDeps;

  constructor(deps: ServerPolicyDeps) {
    this.peopleSign = deps.peopleSign;
    this.#deps = deps;
  }

  deviceKey(id: DeviceId): DeviceKey | null {
    return this.#deps.devices.get(id);
  }

  isErased(user: UserId): boolean {
    return this.#deps.isErased(user);
  }

  /**
   * Anybody writes to anybody, so direct rooms and groups are nobody's to forbid. Beyond the rate the code is `slow`:
   * nothing is wrong with the entry, the same one is taken later.
   */
  admitsRoom(kind: RoomKind, author: UserId, sender: UserId): RefusalCode | null {
    const isOpen = kind === 'direct' || kind === 'group' || this.#deps.roomCreation() === 'everyone';
    if (!isOpen && !this.#deps.isAdmin(author)) return 'not-allowed';
    return this.#deps.creations.take(sender).ok ? null : 'slow';
  }
}

// What the rooms are told of the rest of the server: registered device keys, who may make rooms, and how many a day.

import type { RoomKind } from '#protocol/entry.ts';
import type { DeviceId, UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RateLimit } from './accounts/rate-limit.ts';
import type { DeviceKey } from './gate/signature-check.ts';
import type { RoomPolicy } from './rooms/room-policy.ts';

export interface ServerPolicyDeps {
  readonly peopleSign: boolean;
  readonly devices: { get(id: DeviceId): DeviceKey | null };
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

  /** Beyond the rate the code is `slow`: nothing is wrong with the entry, the same one is taken later. */
  admitsRoom(_kind: RoomKind, _author: UserId, sender: UserId): RefusalCode | null {
    return this.#deps.creations.take(sender).ok ? null : 'slow';
  }
}

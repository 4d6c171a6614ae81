// What the rooms ask of the rest of the server, and synchronously, since a commit is checked without a pause: whose a
// device key is, and who may make rooms.

import type { RoomKind } from '#protocol/entry-fields.ts';
import type { DeviceId, UserId } from '#protocol/ids.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { DeviceKey } from '../gate/signature-check.ts';

export interface RoomPolicy {
  /** Whether what people at a browser write must be signed. */
  readonly peopleSign: boolean;
  deviceKey(id: DeviceId): DeviceKey | null;
  /** Whether a person has gone and had all that they wrote erased. */
  isErased(user: UserId): boolean;
  /**
   * Whether one more room may be made. A yes counts it against the sender.
   * @param author who makes it
   * @param sender who brings it: somebody else, after the server lost it
   */
  admitsRoom(kind: RoomKind, author: UserId, sender: UserId): RefusalCode | null;
}

/** Nobody has a device, everybody makes rooms: for tests of what this does not concern. */
export const OPEN_POLICY: RoomPolicy = {
  peopleSign: false,
  deviceKey: () => null,
  isErased: () => false,
  admitsRoom: () => null
};

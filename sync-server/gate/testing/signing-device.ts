// A device with a key of its own, as a browser makes one, that signs entries.

import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { Entry } from '#protocol/entry.ts';
import { base64url, type DeviceId, type RoomId, type UserId } from '#protocol/ids.ts';
import { deviceId, signedBytes } from '#protocol/signing.ts';
import type { DeviceKey } from '../signature-check.ts';

export class SigningDevice {
  readonly id: DeviceId;
  readonly #privateKey: KeyObject;
  readonly #user: UserId;
  readonly #publicKey: KeyObject;

  constructor(user: UserId) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
    this.#user = user;
    this.id = deviceId(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'));
  }

  /** As the accounts register it. */
  key(more: Partial<DeviceKey> = {}): DeviceKey {
    return { user: this.#user, publicKey: this.#publicKey, revokedAt: null, ...more };
  }

  sign(room: RoomId, entry: Entry): Entry {
    const unsigned = { ...entry, device: this.id };
    return { ...unsigned, signature: base64url(sign(null, signedBytes(room, unsigned), this.#privateKey)) };
  }
}

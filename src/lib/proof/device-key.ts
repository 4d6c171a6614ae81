// A device's Ed25519 key: by WebCrypto, whose secret nobody can read out, where the page may use it; else by
// @noble/ed25519 with a secret that is data. Invariant: a stored key is what `openDeviceKey` makes the same key of.

import { deviceId } from '#protocol/signing.ts';
import type { DeviceId } from '#protocol/ids.ts';

/** As it lies in IndexedDB, which takes CryptoKeys as they are. */
export type StoredKey =
  | { readonly kind: 'sealed'; readonly publicKey: Uint8Array<ArrayBuffer>; readonly privateKey: CryptoKey }
  | { readonly kind: 'plain'; readonly publicKey: Uint8Array<ArrayBuffer>; readonly secret: Uint8Array<ArrayBuffer> };

export interface DeviceKey {
  readonly id: DeviceId;
  /** 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Whether nobody can read the secret out of this browser. */
  readonly sealed: boolean;
  readonly stored: StoredKey;
  /** @returns 64 bytes */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

const ED25519 = 'Ed25519';

/** @param subtle null: the page is no secure context */
export async function makeDeviceKey(subtle: SubtleCrypto | null): Promise<DeviceKey> {
  return openDeviceKey((subtle && (await makeSealed(subtle))) ?? (await makePlainKey()), subtle);
}

export function openDeviceKey(stored: StoredKey, subtle: SubtleCrypto | null): DeviceKey {
  const { publicKey } = stored;
  const sign = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => {
    if (stored.kind === 'plain') return (await noble()).sign(bytes, stored.secret);
    if (!subtle) throw new TypeError('a sealed key needs WebCrypto');
    return new Uint8Array(await subtle.sign(ED25519, stored.privateKey, bytes));
  };
  return { id: deviceId(publicKey), publicKey, sealed: stored.kind === 'sealed', stored, sign };
}

/** A key whose secret is data: for pages without WebCrypto, and for browsers whose database takes no CryptoKey. */
export async function makePlainKey(): Promise<StoredKey> {
  const { secretKey, publicKey } = (await noble()).keygen();
  return { kind: 'plain', publicKey: new Uint8Array(publicKey), secret: new Uint8Array(secretKey) };
}

/** null: this browser has WebCrypto without Ed25519. */
async function makeSealed(subtle: SubtleCrypto): Promise<StoredKey | null> {
  try {
    const pair = await subtle.generateKey(ED25519, false, ['sign', 'verify']);
    const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
    return { kind: 'sealed', publicKey, privateKey: pair.privateKey };
  } catch {
    return null;
  }
}

/** Fetched where it is needed: most browsers have their own. */
export async function noble() {
  const [ed25519, { sha512 }] = await Promise.all([import('@noble/ed25519'), import('@noble/hashes/sha2.js')]);
  // Its default is WebCrypto's SHA-512, which plain http does not have.
  ed25519.hashes.sha512 = sha512;
  return ed25519;
}

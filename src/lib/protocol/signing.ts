// What a device signs, and how its key is named. Ed25519 (RFC 8032) over bytes of the entry, never over Yjs bytes, so
// that whoever carries an entry, it proves who wrote it, on which device, and in which room.

import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalJson } from './canonical.ts';
import type { Entry } from './entry.ts';
import { base64url, type DeviceId, type RoomId } from './ids.ts';

const encoder = new TextEncoder();
/** So that a signature of another use of the key is never one of an entry. */
const ENTRY_CONTEXT = 'roost entry 1';

/** The bytes that `signature` covers: context, room, and the canonical entry without its signature. */
export function signedBytes(room: RoomId, entry: Entry): Uint8Array<ArrayBuffer> {
  const { signature: _, ...rest } = entry;
  return encoder.encode(`${ENTRY_CONTEXT}\n${room}\n${canonicalJson(rest)}`);
}

/** @param publicKey 32 bytes */
export const deviceId = (publicKey: Uint8Array): DeviceId => base64url(sha256(publicKey).subarray(0, 16));

/**
 * What people compare to know that a key is the other's: 30 decimal digits in six groups, as spoken and read with ease.
 * @param publicKey 32 bytes
 */
export function fingerprint(publicKey: Uint8Array): string {
  const hash = sha256(publicKey);
  const groups: string[] = [];
  for (let at = 0; at < 30; at += 5) {
    const number = [...hash.subarray(at, at + 5)].reduce((value, byte) => value * 256 + byte, 0);
    groups.push(String(number % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}

/** Bytes of a base64url text, or null. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  // One character more than whole bytes is no base64url: `atob` throws on it.
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

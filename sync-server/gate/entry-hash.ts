// The hash that tells whether two entries with one id are the same entry.

import { hash } from 'node:crypto';
import { canonicalJson } from '#protocol/canonical.ts';
import type { Entry } from '#protocol/entry.ts';

/**
 * SHA-256 of the entry's canonical JSON, base64url: 43 characters. Who signed it is left out: written before a sign-out
 * by force and signed again by the next device key, it is the same entry.
 */
export function entryHash(entry: Entry): string {
  const { device: _device, signature: _signature, ...content } = entry;
  return hash('sha256', canonicalJson(content), 'base64url');
}

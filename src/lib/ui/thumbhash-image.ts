// The few bytes that stand for a picture until it is there, as an address that a style can name.

import { thumbHashToDataURL } from 'thumbhash';

const made = new Map<string, string>();
/** More are not on a screen, nor on the next. */
const MADE_MAX = 200;

/** @param hash base64url; null where it is missing or none */
export function thumbhashImage(hash: string | undefined): string | null {
  if (hash === undefined) return null;
  let address = made.get(hash);
  if (address === undefined) {
    try {
      const binary = atob(hash.replaceAll('-', '+').replaceAll('_', '/'));
      address = `url("${thumbHashToDataURL(Uint8Array.from(binary, (sign) => sign.charCodeAt(0)))}")`;
    } catch {
      return null;
    }
    if (made.size >= MADE_MAX) made.clear();
    made.set(hash, address);
  }
  return address;
}

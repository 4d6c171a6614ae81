// The address in the QR code of a key: its person's profile, with the digits behind #, which no server sees. A camera
// opens it, and the profile holds the digits against the keys that it knows.

const DIGITS = 30;

/** @param fingerprint six groups of five digits */
export const keyLink = (origin: string, user: string, fingerprint: string): string =>
  `${origin}/person/${user}#key=${fingerprint.replaceAll(' ', '')}`;

/** The fingerprint of such an address, in its groups; null: it has none. */
export function scannedKey(hash: string): string | null {
  const digits = /^#key=(\d+)$/.exec(hash)?.[1];
  if (digits?.length !== DIGITS) return null;
  return digits.match(/\d{5}/g)!.join(' ');
}

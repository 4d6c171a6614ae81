import { expect, test } from 'vitest';
import { keyLink, scannedKey } from './key-link.ts';

const FINGERPRINT = '41907 22613 80054 17738 96120 03482';

test('[SIGN-15] the link of a key carries its digits where no server sees them, and gives them back', () => {
  const link = new URL(keyLink('https://roost.example', 'u-bo', FINGERPRINT));
  expect(link.pathname + link.search).toBe('/person/u-bo');
  expect(scannedKey(link.hash)).toBe(FINGERPRINT);
});

test('what is no key of thirty digits is none', () => {
  for (const hash of ['', '#', '#key=', '#key=123', `#key=${'1'.repeat(31)}`, `#other=${'1'.repeat(30)}`, '#key=%']) {
    expect(scannedKey(hash), hash).toBeNull();
  }
});

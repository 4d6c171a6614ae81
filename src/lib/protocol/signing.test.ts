import { expect, test } from 'vitest';
import { base64url } from './ids.ts';
import { deviceId, fingerprint, fromBase64url, signedBytes } from './signing.ts';

const ROOM = 'r'.repeat(22);
const entry = { id: 'entry-001', type: 'message' as const, author: `u${'a'.repeat(22)}`, sentAt: 1, body: 'hi' };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test('[SIGN-1] what is signed covers the room and every key of the entry but the signature', () => {
  const device = 'd'.repeat(22);
  const signed = signedBytes(ROOM, { ...entry, device, signature: 's'.repeat(86) });
  expect(text(signed)).toBe(
    `roost entry 1\n${ROOM}\n{"author":"${entry.author}","body":"hi","device":"${device}","id":"entry-001","sentAt":1,"type":"message"}`
  );
  const { id, type, author, sentAt, body } = entry;
  expect(signedBytes(ROOM, { body, sentAt, device, author, type, id })).toEqual(signed);
  for (const other of [{ ...entry, body: 'ho' }, { ...entry, sentAt: 2 }, { ...entry, replyTo: 'entry-000' }, entry]) {
    expect(signedBytes(ROOM, other)).not.toEqual(signed);
  }
  expect(signedBytes('s'.repeat(22), { ...entry, device })).not.toEqual(signed);
});

test('[SIGN-2] a key names its device and has a fingerprint of six groups of five digits', () => {
  const key = Uint8Array.from({ length: 32 }, (_, at) => at);
  // SHA-256 of 00 01 … 1f is 630dcd2966c4336691125448bbb25b4f…
  expect(deviceId(key)).toBe(Buffer.from('630dcd2966c4336691125448bbb25b4f', 'hex').toString('base64url'));
  expect(fingerprint(key)).toMatch(/^(\d{5} ){5}\d{5}$/);
  // The first five bytes, 630dcd2966 in hexadecimal, modulo 100,000.
  expect(fingerprint(key).slice(0, 5)).toBe(String(0x630dcd2966 % 100_000).padStart(5, '0'));
  expect(fingerprint(key)).not.toBe(fingerprint(key.map((byte) => byte ^ 1)));
});

test('base64url there and back', () => {
  for (const length of [0, 1, 2, 3, 32, 64]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + 11) % 256);
    expect(fromBase64url(base64url(bytes))).toEqual(bytes);
  }
  expect(fromBase64url('no/base64+url')).toBeNull();
});

import 'fake-indexeddb/auto';
import * as ed25519 from '@noble/ed25519';
import { expect, onTestFinished, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { fromBase64url, signedBytes } from '#protocol/signing.ts';
import { ApiClient } from '../session/api-client.ts';
import { DeviceDb } from '../storage/device-db.ts';
import { wipeUser } from '../storage/wipe.ts';
import { DeviceSigner } from './device-signer.ts';

const ANN = `u${'a'.repeat(22)}`;
const ROOM = 'r'.repeat(22);
const ENTRY: Entry = { id: 'entry-0001', type: 'message', author: ANN, sentAt: 1, body: 'hello' };
let devices = 0;

type Answer = { readonly status: number; readonly body: object };
const TAKEN: Answer = { status: 200, body: { revokedAt: null } };
const INVALID: Answer = { status: 422, body: { code: 'device-invalid' } };

/** A device's database and a server that answers as told, by the number of the request. */
async function setup(answer: (asked: number) => Answer = () => TAKEN) {
  const prefix = `signer${(devices += 1)}`;
  const store = await DeviceDb.open(prefix);
  onTestFinished(() => store.close());
  const keys: string[] = [];
  const api = new ApiClient({
    fetch: async (_path, init) => {
      keys.push((JSON.parse(init?.body as string) as { publicKey: string }).publicKey);
      const { status, body } = answer(keys.length);
      return Response.json(body, { status });
    }
  });
  const open = async (subtle: SubtleCrypto | null = crypto.subtle): Promise<DeviceSigner> => {
    const signer = new DeviceSigner({ user: ANN, store, subtle, api, random: () => 0, changed: () => undefined });
    onTestFinished(() => signer.close());
    await signer.load();
    return signer;
  };
  return { prefix, store, keys, open };
}

async function isProven(entry: Entry, publicKey: Uint8Array): Promise<boolean> {
  return ed25519.verifyAsync(fromBase64url(entry.signature!)!, signedBytes(ROOM, entry), publicKey);
}

test.each([
  ['nobody can read', crypto.subtle, true],
  ['is data, on plain http', null, false]
])('[SIGN-3] a device signs with a key that %s, and with the same after a restart', async (_name, subtle, sealed) => {
  const { open } = await setup();
  const first = await open(subtle);
  expect(first.key?.sealed).toBe(sealed);
  expect(first.key?.stored.kind === 'sealed' && first.key.stored.privateKey.extractable).toBe(false);
  const signed = await first.sign(ROOM, ENTRY);
  expect(signed).toMatchObject({ ...ENTRY, device: first.key!.id });
  expect(await isProven(signed, first.key!.publicKey)).toBe(true);
  expect(await isProven({ ...signed, body: 'other' }, first.key!.publicKey)).toBe(false);
  const second = await open(subtle);
  expect(second.key?.id).toBe(first.key?.id);
  expect(await second.sign(ROOM, ENTRY)).toEqual(signed);
});

test('[SIGN-3] two tabs that start at once have one key', async () => {
  const { open } = await setup();
  const [left, right] = await Promise.all([open(), open()]);
  expect(left.key?.id).toBe(right.key?.id);
});

test('[SIGN-4] nothing is ready to go out before the server knows the key; offline, the next line tells it', async () => {
  let online = false;
  const { open, keys } = await setup(() => (online ? TAKEN : { status: 503, body: { code: 'storage' } }));
  const signer = await open();
  expect(signer.ready).toBe(false);
  await signer.register();
  expect(signer.ready).toBe(false);
  online = true;
  await signer.register();
  expect(signer.ready).toBe(true);
  expect(new Set(keys).size).toBe(1);
  // The next start sends at once.
  expect((await open()).ready).toBe(true);
});

test('[SIGN-5] a key that ended with its session is replaced by a new one, once', async () => {
  const { open, keys } = await setup((asked) => (asked === 1 ? INVALID : TAKEN));
  const signer = await open();
  const before = signer.key!.id;
  await signer.register();
  expect(signer.ready).toBe(true);
  expect(signer.key!.id).not.toBe(before);
  expect(new Set(keys).size).toBe(2);
  expect((await open()).key?.id).toBe(signer.key?.id);
});

test('[SIGN-5] a server that takes no key is left to say so of the entries: two keys, no more', async () => {
  const { open, keys } = await setup(() => INVALID);
  const signer = await open();
  await signer.register();
  expect(signer.ready).toBe(true);
  expect(keys).toHaveLength(2);
});

test('[SIGN-6] an entry refused for its signature is worth three tries, a hundred at once are one', async () => {
  const { open, keys } = await setup();
  const signer = await open();
  const ids = Array.from({ length: 100 }, (_, index) => `entry-${String(index).padStart(4, '0')}`);
  const first = signer.key!.id;
  expect(await Promise.all(ids.map((id) => signer.refused(id)))).not.toContain(false);
  expect(keys).toHaveLength(1);
  expect(signer.key!.id).toBe(first);
  expect(await Promise.all(ids.map((id) => signer.refused(id)))).not.toContain(false);
  expect(keys).toHaveLength(2);
  expect(signer.key!.id).not.toBe(first);
  expect(await signer.refused(ids[0]!)).toBe(true);
  expect(await signer.refused(ids[0]!)).toBe(false);
  signer.forgive(ids[0]!);
  expect(await signer.refused(ids[0]!)).toBe(true);
});

test('[SIGN-6] a tab whose key another tab has replaced takes that one', async () => {
  const { open, store } = await setup();
  const left = await open();
  const right = await open();
  await right.refused('entry-0001');
  await right.refused('entry-0001');
  expect(right.key?.id).not.toBe(left.key?.id);
  await left.refused('entry-0002');
  expect(left.key?.id).toBe(right.key?.id);
  expect((await store.key(ANN))?.id).toBe(right.key?.id);
});

test('[SIGN-7] an ended session keeps the key, to be registered anew; signing out drops it', async () => {
  const { open, store, prefix } = await setup();
  const signer = await open();
  await signer.register();
  await signer.sessionEnded();
  const kept = await open();
  expect(kept).toMatchObject({ ready: false, key: { id: signer.key!.id } });
  await wipeUser(store, prefix, ANN);
  expect(await store.key(ANN)).toBe(null);
  // The other tab hears of it late.
  await kept.sessionEnded();
  expect(await store.key(ANN)).toBe(null);
});

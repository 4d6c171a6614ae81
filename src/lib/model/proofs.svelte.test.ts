import 'fake-indexeddb/auto';
import { flushSync } from 'svelte';
import { expect, onTestFinished, test } from 'vitest';
import type { DeviceInfo } from '#protocol/api/device.ts';
import type { Entry } from '#protocol/entry.ts';
import { base64url, type DeviceId } from '#protocol/ids.ts';
import { signedBytes } from '#protocol/signing.ts';
import { eventually } from '../../../tests/eventually.ts';
import { makeDeviceKey, type DeviceKey } from '../proof/device-key.ts';
import { SignatureChecks, type WorkerLike } from '../proof/signature-checks.ts';
import { ApiClient } from '../session/api-client.ts';
import { UserDb } from '../storage/user-db.ts';
import { DeviceDirectory } from '../sync/device-directory.ts';
import { KeysOfPerson } from './person-keys.svelte.ts';
import { Proofs } from './proofs.ts';

const [ANN, BO] = ['a', 'b'].map((letter) => `u${letter.repeat(22)}`) as [string, string];
const ROOM = 'r'.repeat(22);
let databases = 0;

async function signed(key: DeviceKey, author: string, id = 'entry-0001', room = ROOM): Promise<Entry> {
  const entry: Entry = { id, type: 'message', author, sentAt: 1, body: 'hello', device: key.id };
  return { ...entry, signature: base64url(await key.sign(signedBytes(room, entry))) };
}

const infoOf = (key: DeviceKey, user: string, more: Partial<DeviceInfo> = {}): DeviceInfo => ({
  ...{
    id: key.id,
    user,
    publicKey: base64url(key.publicKey),
    label: 'Firefox on Linux',
    createdAt: 1,
    revokedAt: null
  },
  ...more
});

async function setup(options: { readonly worker?: () => WorkerLike; readonly subtle?: SubtleCrypto | null } = {}) {
  const key = await makeDeviceKey(crypto.subtle);
  const server = { online: true, devices: [infoOf(key, ANN)], asked: [] as string[] };
  const api = new ApiClient({
    fetch: async (path) => {
      if (!server.online) throw new TypeError('offline');
      server.asked.push(path);
      const query = new URL(path, 'http://x').searchParams;
      const [ids, users] = [query.get('ids')?.split(','), query.get('users')?.split(',')];
      return Response.json(server.devices.filter(({ id, user }) => ids?.includes(id) ?? users?.includes(user)));
    }
  });
  const name = `proofs-${(databases += 1)}`;
  const open = () => {
    const db = new UserDb(name, () => undefined);
    const checks = new SignatureChecks(options.worker ?? null, options.subtle === undefined ? crypto.subtle : null);
    const devices = new DeviceDirectory(db, api);
    const proofs = new Proofs(checks);
    proofs.begin(devices);
    onTestFinished(() => {
      checks.close();
      db.close();
    });
    return { db, devices, proofs, proof: (entry: Entry) => proofs.of(ROOM, entry) };
  };
  return { key, server, open };
}

test.each([
  ['by WebCrypto', undefined],
  ['on plain http', null]
])('[SIGN-9] shows what is proven and what is not, %s', async (_how, subtle) => {
  const { key, server, open } = await setup({ subtle: subtle as null });
  const stranger = await makeDeviceKey(crypto.subtle);
  server.devices.push(infoOf(stranger, BO, { revokedAt: 5 }));
  const { proof } = open();
  const good = await signed(key, ANN);
  const gone = await signed(stranger, BO);
  const cases: [Entry, string][] = [
    [good, 'signed'],
    // What a device signed before it was revoked stays proven.
    [gone, 'signed'],
    [{ ...good, body: 'edited' }, 'failed'],
    [{ ...good, signature: `${'A'.repeat(85)}A` }, 'failed'],
    [{ ...good, signature: 'no signature' }, 'failed'],
    [await signed(key, ANN, 'entry-0001', 'q'.repeat(22)), 'failed'],
    // Bo's device cannot speak for Ann.
    [await signed(stranger, ANN), 'failed'],
    [await signed(await makeDeviceKey(crypto.subtle), ANN), 'failed'],
    [{ id: 'entry-0002', type: 'message', author: ANN, sentAt: 1, body: 'beep' }, 'bot'],
    [{ id: 'entry-0003', type: 'message', author: '~someone', sentAt: 1, body: 'once' }, 'none']
  ];
  for (const [entry] of cases) proof(entry);
  await eventually(() => expect(cases.map(([entry]) => proof(entry))).toEqual(cases.map(([, verdict]) => verdict)));
  expect(server.asked).toHaveLength(1);
});

test('[SIGN-9] a verdict that comes late is followed by what shows it, the first time, too', async () => {
  const { key, open } = await setup();
  const entry = await signed(key, ANN);
  const { proof } = open();
  const shown: string[] = [];
  onTestFinished(
    $effect.root(() => {
      $effect(() => void shown.push(proof(entry)));
    })
  );
  flushSync();
  await eventually(() => expect(shown).toEqual(['pending', 'signed']));
});

test('[SIGN-10] keys that were seen are there offline; the others are asked for with the next line', async () => {
  const { key, server, open } = await setup();
  const entry = await signed(key, ANN);
  const first = open();
  first.proof(entry);
  await eventually(() => expect(first.proof(entry)).toBe('signed'));
  server.online = false;
  const other = await makeDeviceKey(crypto.subtle);
  server.devices.push(infoOf(other, BO));
  const unknown = await signed(other, BO);
  const second = open();
  const again = { ...entry };
  second.proof(again);
  second.proof(unknown);
  await eventually(() => expect(second.proof(again)).toBe('signed'));
  expect(second.proof(unknown)).toBe('pending');
  server.online = true;
  second.proofs.lineUp();
  await eventually(() => expect(second.proof(unknown)).toBe('signed'));
});

test('[SIGN-10] a key under an id that is not its own is none', async () => {
  const { key, server, open } = await setup();
  const other = await makeDeviceKey(crypto.subtle);
  server.devices = [infoOf(other, ANN, { id: key.id })];
  const { proof } = open();
  const forged = { ...(await signed(other, ANN)), device: key.id };
  proof(forged);
  await eventually(() => expect(proof(forged)).toBe('failed'));
});

test('[SIGN-11] a worker that does not start, or fails, costs nothing but its help', async () => {
  const failing: WorkerLike = {
    ...{ onmessage: null, onerror: null, terminate: () => undefined },
    postMessage: () => queueMicrotask(() => failing.onerror?.({} as ErrorEvent))
  };
  const refused = (): never => {
    throw new DOMException('no workers here', 'SecurityError');
  };
  for (const worker of [() => failing, refused]) {
    const { key, open } = await setup({ worker });
    const [one, two] = [await signed(key, ANN), await signed(key, ANN, 'entry-0002')];
    const { proof } = open();
    proof(one);
    await eventually(() => expect(proof(one)).toBe('signed'));
    proof(two);
    await eventually(() => expect(proof(two)).toBe('signed'));
  }
});

test('[SIGN-13] a key that comes after one compared is called new until it is compared itself; older ones and revoked are not', async () => {
  const { server, open, key } = await setup();
  const early = await makeDeviceKey(crypto.subtle);
  server.devices.push(infoOf(early, ANN, { createdAt: 2 }));
  const { db, devices } = open();
  const look = async (): Promise<KeysOfPerson> => {
    const keys = new KeysOfPerson(ANN, db, devices);
    await eventually(() => expect(keys.status).toBe('ready'));
    return keys;
  };
  let keys = await look();
  expect(keys.comparison).toBe('none');
  await keys.setVerified(key.id, true);
  expect(keys.comparison).toBe('some');
  const [late, gone, later] = [
    await makeDeviceKey(crypto.subtle),
    await makeDeviceKey(crypto.subtle),
    await makeDeviceKey(crypto.subtle)
  ];
  server.devices.push(infoOf(late, ANN, { createdAt: 3 }), infoOf(gone, ANN, { createdAt: 4, revokedAt: 5 }));
  keys = await look();
  expect(keys.comparison).toBe('new');
  expect(keys.devices.filter(({ isNew }) => isNew).map(({ id }) => id)).toEqual([late.id]);
  server.devices.push(infoOf(later, ANN, { createdAt: 6 }));
  keys = await look();
  await keys.setVerified(late.id, true);
  expect(keys.comparison, 'one of two new ones was compared').toBe('new');
  await keys.setVerified(later.id, true);
  expect(keys.comparison).toBe('some');
  await keys.setVerified(early.id, true);
  expect(keys.comparison).toBe('all');
  server.online = false;
  const cold = new KeysOfPerson(ANN, db, devices);
  await eventually(() => expect(cold.status).toBe('offline'));
  expect(cold.comparison).toBe('all');
});

test('[SIGN-14] keys that proved messages are shown offline, though the profile was never opened', async () => {
  const { server, open, key } = await setup();
  const { db, devices } = open();
  await devices.find([key.id]);
  server.online = false;
  const keys = new KeysOfPerson(ANN, db, devices);
  await eventually(() => expect(keys.status).toBe('offline'));
  expect(keys.devices).toMatchObject([{ id: key.id, verified: false, isNew: false }]);
  const others = new KeysOfPerson(BO, db, devices);
  await eventually(() => expect(others.status).toBe('offline'));
  expect(others.devices).toEqual([]);
});

test('[SIGN-12] a person’s keys can be compared; what was compared is remembered on this device, offline too', async () => {
  const { key, server, open } = await setup();
  const first = open();
  const keys = new KeysOfPerson(ANN, first.db, first.devices);
  await eventually(() => expect(keys.status).toBe('ready'));
  expect(keys.devices).toMatchObject([{ id: key.id, label: 'Firefox on Linux', verified: false, revokedAt: null }]);
  expect(keys.devices[0]!.fingerprint).toMatch(/^(\d{5} ){5}\d{5}$/);
  const device: DeviceId = key.id;
  await keys.setVerified(device, true);
  server.online = false;
  const second = open();
  const later = new KeysOfPerson(ANN, second.db, second.devices);
  await eventually(() => expect(later.status).toBe('offline'));
  expect(later.devices).toMatchObject([{ id: key.id, verified: true }]);
});

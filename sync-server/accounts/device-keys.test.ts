import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { deviceId } from '#protocol/signing.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { Store } from '../store/store.ts';
import { Accounts } from './accounts.ts';
import { DeviceKeys } from './device-keys.ts';
import { PasswordHasher } from './password-hasher.ts';
import { Sessions } from './sessions.ts';
import { PushSubscriptions } from '../push/push-subscriptions.ts';

async function setupDevices() {
  const disk = new MemoryDisk();
  const store = await Store.inMemory(disk);
  let at = 1_700_000_000_000;
  const now = () => at;
  const { kv } = store;
  const accounts = await Accounts.open({ kv, now, hasher: new PasswordHasher({ memoryKiB: 64, passes: 1 }) });
  const devices = await DeviceKeys.open({ kv, now });
  const push = await PushSubscriptions.open(kv);
  const sessions = new Sessions({ kv, accounts, devices, push, now });
  const signIn = async (name: string) => {
    const account = await accounts.byName(name);
    if (account) return sessions.start(account, 'cookie');
    const made = await accounts.create({ name, password: 'correct horse', admin: false });
    if (made === 'not-first' || !made.ok) throw new Error(JSON.stringify(made));
    return sessions.start(made.account, 'cookie');
  };
  return {
    ...{ disk, kv, now, devices, sessions, accounts, signIn },
    pass: (ms: number) => (at += ms),
    [Symbol.asyncDispose]: () => store.close()
  };
}

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const x = publicKey.export({ format: 'jwk' }).x!;
  return { x, id: deviceId(Buffer.from(x, 'base64url')), privateKey };
}

test('[DEV-1] a registered key is there at once, proves what its device signed, and is there after a restart', async () => {
  await using fixture = await setupDevices();
  const { devices, signIn, kv, now } = fixture;
  const { session } = await signIn('ann');
  const key = newKey();
  expect(devices.get(key.id)).toBeNull();
  expect(await devices.register(session, 'Firefox on Linux', key.x)).toMatchObject({
    ok: true,
    device: { id: key.id, user: session.user.id, label: 'Firefox on Linux', revokedAt: null }
  });
  for (const registry of [devices, await DeviceKeys.open({ kv, now })]) {
    const found = registry.get(key.id)!;
    expect(found).toMatchObject({ user: session.user.id, session: session.id, revokedAt: null });
    const bytes = Buffer.from('an entry');
    expect(verify(null, bytes, found.publicKey, sign(null, bytes, key.privateKey))).toBe(true);
    expect(verify(null, Buffer.from('another'), found.publicKey, sign(null, bytes, key.privateKey))).toBe(false);
  }
});

test('[DEV-2] a key belongs to one person: the same again is success, another’s is refused', async () => {
  await using fixture = await setupDevices();
  const { devices, signIn } = fixture;
  const [ann, bo] = [await signIn('ann'), await signIn('bo')];
  const { x, id } = newKey();
  const first = await devices.register(ann.session, 'one', x);
  expect(await devices.register(ann.session, 'one', x)).toEqual(first);
  expect(await devices.register(bo.session, 'two', x)).toMatchObject({ ok: false });
  expect(devices.get(id)?.user).toBe(ann.session.user.id);
  expect(devices.ofUsers([bo.session.user.id])).toEqual([]);
});

test.each(['', 'x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}B`, `${'A'.repeat(43)}=`, '+'.repeat(43)])(
  '[DEV-2] %j is no key',
  async (x) => {
    await using fixture = await setupDevices();
    const { session } = await fixture.signIn('ann');
    expect(await fixture.devices.register(session, '', x)).toMatchObject({ ok: false });
    expect(fixture.devices.ofUsers([session.user.id])).toEqual([]);
  }
);

test('[DEV-3] with its session a key is revoked, in the same write, and is never in use again', async () => {
  await using fixture = await setupDevices();
  const { devices, sessions, signIn, disk, kv, now } = fixture;
  const [here, there] = [await signIn('ann'), await signIn('ann')];
  const [key, other] = [newKey(), newKey()];
  await devices.register(here.session, '', key.x);
  await devices.register(there.session, '', other.x);
  fixture.pass(1_000);
  const before = disk.batches.length;
  await sessions.end(here.session.user.id, here.session.id, 'revoked');
  expect(disk.batches.length).toBe(before + 1);
  for (const registry of [devices, await DeviceKeys.open({ kv, now })]) {
    expect(registry.get(key.id)?.revokedAt).toBe(now());
    expect(registry.get(other.id)?.revokedAt).toBeNull();
  }
  const again = await signIn('ann');
  expect(await devices.register(again.session, '', key.x)).toMatchObject({ ok: false });
  expect(devices.get(key.id)?.revokedAt).toBe(now());
});

test('[DEV-3] sign-out, password change, revoking all others and expiry each revoke the keys of what they end', async () => {
  await using fixture = await setupDevices();
  const { devices, sessions, signIn, pass } = fixture;
  const withKey = async () => {
    const { session } = await signIn('ann');
    const { x, id } = newKey();
    await devices.register(session, '', x);
    return { session, id };
  };
  const stays = await withKey();
  const user = stays.session.user.id;
  for (const end of [
    (id: string) => sessions.end(user, id, 'revoked'),
    () => sessions.endCookies(user, 'password', stays.session.id),
    () => sessions.endAll(user, 'revoked', stays.session.id)
  ]) {
    const { session, id } = await withKey();
    await end(session.id);
    expect(devices.get(id)?.revokedAt).not.toBeNull();
    expect(devices.get(stays.id)?.revokedAt).toBeNull();
  }
  pass(31 * 24 * 3_600_000);
  await sessions.removeExpired();
  expect(devices.get(stays.id)?.revokedAt).not.toBeNull();
});

test('a key that is being registered while its session ends is revoked with it', async () => {
  await using fixture = await setupDevices();
  const { devices, sessions, signIn, disk } = fixture;
  const { session } = await signIn('ann');
  const { x, id } = newKey();
  const release = disk.hold();
  const registering = devices.register(session, '', x);
  const ending = sessions.end(session.user.id, session.id, 'revoked');
  release();
  await Promise.all([registering, ending]);
  expect(devices.get(id)?.revokedAt).not.toBeNull();
});

test('a key that moved to a later session of the same browser outlives the earlier one', async () => {
  await using fixture = await setupDevices();
  const { devices, sessions, signIn } = fixture;
  const [first, second] = [await signIn('ann'), await signIn('ann')];
  const { x, id } = newKey();
  await devices.register(first.session, '', x);
  await devices.register(second.session, '', x);
  await sessions.end(first.session.user.id, first.session.id, 'revoked');
  expect(devices.get(id)).toMatchObject({ session: second.session.id, revokedAt: null });
});

test('a session has eight keys in use: a ninth revokes the oldest', async () => {
  await using fixture = await setupDevices();
  const { devices, signIn, pass } = fixture;
  const { session } = await signIn('ann');
  const keys = Array.from({ length: 9 }, newKey);
  for (const { x } of keys) {
    await devices.register(session, '', x);
    pass(1);
  }
  expect(keys.map(({ id }) => devices.get(id)?.revokedAt === null)).toEqual([false, ...Array<boolean>(8).fill(true)]);
});

test('after a failed write memory is as the disk is', async () => {
  await using fixture = await setupDevices();
  const { devices, signIn, disk } = fixture;
  const { session } = await signIn('ann');
  const { x, id } = newKey();
  disk.failNextBatch({ applied: false });
  await expect(devices.register(session, '', x)).rejects.toThrow();
  expect(devices.get(id)).toBeNull();
});

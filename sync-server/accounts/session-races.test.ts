// What happens to sessions at the same moment: none outlives the end of them all, and none comes back.

import { expect, test } from 'vitest';
import { HeldReads } from '../rooms/testing/held-reads.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { Store } from '../store/store.ts';
import { Accounts } from './accounts.ts';
import { DeviceKeys } from './device-keys.ts';
import { PasswordHasher } from './password-hasher.ts';
import { Sessions } from './sessions.ts';
import { PushSubscriptions } from '../push/push-subscriptions.ts';

const HOUR_MS = 3_600_000;
const OLD = 'correct horse';

async function setupSessions() {
  const disk = new MemoryDisk();
  const store = await Store.inMemory(disk);
  const reads = new HeldReads();
  const kv = reads.over(store.kv);
  let at = 1_700_000_000_000;
  const now = () => at;
  const accounts = await Accounts.open({ kv, now, hasher: new PasswordHasher({ memoryKiB: 64, passes: 1 }) });
  const push = await PushSubscriptions.open(kv);
  const sessions = new Sessions({ kv, accounts, devices: await DeviceKeys.open({ kv, now }), push, now });
  const made = await accounts.create({ name: 'Ann', password: OLD, admin: false });
  if (made === 'not-first' || !made.ok) throw new Error('no account');
  const ann = made.account;
  const changePassword = async (password: string): Promise<void> => {
    await accounts.setPassword(ann.id, password);
    await sessions.endCookies(ann.id, 'password');
  };
  const isAlive = async (token: string): Promise<boolean> => (await sessions.byCookie(`roost=${token}`)) !== null;
  return {
    ...{ disk, reads, accounts, sessions, ann, changePassword, isAlive },
    pass: (ms: number) => (at += ms),
    [Symbol.asyncDispose]: () => store.close()
  };
}

/** Long enough for whatever does not wait for the test. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('[ACCT-21] whoever proved the old password before it changed gets no session after it', async () => {
  await using fixture = await setupSessions();
  const { accounts, sessions, changePassword } = fixture;
  const proven = await accounts.withPassword('Ann', OLD);
  await changePassword('another horse');
  expect(await sessions.signIn(proven!, 'Thief')).toBeNull();
  expect(await sessions.signIn((await accounts.withPassword('Ann', 'another horse'))!, 'Ann')).not.toBeNull();
});

test('[ACCT-21] a password that changes while it is checked is wrong', async () => {
  await using fixture = await setupSessions();
  const { accounts, reads, changePassword } = fixture;
  const held = reads.next('account/');
  const proving = accounts.withPassword('Ann', OLD);
  await held.reached;
  await changePassword('another horse');
  held.release();
  expect(await proving).toBeNull();
});

test('[ACCT-21] a session that is being written while the password changes ends with the others', async () => {
  await using fixture = await setupSessions();
  const { accounts, sessions, disk, changePassword, isAlive } = fixture;
  const proven = await accounts.withPassword('Ann', OLD);
  const release = disk.hold();
  const starting = sessions.signIn(proven!, 'Thief');
  const changing = changePassword('another horse');
  await someTurns();
  release();
  await changing;
  const started = await starting;
  expect(started === null || !(await isAlive(started.token))).toBe(true);
});

test('[ACCT-21] nobody who was suspended while they signed in has a session, also once they are let back in', async () => {
  await using fixture = await setupSessions();
  const { accounts, sessions, ann } = fixture;
  const proven = await accounts.withPassword('Ann', OLD);
  await accounts.setSuspended(ann.id, true);
  await sessions.endAll(ann.id, 'revoked');
  expect(await sessions.signIn(proven!, 'Thief')).toBeNull();
});

test('[ACCT-22] a session that ends while its life is renewed does not come back', async () => {
  await using fixture = await setupSessions();
  const { sessions, reads, ann, pass, isAlive } = fixture;
  const { session, token } = await sessions.start(ann, 'cookie');
  pass(2 * HOUR_MS);
  const found = reads.next('session/');
  const used = sessions.byCookie(`roost=${token}`);
  await found.reached;
  const renewed = reads.next('session/');
  found.release();
  await renewed.reached;
  const ending = sessions.end(ann.id, session.id, 'revoked');
  await Promise.race([ending, someTurns()]);
  renewed.release();
  await Promise.all([used, ending]);
  expect(await isAlive(token)).toBe(false);
});

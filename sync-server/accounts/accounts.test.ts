import { expect, test } from 'vitest';
import { MemoryDisk } from '../store/memory-disk.ts';
import { Store } from '../store/store.ts';
import { Accounts } from './accounts.ts';
import { DeviceKeys } from './device-keys.ts';
import { PasswordHasher } from './password-hasher.ts';
import { SESSION_LIFE_MS, SESSION_MAX_MS, Sessions } from './sessions.ts';
import { PushSubscriptions } from '../push/push-subscriptions.ts';
import { SetUp } from './set-up.ts';

async function setupAccounts(disk = new MemoryDisk()) {
  const store = await Store.inMemory(disk);
  let at = 1_700_000_000_000;
  const now = () => at;
  const { kv } = store;
  const accounts = await Accounts.open({ kv, now, hasher: new PasswordHasher({ memoryKiB: 64, passes: 1 }) });
  const devices = await DeviceKeys.open({ kv, now });
  const push = await PushSubscriptions.open(kv);
  const sessions = new Sessions({ kv, accounts, devices, push, now });
  const make = async (name: string) => {
    const outcome = await accounts.create({ name, password: 'correct horse', admin: false });
    if (outcome === 'not-first' || !outcome.ok) throw new Error(JSON.stringify(outcome));
    return outcome.account;
  };
  return {
    store,
    disk,
    accounts,
    devices,
    sessions,
    setUp: new SetUp({ kv, accounts }),
    make,
    pass: (ms: number) => (at += ms),
    [Symbol.asyncDispose]: () => store.close()
  };
}

const cookie = (token: string) => `roost=${token}`;

test('[ACCT-1] of two who take the same name at once, one gets it', async () => {
  await using fixture = await setupAccounts();
  const { accounts } = fixture;
  const outcomes = await Promise.all(
    ['Ann', 'ANN', 'ann'].map((name) => accounts.create({ name, password: 'correct horse', admin: false }))
  );
  expect(outcomes.filter((outcome) => outcome !== 'not-first' && outcome.ok)).toHaveLength(1);
  expect(
    outcomes.filter((outcome) => outcome !== 'not-first' && !outcome.ok && outcome.code === 'name-taken')
  ).toHaveLength(2);
});

test('[ACCT-3] a password has 8 characters at least, 256 at most', async () => {
  await using fixture = await setupAccounts();
  for (const password of ['1234567', 'x'.repeat(257)]) {
    const outcome = await fixture.accounts.create({ name: 'ann', password, admin: false });
    expect(outcome).toMatchObject({ ok: false, code: 'password-weak' });
  }
  expect(await fixture.accounts.any()).toBe(false);
});

test('[ACCT-4] of two who use the set-up link at once, one becomes the administrator', async () => {
  await using fixture = await setupAccounts();
  const { setUp, accounts } = fixture;
  const token = (await setUp.open())!;
  const outcomes = await Promise.all(['ann', 'bo'].map((name) => setUp.use(token, name, 'correct horse')));
  expect(outcomes.filter((outcome) => outcome === 'setup-invalid')).toHaveLength(1);
  expect(await accounts.eldest()).toMatchObject({ admin: true });
  expect(await setUp.open()).toBeNull();
  expect(await setUp.use(token, 'cy', 'correct horse')).toBe('setup-invalid');
});

test('[ACCT-4] a new start makes a new set-up link, and the earlier one is worth nothing', async () => {
  await using fixture = await setupAccounts();
  const { setUp } = fixture;
  const earlier = (await setUp.open())!;
  const later = (await setUp.open())!;
  expect(await setUp.use(earlier, 'ann', 'correct horse')).toBe('setup-invalid');
  expect(await setUp.use(later, 'ann', 'correct horse')).toMatchObject({ ok: true });
});

test('a set-up that fails for its name or password leaves the link good', async () => {
  await using fixture = await setupAccounts();
  const token = (await fixture.setUp.open())!;
  expect(await fixture.setUp.use(token, 'ann', 'short')).toMatchObject({ ok: false });
  expect(await fixture.setUp.use(token, 'ann', 'correct horse')).toMatchObject({ ok: true });
});

test('[ACCT-5] no secret is in the store: passwords, session tokens, the set-up token', async () => {
  await using fixture = await setupAccounts();
  const setupToken = (await fixture.setUp.open())!;
  const ann = await fixture.make('ann');
  const { token } = await fixture.sessions.start(ann, 'cookie');
  const stored = fixture.disk.batches
    .flatMap(({ operations }) => operations)
    .map((operation) => operation.key + (operation.type === 'put' ? new TextDecoder().decode(operation.value) : ''))
    .join('\n');
  expect(stored).toContain('ann');
  for (const secret of [setupToken, token, 'correct horse']) expect(stored).not.toContain(secret);
});

test('[ACCT-6] a session that is used within 30 days lives on, one that is not ends', async () => {
  await using fixture = await setupAccounts();
  const { sessions, pass } = fixture;
  const { token } = await sessions.start(await fixture.make('ann'), 'cookie');
  for (let i = 0; i < 5; i++) {
    pass(SESSION_LIFE_MS - 1);
    expect(await sessions.findByCookie(cookie(token))).toMatchObject({ renewed: token });
  }
  expect(await sessions.findByCookie(cookie(token)), 'renewed just now').toMatchObject({ renewed: null });
  pass(SESSION_LIFE_MS);
  expect(await sessions.byCookie(cookie(token))).toBeNull();
});

test('[ACCT-6] a bearer token does not expire, and is none as a cookie; nor is a cookie a token', async () => {
  await using fixture = await setupAccounts();
  const { sessions, pass } = fixture;
  const ann = await fixture.make('ann');
  const bot = await sessions.start(ann, 'token');
  const browser = await sessions.start(ann, 'cookie');
  expect(await sessions.byToken(browser.token)).toBeNull();
  expect(await sessions.byCookie(cookie(bot.token))).toBeNull();
  pass(10 * SESSION_LIFE_MS);
  expect(await sessions.byToken(bot.token)).toMatchObject({ user: { id: ann.id }, kind: 'token' });
});

test('[ACCT-6] what has expired is swept away, what has not stays', async () => {
  await using fixture = await setupAccounts();
  const { sessions, pass, store } = fixture;
  const ann = await fixture.make('ann');
  await sessions.start(ann, 'cookie');
  const bot = await sessions.start(ann, 'token');
  pass(SESSION_LIFE_MS);
  const fresh = await sessions.start(ann, 'cookie');
  await sessions.removeExpired();
  const left: string[] = [];
  for await (const [key] of store.kv.range({ gte: 'session', lt: 'sessionz' })) left.push(key);
  expect(left.filter((key) => key.startsWith('session/'))).toHaveLength(2);
  expect(left.filter((key) => key.startsWith('session-of/'))).toHaveLength(2);
  expect(await sessions.byToken(bot.token)).not.toBeNull();
  expect(await sessions.byCookie(cookie(fresh.token))).not.toBeNull();
});

test('an ended session is over at once, and whoever holds its sockets is told once it is durable', async () => {
  await using fixture = await setupAccounts();
  const { sessions } = fixture;
  const ann = await fixture.make('ann');
  const { session, token } = await sessions.start(ann, 'cookie');
  const ended: string[] = [];
  const stop = sessions.onEnded((id) => ended.push(id));
  const release = fixture.disk.hold();
  const ending = sessions.end(ann.id, session.id, 'revoked');
  expect(ended).toEqual([]);
  release();
  await ending;
  expect(ended).toEqual([session.id]);
  expect(await sessions.byCookie(cookie(token))).toBeNull();
  stop();
});

test('nobody ends a session that is not theirs', async () => {
  await using fixture = await setupAccounts();
  const { sessions } = fixture;
  const [ann, bo] = [await fixture.make('ann'), await fixture.make('bo')];
  const { session, token } = await sessions.start(ann, 'cookie');
  await sessions.end(bo.id, session.id, 'revoked');
  expect(await sessions.byCookie(cookie(token))).not.toBeNull();
});

test('[ACCT-7] another password ends the sessions of browsers and leaves bearer tokens', async () => {
  await using fixture = await setupAccounts();
  const { accounts, sessions } = fixture;
  const ann = await fixture.make('ann');
  const browser = await sessions.start(ann, 'cookie');
  const bot = await sessions.start(ann, 'token');
  await accounts.setPassword(ann.id, 'another horse');
  await sessions.endCookies(ann.id, 'password');
  expect(await sessions.byCookie(cookie(browser.token))).toBeNull();
  expect(await sessions.byToken(bot.token)).not.toBeNull();
  expect(await accounts.withPassword('ann', 'correct horse')).toBeNull();
  expect(await accounts.withPassword('Ann', 'another horse')).toMatchObject({ id: ann.id });
});

test('over HTTPS the unprotected cookie counts for nothing', async () => {
  await using fixture = await setupAccounts();
  const { sessions } = fixture;
  const { token } = await sessions.start(await fixture.make('ann'), 'cookie');
  expect(await sessions.byCookie(`roost=${token}`, true)).toBeNull();
  expect(await sessions.byCookie(`__Host-roost=${token}`, true)).not.toBeNull();
  expect(await sessions.byCookie(`theme=dark; roost=${token}`, false)).not.toBeNull();
});

test.each(['', 'roost=', 'roost=%E0%A4%A', 'roost=x', `roost=${'a'.repeat(43)}`, '=;;=;', 'x'.repeat(100_000)])(
  'a cookie header of %j signs nobody in and breaks nothing',
  async (header) => {
    await using fixture = await setupAccounts();
    expect(await fixture.sessions.byCookie(header)).toBeNull();
  }
);

test('[ACCT-6] however it is used, a session ends after 180 days, and its keys with it', async () => {
  await using fixture = await setupAccounts();
  const { sessions, pass } = fixture;
  const { token } = await sessions.start(await fixture.make('ann'), 'cookie');
  for (let day = 0; day < 179; day += 10) {
    expect(await sessions.byCookie(cookie(token)), `day ${day}`).not.toBeNull();
    pass(SESSION_MAX_MS / 18);
  }
  expect(await sessions.byCookie(cookie(token))).toBeNull();
});

test('[ACCT-14] of two names that look alike, one is taken', async () => {
  await using fixture = await setupAccounts();
  const { accounts, make } = fixture;
  await make('Iris');
  const scope = await make('scope');
  for (const name of ['lris', 'IRIS', 'ѕсоре', 'sc0pe']) {
    const outcome = await accounts.create({ name, password: 'correct horse', admin: false });
    expect(outcome, name).toMatchObject({ ok: false, code: 'name-taken' });
  }
  expect(await accounts.byName('SCOPE')).toMatchObject({ id: scope.id });
});

test('[ACCT-16] a suspended person has no session, and gets them back with what they had', async () => {
  await using fixture = await setupAccounts();
  const { accounts, sessions, make } = fixture;
  const ann = await make('ann');
  const { token } = await sessions.start(ann, 'cookie');
  await accounts.setSuspended(ann.id, true);
  expect(await sessions.byCookie(cookie(token))).toBeNull();
  expect(await accounts.withPassword('ann', 'correct horse')).toMatchObject({ suspended: true });
  expect(await accounts.withPassword('ann', 'wrong horse')).toBeNull();
  await accounts.setSuspended(ann.id, false);
  expect(await sessions.byCookie(cookie(token))).not.toBeNull();
});

test('[ACCT-17] a deleted account is a person without a name, whose name nobody gets, after a restart either', async () => {
  const disk = new MemoryDisk();
  const ids: string[] = [];
  {
    await using fixture = await setupAccounts(disk);
    const { accounts, sessions } = fixture;
    const ann = await fixture.make('Ann of Gables');
    const { token } = await sessions.start(ann, 'cookie');
    await accounts.setProfile(ann.id, { displayName: 'Anne', status: 'away' });
    expect(await accounts.delete(ann.id)).toMatchObject({ deleted: true, name: '', displayName: '', status: '' });
    expect(await sessions.byCookie(cookie(token))).toBeNull();
    expect(await accounts.setPassword(ann.id, 'another horse')).toBeNull();
    ids.push(ann.id);
  }
  await using fixture = await setupAccounts(disk);
  const { accounts } = fixture;
  expect(await accounts.byIds(ids)).toMatchObject([{ deleted: true, name: '' }]);
  expect(await accounts.byName('Ann of Gables')).toBeNull();
  expect(await accounts.withPassword('Ann of Gables', 'correct horse')).toBeNull();
  expect(accounts.search('ann', 20)).toEqual([]);
  for (const name of ['ann of gables', 'Ann of GabIes']) {
    const outcome = await accounts.create({ name, password: 'correct horse', admin: false });
    expect(outcome, name).toMatchObject({ ok: false, code: 'name-taken' });
  }
  for await (const [key, value] of fixture.store.kv.range({})) {
    expect(key + new TextDecoder().decode(value)).not.toContain('Gables');
  }
});

test('[ACCT-18] of two administrators who end each other at once, one stays', async () => {
  await using fixture = await setupAccounts();
  const { accounts } = fixture;
  const ids: string[] = [];
  for (const name of ['ann', 'bo']) {
    const made = await accounts.create({ name, password: 'correct horse', admin: true });
    if (made === 'not-first' || !made.ok) throw new Error('not made');
    ids.push(made.account.id);
  }
  const [ann, bo] = ids as [string, string];
  const outcomes = await Promise.all([accounts.setAdmin(ann, false), accounts.delete(bo)]);
  expect(outcomes.filter((outcome) => outcome === 'last-administrator')).toHaveLength(1);
  expect(accounts.isAdmin(ann)).toBe(false);
  expect(accounts.isAdmin(bo)).toBe(true);
  expect(await accounts.setSuspended(bo, true)).toBe('last-administrator');
});

test('people are found by how their name, or a word of what they are called, begins', async () => {
  await using fixture = await setupAccounts();
  const { accounts, make } = fixture;
  for (const name of ['Anna', 'Ann', 'Bo', 'Cy']) await make(name);
  const bo = (await accounts.byName('bo'))!;
  await accounts.setProfile(bo.id, { displayName: 'Mr Anderson' });
  const names = (query: string, limit = 20) => accounts.search(query, limit).map(({ name }) => name);
  expect(names('an')).toEqual(['Ann', 'Anna', 'Bo']);
  expect(names('ＡＮＮ')).toEqual(['Ann', 'Anna']);
  expect(names('an', 1)).toEqual(['Ann']);
  expect(names('')).toEqual([]);
  expect(names('nn')).toEqual([]);
  const pages = [accounts.page('', null, 3)];
  pages.push(accounts.page('', pages[0]!.at(-1)!.id, 3));
  expect(pages.map((page) => page.map(({ name }) => name))).toEqual([['Ann', 'Anna', 'Bo'], ['Cy']]);
});

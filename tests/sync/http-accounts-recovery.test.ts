// Coming back into an account, and its end, over HTTP.

import { describe, expect, test } from 'vitest';
import { AccountActs } from '../../sync-server/accounts/account-acts.ts';
import { DEFAULT_LIMITS } from '../../sync-server/config.ts';
import { PASSWORD, cookieOf } from './http-fixture.ts';
import { NEW_PASSWORD, setupPeople } from './http-people.ts';

describe('recovery', () => {
  async function setupCodes(config: Parameters<typeof setupPeople>[0] = {}) {
    const fixture = await setupPeople(config);
    const { call, bo } = fixture;
    const made = await call('POST', '/api/recovery-codes', { cookie: bo.cookie, body: { password: PASSWORD } });
    const { codes } = made.body as { codes: string[] };
    const recover = (name: string, code: string, password = NEW_PASSWORD) =>
      call('POST', '/api/recovery', { body: { name, code, password } });
    return { ...fixture, codes, recover };
  }

  test('[RECO-1] ten codes, each opens the account once, sets the password and ends every session', async () => {
    await using fixture = await setupCodes();
    const { codes, recover, alive, bo, signIn, call, issueToken, disk } = fixture;
    expect(new Set(codes).size).toBe(10);
    const token = await issueToken(bo);
    const answer = await recover('BO', codes[3]!.toUpperCase().replaceAll('-', ' '));
    expect(answer).toMatchObject({ status: 200, body: { name: 'Bo' } });
    expect(await alive(cookieOf(answer))).toBe(true);
    expect(await alive(bo.cookie)).toBe(false);
    expect((await call('GET', '/api/me', { token })).status).toBe(401);
    expect((await signIn('Bo', NEW_PASSWORD)).status).toBe(200);
    expect((await recover('Bo', codes[3]!)).body).toMatchObject({ code: 'recovery-invalid' });
    const cookie = cookieOf(answer);
    expect((await call('GET', '/api/account', { cookie })).body).toEqual({ hasPassword: true, recoveryCodesLeft: 9 });
    expect((await call('GET', '/api/recovery-codes', { cookie })).body).toEqual({ left: 9 });
    const stored = disk.batches.flatMap(({ operations }) => operations);
    const bytes = stored.map((op) => op.key + (op.type === 'put' ? new TextDecoder().decode(op.value) : '')).join('\n');
    for (const code of codes) expect(bytes).not.toContain(code);
  });

  test('[RECO-1] of two who use one code at once, one gets in', async () => {
    await using fixture = await setupCodes();
    const { codes, recover, signIn } = fixture;
    const passwords = ['first horse battery', 'second horse battery'];
    const answers = await Promise.all(passwords.map((password) => recover('Bo', codes[0]!, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const winner = passwords[answers.findIndex(({ status }) => status === 200)]!;
    expect((await signIn('Bo', winner)).status).toBe(200);
  });

  test('[RECO-1] new codes make the old ones void, and need the password', async () => {
    await using fixture = await setupCodes();
    const { codes, recover, call, bo } = fixture;
    const renew = (password: string | null) =>
      call('POST', '/api/recovery-codes', { cookie: bo.cookie, body: { password } });
    expect((await renew('not it at all')).body).toMatchObject({ code: 'wrong-credentials' });
    expect((await renew(PASSWORD)).status).toBe(200);
    expect((await recover('Bo', codes[0]!)).body).toMatchObject({ code: 'recovery-invalid' });
  });

  test('[RECO-2] a wrong code, another’s code, an unknown name and an account without codes answer alike', async () => {
    await using fixture = await setupCodes();
    const { codes, recover } = fixture;
    const answers = [
      await recover('Bo', '0000-0000-0000-0000'),
      await recover('Nobody', codes[0]!),
      await recover('Ann', codes[0]!),
      await recover('Bo', ''),
      await recover('\u202E', 'x')
    ];
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'recovery-invalid' } });
  });

  test('[RECO-2] a weak password is refused before anything is used up, whoever asks', async () => {
    await using fixture = await setupCodes();
    const { codes, recover } = fixture;
    const answers = [await recover('Bo', codes[0]!, 'password'), await recover('Nobody', 'x', 'password')];
    expect(answers[0]!.text).toBe(answers[1]!.text);
    expect(answers[0]!.body).toMatchObject({ code: 'password-weak' });
    expect((await recover('Bo', codes[0]!)).status).toBe(200);
  });

  test('[RECO-3] an administrator’s link works once, within 15 minutes', async () => {
    await using fixture = await setupPeople();
    const { call, server, bo, pass, signIn } = fixture;
    const use = (token: string, password = NEW_PASSWORD) =>
      call('POST', '/api/recovery', { body: { token, password } });
    const { token, expiresAt } = await server.core.recovery.link(bo.me.id);
    expect(expiresAt).toBeGreaterThan(0);
    expect((await use(token, 'short')).body).toMatchObject({ code: 'password-weak' });
    const answers = await Promise.all([use(token), use(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await signIn('Bo', NEW_PASSWORD)).status).toBe(200);
    const late = await server.core.recovery.link(bo.me.id);
    pass(15 * 60_000);
    expect((await use(late.token)).body).toMatchObject({ code: 'recovery-invalid' });
    expect((await use('x'.repeat(43))).body).toMatchObject({ code: 'recovery-invalid' });
  });

  test('[RECO-4] tries are limited for each name and address, with Retry-After', async () => {
    const recoveryPerAccount = { times: 3, perMs: 3_600_000 };
    const recoveryPerAddress = { times: 6, perMs: 3_600_000 };
    await using fixture = await setupCodes({ limits: { ...DEFAULT_LIMITS, recoveryPerAccount, recoveryPerAddress } });
    const { codes, recover } = fixture;
    for (let i = 0; i < 3; i++) expect((await recover('Bo', 'wrong')).status).toBe(401);
    const limited = await recover('Bo', codes[0]!);
    expect(limited.body).toMatchObject({ code: 'rate-limited' });
    expect(limited.headers.get('retry-after')).toBe('1200');
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await recover(`Nobody ${i}`, 'wrong')).status);
    expect(statuses).toEqual([401, 401, 429]);
  });

  test('[ACCT-16] a suspended person does not come back by recovery, and their code stays good', async () => {
    await using fixture = await setupCodes();
    const { codes, recover, server, bo } = fixture;
    await server.core.acts.suspend(bo.me.id);
    expect((await recover('Bo', codes[0]!)).body).toMatchObject({ status: 403, code: 'suspended' });
    expect((await recover('Bo', 'wrong')).body).toMatchObject({ code: 'recovery-invalid' });
    await server.core.acts.resume(bo.me.id);
    expect((await recover('Bo', codes[0]!)).status).toBe(200);
  });
});

test('[ACCT-16] a suspended person learns so by the right password alone', async () => {
  await using fixture = await setupPeople();
  const { server, bo, signIn, issueToken, call } = fixture;
  const token = await issueToken(bo);
  await server.core.acts.suspend(bo.me.id);
  expect((await signIn('Bo')).body).toMatchObject({ status: 403, code: 'suspended' });
  expect((await signIn('Bo', 'not it at all')).body).toMatchObject({ status: 401, code: 'wrong-credentials' });
  expect((await call('GET', '/api/me', { token })).status).toBe(401);
  await server.core.acts.resume(bo.me.id);
  expect((await signIn('Bo')).status).toBe(200);
});

describe('deleting one’s account', () => {
  test('[ACCT-17] needs the password; then it has left its rooms, and is a person without a name', async () => {
    await using fixture = await setupPeople();
    const { call, ann, bo, makeRoom, append, signIn } = fixture;
    const room = await makeRoom(ann, 'Deck', 'public');
    await append(room, bo.me.id, { type: 'membership', action: 'joined' });
    const end = (password: string | null) =>
      call('DELETE', '/api/account', { cookie: bo.cookie, body: { password, messages: false } });
    expect((await end('not it at all')).body).toMatchObject({ code: 'wrong-credentials' });
    expect((await end(null)).body).toMatchObject({ code: 'wrong-credentials' });
    const gone = await end(PASSWORD);
    expect(gone.status).toBe(204);
    expect(gone.headers.getSetCookie()[0]).toMatch(/Max-Age=0/);
    expect((await signIn('Bo')).body).toMatchObject({ code: 'wrong-credentials' });
    const members = await call('GET', `/api/rooms/${room}/members`, { cookie: ann.cookie });
    expect(members.text).not.toContain(bo.me.id);
    const [info] = JSON.parse(
      (await call('GET', `/api/users?ids=${bo.me.id}`, { cookie: ann.cookie })).text
    ) as unknown[];
    expect(info).toMatchObject({ id: bo.me.id, name: '', deleted: true });
    const again = await call('POST', '/api/accounts', { body: { name: 'b0', password: PASSWORD } });
    expect(again.body).toMatchObject({ code: 'name-taken' });
  });

  test.each([true, false])('[ACCT-17] with all that one wrote, if one so chooses: %s', async (messages) => {
    await using fixture = await setupPeople();
    const { call, ann, bo, makeRoom, append, rooms } = fixture;
    const room = await makeRoom(ann, 'Deck', 'public');
    await append(room, bo.me.id, { type: 'membership', action: 'joined' });
    await append(room, bo.me.id, { type: 'message', body: 'canary of Bo' });
    await append(room, ann.me.id, { type: 'message', body: 'canary of Ann' });
    const body = { password: PASSWORD, messages };
    expect((await call('DELETE', '/api/account', { cookie: bo.cookie, body })).status).toBe(204);
    const left = JSON.stringify(await rooms.headEntries(room));
    expect(left).toContain('canary of Ann');
    expect(left.includes('canary of Bo')).toBe(!messages);
  });

  test('[ACCT-17] a deletion that a failed write cut off is finished at the next start', async () => {
    await using fixture = await setupPeople();
    const { bo, ann, server, disk, makeRoom, append } = fixture;
    const { accounts, acts, recovery, sessions } = server.core;
    const room = await makeRoom(ann, 'Deck', 'public');
    await append(room, bo.me.id, { type: 'membership', action: 'joined' });
    const erased = await recovery.erasure(bo.me.id);
    const before = disk.batches.length;
    // As far as a crash right after the first batch lets it come.
    const stopped = new AccountActs({
      ...{ accounts, recovery, devices: server.core.devices, rooms: server.core.rooms, personal: server.core.personal },
      scheduled: server.core.scheduled,
      ...{ kv: server.core.store.kv, erasures: [], eraseFiles: async () => undefined, now: Date.now },
      sessions: Object.assign(Object.create(sessions) as typeof sessions, {
        endAll: () => Promise.reject(new Error('crash'))
      })
    });
    await expect(stopped.delete(bo.me.id, false)).rejects.toThrow('crash');
    expect(disk.batches.length).toBe(before + 1);
    expect(erased.length).toBeGreaterThan(0);
    await acts.finish();
    expect((await server.core.rooms.joined(bo.me.id)).length).toBe(0);
    const writes = disk.batches.length;
    await acts.finish();
    expect(disk.batches.length).toBe(writes);
  });

  test('[ACCT-18] the last administrator stays', async () => {
    await using fixture = await setupPeople();
    const { call, ann, server, bo, alive } = fixture;
    const end = () =>
      call('DELETE', '/api/account', { cookie: ann.cookie, body: { password: PASSWORD, messages: false } });
    expect((await end()).body).toMatchObject({ status: 409, code: 'last-administrator' });
    expect(await alive(ann.cookie)).toBe(true);
    await server.core.acts.setAdmin(bo.me.id, true);
    expect((await end()).status).toBe(204);
    expect(await server.core.acts.suspend(bo.me.id)).toBe('last-administrator');
  });
});

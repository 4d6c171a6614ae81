// Sessions and passwords over HTTP; and that the sockets of what ends are closed.

import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { CLOSE } from '#protocol/close-codes.ts';
import { PASSWORD, cookieOf, type Person } from './http-fixture.ts';
import { NEW_PASSWORD, setupPeople } from './http-people.ts';

type Fixture = Awaited<ReturnType<typeof setupPeople>>;

describe('[ACCT-19] however a session ends, its sockets close within a second', () => {
  const ways: [string, (fixture: Fixture, bo: Person) => Promise<unknown>][] = [
    ['signing out', ({ call }, bo) => call('DELETE', '/api/session', { cookie: bo.cookie })],
    [
      'revoking it elsewhere',
      async ({ call, signIn, sessionsOf }, bo) => {
        const cookie = cookieOf(await signIn('Bo'));
        const [other] = (await sessionsOf(bo.cookie)).filter(({ current }) => current);
        return call('DELETE', `/api/sessions/${other!.id}`, { cookie });
      }
    ],
    [
      'revoking all others',
      async ({ call, signIn }) => call('DELETE', '/api/sessions', { cookie: cookieOf(await signIn('Bo')) })
    ],
    [
      'another password',
      async ({ call, signIn }) =>
        call('POST', '/api/password', {
          cookie: cookieOf(await signIn('Bo')),
          body: { current: PASSWORD, password: NEW_PASSWORD }
        })
    ],
    [
      'signing in anew',
      ({ call }, bo) => call('POST', '/api/session', { cookie: bo.cookie, body: { name: 'Bo', password: PASSWORD } })
    ],
    [
      'an administrator’s link',
      async ({ call, server }, bo) => {
        const { token } = await server.core.recovery.link(bo.me.id);
        return call('POST', '/api/recovery', { body: { token, password: NEW_PASSWORD } });
      }
    ],
    ['suspension', ({ server }, bo) => server.core.acts.suspend(bo.me.id)],
    [
      'deletion',
      ({ call }, bo) =>
        call('DELETE', '/api/account', { cookie: bo.cookie, body: { password: PASSWORD, messages: false } })
    ],
    ['deletion by an administrator', ({ server }, bo) => server.core.acts.delete(bo.me.id, false)],
    ['its time', async ({ pass, server }) => (pass(31 * 24 * 3_600_000), server.core.sessions.removeExpired())]
  ];
  test.each(ways)('%s', async (_way, end) => {
    await using fixture = await setupPeople();
    const { bo, ann, alive, socketOf } = fixture;
    const [his, hers] = [await socketOf(bo.cookie), await socketOf(ann.cookie)];
    const answer = await end(fixture, bo);
    expect(answer).not.toMatchObject({ body: { code: expect.any(String) as string } });
    expect(await his.closedWithinASecond()).toBe(CLOSE.signedOut);
    expect(await alive(bo.cookie)).toBe(false);
    if (_way !== 'its time') expect(hers.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('sessions', () => {
  test('[ACCT-20] are listed with their browser and last use, and end one by one or all but this one', async () => {
    await using fixture = await setupPeople();
    const { call, bo, ann, alive, sessionsOf, pass, issueToken } = fixture;
    pass(3_600_000);
    const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
    const here = cookieOf(await call('POST', '/api/session', { body: { name: 'Bo', password: PASSWORD }, headers }));
    const token = await issueToken(bo);
    const list = await sessionsOf(here);
    expect(list.map(({ kind, current }) => ({ kind, current })).sort((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: 'cookie', current: true },
      { kind: 'cookie', current: false },
      { kind: 'token', current: false }
    ]);
    const mine = list.find(({ current }) => current)!;
    expect(mine).toMatchObject({ label: 'Firefox on Linux', usedAt: mine.createdAt });
    for (const { id } of list) {
      expect((await call('DELETE', `/api/sessions/${id}`, { cookie: ann.cookie })).status, 'another’s').toBe(404);
    }
    const bots = list.find(({ kind }) => kind === 'token')!;
    expect((await call('DELETE', `/api/sessions/${bots.id}`, { cookie: here })).status).toBe(204);
    expect((await call('GET', '/api/me', { token })).status).toBe(401);
    expect((await call('DELETE', '/api/sessions', { cookie: here })).status).toBe(204);
    expect(await alive(here)).toBe(true);
    expect(await alive(bo.cookie)).toBe(false);
    expect(await alive(ann.cookie)).toBe(true);
    expect(JSON.stringify(list)).not.toContain(token);
  });
});

test('[ACCT-25] a bot’s token sees and ends no session but its own', async () => {
  await using fixture = await setupPeople();
  const { call, bo, alive, sessionsOf, issueToken } = fixture;
  const token = await issueToken(bo);
  const forbidden = { status: 403, code: 'forbidden' };
  const [browser] = (await sessionsOf(bo.cookie)).filter(({ kind }) => kind === 'cookie');
  const [bot] = (await sessionsOf(bo.cookie)).filter(({ kind }) => kind === 'token');
  expect((await call('GET', '/api/sessions', { token })).body).toMatchObject(forbidden);
  expect((await call('DELETE', '/api/sessions', { token })).body).toMatchObject(forbidden);
  expect((await call('DELETE', `/api/sessions/${browser!.id}`, { token })).body).toMatchObject(forbidden);
  expect(await alive(bo.cookie)).toBe(true);
  expect((await call('DELETE', `/api/sessions/${bot!.id}`, { token })).status).toBe(204);
  expect((await call('GET', '/api/me', { token })).status).toBe(401);
});

describe('another password', () => {
  test('[ACCT-7] needs the one of now, ends all other browsers, and is the only one that works', async () => {
    await using fixture = await setupPeople();
    const { call, bo, signIn, alive } = fixture;
    const cookie = cookieOf(await signIn('Bo'));
    const change = (current: string | null, password: string) =>
      call('POST', '/api/password', { cookie, body: { current, password } });
    expect((await change('not it at all', NEW_PASSWORD)).body).toMatchObject({ code: 'wrong-credentials' });
    expect((await change(null, NEW_PASSWORD)).body).toMatchObject({ code: 'wrong-credentials' });
    expect((await change(PASSWORD, 'password1')).body).toMatchObject({ code: 'password-weak' });
    expect(await alive(bo.cookie)).toBe(true);
    expect((await change(PASSWORD, NEW_PASSWORD)).status).toBe(204);
    expect(await alive(cookie)).toBe(true);
    expect(await alive(bo.cookie)).toBe(false);
    expect((await signIn('Bo')).status).toBe(401);
    expect((await signIn('Bo', NEW_PASSWORD)).status).toBe(200);
  });

  test('[ACCT-26] of two who change it at once, with the same old one, one does, and the other is out', async () => {
    await using fixture = await setupPeople();
    const { call, bo, signIn, alive } = fixture;
    const thief = cookieOf(await signIn('Bo'));
    const change = (cookie: string, password: string) =>
      call('POST', '/api/password', { cookie, body: { current: PASSWORD, password } });
    const wanted = [NEW_PASSWORD, 'the thief’s own password'];
    const answers = await Promise.all([change(bo.cookie, wanted[0]!), change(thief, wanted[1]!)]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const won = answers.findIndex(({ status }) => status === 204);
    expect((await signIn('Bo', wanted[1 - won])).status).toBe(401);
    expect([await alive(bo.cookie), await alive(thief)]).toEqual([won === 0, won === 1]);
    expect((await signIn('Bo', wanted[won])).status).toBe(200);
  });

  test('[ACCT-11] guessing it from an open session is limited, and a token cannot try', async () => {
    await using fixture = await setupPeople();
    const { call, bo, issueToken } = fixture;
    const body = { current: 'not it at all', password: NEW_PASSWORD };
    const codes = [];
    for (let i = 0; i < 11; i++)
      codes.push((await call('POST', '/api/password', { cookie: bo.cookie, body })).body['code']);
    expect(codes).toEqual([...Array<string>(10).fill('wrong-credentials'), 'rate-limited']);
    const token = await issueToken(bo);
    expect((await call('POST', '/api/password', { token, body })).body).toMatchObject({ code: 'forbidden' });
  });
});

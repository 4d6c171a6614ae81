// Signing up, in and out over HTTP, and what protects it.

import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../sync-server/config.ts';
import { PASSWORD, cookieOf, setupHttp } from './http-fixture.ts';

const DAY_MS = 24 * 3_600_000;

describe('set-up', () => {
  test('[ACCT-4] the set-up link makes the first account, an administrator, signed in, once', async () => {
    await using fixture = await setupHttp();
    const { call, setupToken } = fixture;
    expect((await call('GET', '/api/server')).body).toMatchObject({ needsSetup: true, version: '1.2.3', url: null });
    const body = { token: setupToken, name: 'Ann', password: PASSWORD };
    const answer = await call('POST', '/api/setup', { body });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ name: 'Ann', admin: true });
    expect((await call('GET', '/api/me', { cookie: cookieOf(answer) })).body).toEqual(answer.body);
    expect((await call('GET', '/api/server')).body).toMatchObject({ needsSetup: false, signedIn: false });
    expect((await call('GET', '/api/server', { cookie: cookieOf(answer) })).body).toMatchObject({ signedIn: true });
    expect((await call('POST', '/api/setup', { body: { ...body, name: 'Bo' } })).body).toMatchObject({
      status: 403,
      code: 'setup-invalid'
    });
  });

  test('[ACCT-4] nobody signs up before it', async () => {
    await using fixture = await setupHttp();
    const { call, setupToken } = fixture;
    const body = { name: 'Ann', password: PASSWORD };
    expect((await call('POST', '/api/accounts', { body })).body).toMatchObject({ code: 'registration-closed' });
    const wrong = { ...body, token: setupToken.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A')) };
    expect((await call('POST', '/api/setup', { body: wrong })).body).toMatchObject({ code: 'setup-invalid' });
  });
});

describe('sign-up', () => {
  test('an open server takes new accounts; they are no administrators', async () => {
    await using fixture = await setupHttp();
    await fixture.setUp();
    const bo = await fixture.signUp('Bo');
    expect(bo.me).toMatchObject({ name: 'Bo', admin: false });
    expect((await fixture.call('GET', '/api/me', { cookie: bo.cookie })).status).toBe(200);
  });

  test.each([
    [{ name: 'ANN', password: PASSWORD }, 409, 'name-taken'],
    [{ name: '\u202Eann', password: PASSWORD }, 422, 'name-invalid'],
    [{ name: 'Bo', password: 'short' }, 422, 'password-weak'],
    [{ name: 'Bo' }, 400, 'bad-request'],
    [{ name: 7, password: PASSWORD }, 400, 'bad-request'],
    ['[]', 400, 'bad-request'],
    ['null', 400, 'bad-request'],
    ['{"name":', 400, 'bad-request']
  ])('%j is refused', async (body, status, code) => {
    await using fixture = await setupHttp();
    await fixture.setUp('Ann');
    const answer = await fixture.call('POST', '/api/accounts', { body });
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('[ACCT-8] a closed server takes none', async () => {
    await using fixture = await setupHttp({ registration: 'closed' });
    await fixture.setUp();
    const answer = await fixture.call('POST', '/api/accounts', { body: { name: 'Bo', password: PASSWORD } });
    expect(answer.body).toMatchObject({ status: 403, code: 'registration-closed' });
  });

  test.each(['closed', 'invitation'] as const)(
    '[ACCT-23] whoever may not sign up learns of no name whether it is taken: %s',
    async (registration) => {
      await using fixture = await setupHttp({ registration });
      await fixture.setUp('Ann');
      for (const address of ['/api/accounts', '/api/accounts/passkey/options']) {
        const ask = async (name: string) => {
          const body = { name, password: PASSWORD, invitation: 'x'.repeat(43) };
          const { status, text } = await fixture.call('POST', address, { body });
          return { status, text };
        };
        const taken = await ask('Ann');
        expect(taken.status).toBeGreaterThanOrEqual(400);
        for (const name of ['Nobody', 'Аnn', '\u202Eann', '']) expect(await ask(name), name).toEqual(taken);
      }
    }
  );

  test('[ACCT-8] by invitation: the link of a room signs up, and leads into the room with one use', async () => {
    await using fixture = await setupHttp({ registration: 'invitation' });
    const { call } = fixture;
    const ann = await fixture.setUp();
    const room = await fixture.makeRoom(ann, 'Deck', 'private');
    const body = { name: 'Bo', password: PASSWORD };
    expect((await call('POST', '/api/accounts', { body })).body).toMatchObject({ code: 'registration-closed' });
    const wrong = await call('POST', '/api/accounts', { body: { ...body, invitation: 'x'.repeat(43) } });
    expect(wrong.body).toMatchObject({ status: 404, code: 'invitation-invalid' });

    const made = await call('POST', `/api/rooms/${room}/invitations`, { cookie: ann.cookie });
    const { secret } = made.body as { secret: string };
    const signedUp = await call('POST', '/api/accounts', { body: { ...body, invitation: secret } });
    expect(signedUp.status).toBe(201);
    const cookie = cookieOf(signedUp);
    const accepted = await call('POST', '/api/invitations/accept', { cookie, body: { secret } });
    expect(accepted.body).toEqual({ room });
    expect((await call('GET', `/api/rooms/${room}`, { cookie })).body).toMatchObject({ name: 'Deck', role: 'member' });

    for (let i = 0; i < 19; i++) {
      const next = { name: `P${i}`, password: PASSWORD, invitation: secret };
      expect((await call('POST', '/api/accounts', { body: next })).status, `use ${i}`).toBe(201);
    }
    const beyond = await call('POST', '/api/accounts', {
      body: { name: 'Late', password: PASSWORD, invitation: secret }
    });
    expect(beyond.body).toMatchObject({ code: 'invitation-invalid' });
  });
});

describe('sign-in and sign-out', () => {
  test('[ACCT-9] a wrong password and an unknown name answer alike', async () => {
    await using fixture = await setupHttp();
    await fixture.setUp('Ann');
    const answers = await Promise.all(
      ['Ann', 'Nobody'].map((name) =>
        fixture.call('POST', '/api/session', { body: { name, password: 'not it at all' } })
      )
    );
    expect(answers[0]!.text).toBe(answers[1]!.text);
    expect(answers[0]!.body).toMatchObject({ status: 401, code: 'wrong-credentials' });
  });

  test('[ACCT-10] each sign-in has a session of its own, and the one the browser had is over', async () => {
    await using fixture = await setupHttp();
    const { call } = fixture;
    const ann = await fixture.setUp('Ann');
    const again = await call('POST', '/api/session', { body: { name: 'ann', password: PASSWORD }, cookie: ann.cookie });
    expect(again.status).toBe(200);
    expect(cookieOf(again)).not.toBe(ann.cookie);
    expect((await call('GET', '/api/me', { cookie: ann.cookie })).body).toMatchObject({
      status: 401,
      code: 'signed-out'
    });
    expect((await call('GET', '/api/me', { cookie: cookieOf(again) })).status).toBe(200);
  });

  test('signing out ends the session, on the server and in the browser', async () => {
    await using fixture = await setupHttp();
    const { call } = fixture;
    const ann = await fixture.setUp();
    const answer = await call('DELETE', '/api/session', { cookie: ann.cookie });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^roost=; Path=\/; Max-Age=0/);
    expect((await call('GET', '/api/me', { cookie: ann.cookie })).status).toBe(401);
    expect((await call('DELETE', '/api/session', { cookie: ann.cookie })).status).toBe(401);
  });

  test('[ACCT-6] the cookie is out of scripts’ reach, lasts 30 days, and is renewed by use', async () => {
    await using fixture = await setupHttp();
    const { call, pass } = fixture;
    await fixture.setUp('Ann');
    const signedIn = await call('POST', '/api/session', { body: { name: 'Ann', password: PASSWORD } });
    expect(signedIn.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^roost=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
    ]);
    const cookie = cookieOf(signedIn);
    pass(29 * DAY_MS);
    const used = await call('GET', '/api/me', { cookie });
    expect(cookieOf(used)).toBe(cookie);
    pass(29 * DAY_MS);
    expect((await call('GET', '/api/me', { cookie })).status).toBe(200);
    pass(30 * DAY_MS);
    expect((await call('GET', '/api/me', { cookie })).status).toBe(401);
  });

  test('a bearer token is who it was made for, and needs no Origin', async () => {
    await using fixture = await setupHttp();
    const ann = await fixture.setUp();
    const token = await fixture.issueToken(ann);
    expect((await fixture.call('GET', '/api/me', { token })).body).toEqual(ann.me);
    const room = await fixture.makeRoom(ann, 'Deck', 'public');
    const answer = await fixture.call('POST', `/api/rooms/${room}/invitations`, {
      token,
      origin: 'https://evil.example'
    });
    expect(answer.status).toBe(201);
    for (const wrong of ['x', 'x'.repeat(43), '']) {
      expect((await fixture.call('GET', '/api/me', { token: wrong })).status).toBe(401);
    }
  });
});

describe('[ACCT-11] rate limits, with how long to wait', () => {
  const wrong = { name: 'Ann', password: 'not it at all' };

  test('ten failures to one account; then the right password waits too, and another account does not', async () => {
    await using fixture = await setupHttp();
    const { call, pass } = fixture;
    await fixture.setUp('Ann');
    await fixture.signUp('Bo');
    for (let i = 0; i < 10; i++) expect((await call('POST', '/api/session', { body: wrong })).status).toBe(401);
    const right = { name: 'ＡＮＮ', password: PASSWORD };
    const limited = await call('POST', '/api/session', { body: right });
    expect(limited.body).toMatchObject({ status: 429, code: 'rate-limited' });
    expect(limited.headers.get('retry-after')).toBe('60');
    expect((await call('POST', '/api/session', { body: { name: 'Bo', password: PASSWORD } })).status).toBe(200);
    pass(60_000);
    expect((await call('POST', '/api/session', { body: right })).status).toBe(200);
  });

  test('thirty failures from one address, over any names', async () => {
    await using fixture = await setupHttp();
    await fixture.setUp('Ann');
    const answers = [];
    for (let i = 0; i < 31; i++) {
      answers.push((await fixture.call('POST', '/api/session', { body: { ...wrong, name: `N${i}` } })).status);
    }
    expect(answers).toEqual([...Array<number>(30).fill(401), 429]);
  });

  test('signing in rightly is never too often', async () => {
    await using fixture = await setupHttp();
    await fixture.setUp('Ann');
    for (let i = 0; i < 40; i++) {
      const answer = await fixture.call('POST', '/api/session', { body: { name: 'Ann', password: PASSWORD } });
      expect(answer.status).toBe(200);
    }
  });

  test('new accounts from one address, as the host has set it', async () => {
    const signUpPerAddress = { times: 2, perMs: 3_600_000 };
    await using tight = await setupHttp({ limits: { ...DEFAULT_LIMITS, signUpPerAddress } });
    await tight.setUp('Ann');
    await tight.signUp('Bo');
    await tight.signUp('Cy');
    const body = { name: 'Di', password: PASSWORD };
    expect((await tight.call('POST', '/api/accounts', { body })).headers.get('retry-after')).toBe('1800');
  });
});

describe('[HTTP-2] what changes something comes from a page of ours', () => {
  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['another port of this host', { origin: 'http://localhost:1' }],
    ['a cookie without Origin', { origin: null }],
    ['a sister site, by the browser’s word', { headers: { 'sec-fetch-site': 'same-site' } }]
  ])('%s is turned away, and nothing has changed', async (_what, options) => {
    await using fixture = await setupHttp();
    const { cookie } = await fixture.setUp();
    const answer = await fixture.call('DELETE', '/api/session', { cookie, ...options });
    expect(answer.body).toMatchObject({ status: 403, code: 'origin' });
    expect((await fixture.call('GET', '/api/me', { cookie })).status).toBe(200);
  });

  test('another site cannot sign a visitor in either, however it writes the address', async () => {
    await using fixture = await setupHttp();
    await fixture.setUp('Ann');
    const body = { name: 'Ann', password: PASSWORD };
    for (const address of ['/api/session', '/%61pi/session', '/%61%70%69/session']) {
      const answer = await fixture.call('POST', address, { body, origin: 'https://evil.example' });
      expect(answer.body, address).toMatchObject({ code: 'origin' });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  test('a tool without cookie and Origin may sign in; the public address may do everything', async () => {
    await using fixture = await setupHttp({ publicUrl: 'https://chat.example.org' });
    await fixture.setUp('Ann');
    const body = { name: 'Ann', password: PASSWORD };
    expect((await fixture.call('POST', '/api/session', { body, origin: null })).status).toBe(200);
    const publicly = { body, origin: 'https://chat.example.org', headers: { 'x-forwarded-proto': 'https' } };
    const answer = await fixture.call('POST', '/api/session', publicly);
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()[0], 'over HTTPS at the proxy').toMatch(/^__Host-roost=.*; Secure$/);
  });
});

test('[HTTP-3] logs hold no password, token, cookie, secret or query', async () => {
  await using fixture = await setupHttp();
  const { call, log } = fixture;
  const ann = await fixture.setUp('Ann');
  const token = await fixture.issueToken(ann);
  const room = await fixture.makeRoom(ann, 'Deck', 'private');
  const made = await call('POST', `/api/rooms/${room}/invitations`, { cookie: ann.cookie });
  const secret = made.body['secret'] as string;
  await call('POST', '/api/session', { body: { name: 'Ann', password: 'canary-wrong-password' } });
  await call('POST', '/api/session', { body: '{"password":"canary-broken-json", ' });
  await call('GET', '/api/users?ids=canary-query', { token });
  await call('GET', '/canary-path?canary-query', { headers: { accept: 'text/html' } });
  await call('POST', '/api/invitations/lookup', { body: { secret } });
  fixture.disk.failNextBatch({ applied: false });
  expect((await call('POST', '/api/accounts', { body: { name: 'Bo', password: 'canary-at-failure' } })).status).toBe(
    503
  );
  const all = log.join('');
  expect(all).toContain('/api/session');
  expect(all).toContain('"level":50');
  for (const canary of ['canary', PASSWORD, token, secret, ann.cookie.split('=')[1]!, fixture.setupToken]) {
    expect(all).not.toContain(canary);
  }
});

test('[ACCT-13] requests of one person wait beyond their rate, over all sessions; others do not, and signing out works', async () => {
  const requestsPerPerson = { times: 5, perMs: 10_000 };
  await using fixture = await setupHttp({ limits: { ...DEFAULT_LIMITS, requestsPerPerson } });
  const { call, pass } = fixture;
  const ann = await fixture.setUp('Ann');
  const again = await call('POST', '/api/session', { body: { name: 'Ann', password: PASSWORD } });
  const otherCookie = cookieOf(again);
  const bo = await fixture.signUp('Bo');
  const addresses = ['/api/rooms', '/api/rooms?scope=public', `/api/users?ids=${bo.me.id}`, '/api/me'];
  for (const address of addresses) expect((await call('GET', address, ann)).status).toBe(200);
  expect((await call('POST', '/api/rooms/absent/invitations', { cookie: otherCookie })).status).toBe(404);
  const limited = await call('GET', '/api/rooms', { cookie: otherCookie });
  expect(limited.body).toMatchObject({ status: 429, code: 'rate-limited' });
  expect(limited.headers.get('retry-after')).toBe('2');
  expect((await call('GET', '/api/rooms', bo)).status).toBe(200);
  expect((await call('DELETE', '/api/session', { cookie: otherCookie })).status).toBe(204);
  pass(2_000);
  expect((await call('GET', '/api/rooms', ann)).status).toBe(200);
});

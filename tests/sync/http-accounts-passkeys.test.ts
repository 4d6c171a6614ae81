// Passkeys over HTTP, with an authenticator in software: signing up, in, adding, removing, and what is refused.

import { describe, expect, test } from 'vitest';
import type { CeremonyOptions, PasskeyInfo } from '#protocol/api/passkey.ts';
import { SoftwareAuthenticator, type Bend } from '../../sync-server/testing/software-authenticator.ts';
import { PASSWORD, cookieOf, setupHttp, type Answer } from './http-fixture.ts';

async function setupPasskeys(config: Parameters<typeof setupHttp>[0] = {}) {
  const fixture = await setupHttp(config);
  const { call, origin } = fixture;
  await fixture.setUp('Ann');
  const authenticator = new SoftwareAuthenticator(origin);
  const options = async (address: string, cookie?: string, body: object = {}): Promise<CeremonyOptions> => {
    const answer = await call('POST', address, { body, ...(cookie === undefined ? {} : { cookie }) });
    expect(answer.status, answer.text).toBe(200);
    return answer.body as unknown as CeremonyOptions;
  };
  const signUp = async (name: string, more: object = {}): Promise<Answer> => {
    const { ceremony, options: creation } = await options('/api/accounts/passkey/options', undefined, {
      name,
      ...more
    });
    const response = authenticator.create(creation);
    return call('POST', '/api/accounts/passkey', { body: { ceremony, response } });
  };
  const add = async (cookie: string, name = 'Phone', bend: Bend = {}): Promise<Answer> => {
    const { ceremony, options: creation } = await options('/api/passkeys/options', cookie, { password: PASSWORD });
    const response = authenticator.create(creation, bend);
    return call('POST', '/api/passkeys', { cookie, body: { ceremony, response, name } });
  };
  const signIn = async (bend: Bend & { id?: string } = {}): Promise<Answer> => {
    const { ceremony, options: request } = await options('/api/session/passkey/options');
    return call('POST', '/api/session/passkey', { body: { ceremony, response: authenticator.use(request, bend) } });
  };
  const list = async (cookie: string): Promise<PasskeyInfo[]> =>
    JSON.parse((await call('GET', '/api/passkeys', { cookie })).text) as PasskeyInfo[];
  return { ...fixture, signUpWithPassword: fixture.signUp, authenticator, options, signUp, add, signIn, list };
}

test('[KEY-6] the first account is made by passkey with the set-up token, once', async () => {
  await using fixture = await setupHttp();
  const { call, origin, setupToken } = fixture;
  const authenticator = new SoftwareAuthenticator(origin);
  const wrong = setupToken.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
  const begin = (token: string, name = 'Ann') => call('POST', '/api/setup/passkey/options', { body: { token, name } });
  expect((await begin(wrong)).body).toMatchObject({ status: 403, code: 'setup-invalid' });
  expect((await begin(setupToken, '')).body).toMatchObject({ code: 'name-invalid' });
  const ceremonies = await Promise.all([begin(setupToken), begin(setupToken), begin(setupToken, 'Bo')]);
  const [first, second, third] = ceremonies.map(({ body }) => {
    const { ceremony, options } = body as unknown as CeremonyOptions;
    return { ceremony, response: authenticator.create(options) };
  });
  const finish = (body: object) => call('POST', '/api/setup/passkey', { body });
  expect((await finish({ ...second, token: wrong })).body).toMatchObject({ code: 'setup-invalid' });
  expect((await call('POST', '/api/accounts/passkey', { body: third })).body).toMatchObject({
    code: 'registration-closed'
  });
  const made = await finish({ ...first, token: setupToken });
  expect(made).toMatchObject({ status: 201, body: { name: 'Ann', admin: true } });
  expect((await call('GET', '/api/account', { cookie: cookieOf(made) })).body).toMatchObject({ hasPassword: false });
  expect((await begin(setupToken)).body).toMatchObject({ code: 'setup-invalid' });
  expect((await finish({ ...first, token: setupToken })).body).toMatchObject({ code: 'ceremony-failed' });
});

describe('a passkey', () => {
  test('[KEY-1] alone makes an account, and signs in to it by itself, without a name', async () => {
    await using fixture = await setupPasskeys();
    const { signUp, signIn, call, list } = fixture;
    const made = await signUp('Bo');
    expect(made).toMatchObject({ status: 201, body: { name: 'Bo', admin: false } });
    expect((await call('GET', '/api/account', { cookie: cookieOf(made) })).body).toMatchObject({ hasPassword: false });
    const again = await signIn();
    expect(again).toMatchObject({ status: 200, body: made.body });
    const [passkey] = await list(cookieOf(again));
    expect(passkey!.usedAt).toBeGreaterThan(0);
    const byPassword = await call('POST', '/api/session', { body: { name: 'Bo', password: PASSWORD } });
    expect(byPassword.body).toMatchObject({ code: 'wrong-credentials' });
  });

  test('[KEY-1] is added to an account that has a password, under a name; the same authenticator is not asked twice', async () => {
    await using fixture = await setupPasskeys();
    const { add, signIn, list, options } = fixture;
    const { cookie, me } = await fixture.signUpWithPassword('Cy');
    const added = await add(cookie, '  Cy’s phone ');
    expect(added).toMatchObject({ status: 201, body: { name: 'Cy’s phone', usedAt: null } });
    expect(await list(cookie)).toEqual([added.body]);
    expect((await signIn()).body).toMatchObject({ id: me.id });
    const { options: creation } = await options('/api/passkeys/options', cookie, { password: PASSWORD });
    expect((creation as { excludeCredentials: { id: string }[] }).excludeCredentials).toMatchObject([
      { id: added.body['id'] }
    ]);
  });

  test('[KEY-1] obeys registration as a password does, by invitation too', async () => {
    await using fixture = await setupPasskeys({ registration: 'closed' });
    const answer = await fixture.call('POST', '/api/accounts/passkey/options', { body: { name: 'Bo' } });
    expect(answer.body).toMatchObject({ code: 'registration-closed' });
    await using invited = await setupPasskeys({ registration: 'invitation' });
    const { call, signUp, makeRoom } = invited;
    const cookie = cookieOf(await call('POST', '/api/session', { body: { name: 'Ann', password: PASSWORD } }));
    const me = (await call('GET', '/api/me', { cookie })).body as never;
    const room = await makeRoom({ me, cookie }, 'Deck', 'private');
    const { secret } = (await call('POST', `/api/rooms/${room}/invitations`, { cookie })).body;
    expect((await signUp('Di', { invitation: secret })).status).toBe(201);
  });

  test('[KEY-1] taken names and names that cannot be are refused before the browser is asked', async () => {
    await using fixture = await setupPasskeys();
    for (const [name, code] of [
      ['ann', 'name-taken'],
      ['Аnn', 'name-invalid']
    ] as const) {
      const answer = await fixture.call('POST', '/api/accounts/passkey/options', { body: { name } });
      expect(answer.body).toMatchObject({ code });
    }
  });
});

describe('[KEY-2] what does not fit its ceremony opens nothing', () => {
  const bends: [string, Bend & { id?: string }][] = [
    ['another page', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['another host', { rpId: 'evil.example' }],
    ['another challenge', { challenge: Buffer.from('another').toString('base64url') }],
    ['a registration', { type: 'webauthn.create' }]
  ];
  test.each(bends)('signing in for %s', async (_what, bend) => {
    await using fixture = await setupPasskeys();
    await fixture.signUp('Bo');
    const answer = await fixture.signIn(bend);
    expect(answer.body).toMatchObject({ status: 401, code: 'ceremony-failed' });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await fixture.signIn()).status).toBe(200);
  });

  test.each(bends.slice(0, 4))('adding one for %s', async (_what, bend) => {
    await using fixture = await setupPasskeys();
    const { cookie } = await fixture.signUpWithPassword('Cy');
    expect((await fixture.add(cookie, 'Phone', bend)).body).toMatchObject({ code: 'ceremony-failed' });
    expect(await fixture.list(cookie)).toEqual([]);
  });

  test('an answer sent again', async () => {
    await using fixture = await setupPasskeys();
    const { call, signUp, options, authenticator } = fixture;
    await signUp('Bo');
    const { ceremony, options: request } = await options('/api/session/passkey/options');
    const body = { ceremony, response: authenticator.use(request) };
    const answers = await Promise.all([1, 2].map(() => call('POST', '/api/session/passkey', { body })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const other = await options('/api/session/passkey/options');
    const replayed = await call('POST', '/api/session/passkey', { body: { ...body, ceremony: other.ceremony } });
    expect(replayed.body).toMatchObject({ code: 'ceremony-failed' });
  });

  test('an answer after five minutes', async () => {
    await using fixture = await setupPasskeys();
    const { call, signUp, options, authenticator, pass } = fixture;
    await signUp('Bo');
    const { ceremony, options: request } = await options('/api/session/passkey/options');
    pass(5 * 60_000);
    const body = { ceremony, response: authenticator.use(request) };
    expect((await call('POST', '/api/session/passkey', { body })).body).toMatchObject({ code: 'ceremony-failed' });
  });

  test('a counter that goes back: a copy of the authenticator', async () => {
    await using fixture = await setupPasskeys();
    const { signUp, signIn } = fixture;
    await signUp('Bo');
    expect((await signIn({ counter: 9 })).status).toBe(200);
    for (const counter of [9, 5]) expect((await signIn({ counter })).body).toMatchObject({ code: 'ceremony-failed' });
    expect((await signIn({ counter: 10 })).status).toBe(200);
  });

  test('a ceremony of somebody else, or of another kind', async () => {
    await using fixture = await setupPasskeys();
    const { call, options, authenticator, signUpWithPassword } = fixture;
    const [cy, di] = [await signUpWithPassword('Cy'), await signUpWithPassword('Di')];
    const begun = await options('/api/passkeys/options', cy.cookie, { password: PASSWORD });
    const response = authenticator.create(begun.options);
    const body = { ceremony: begun.ceremony, response, name: '' };
    expect((await call('POST', '/api/passkeys', { cookie: di.cookie, body })).body).toMatchObject({
      code: 'ceremony-failed'
    });
    const signUp = await options('/api/accounts/passkey/options', undefined, { name: 'Eve' });
    const wrong = { ceremony: signUp.ceremony, response: authenticator.create(signUp.options), name: '' };
    expect((await call('POST', '/api/passkeys', { cookie: di.cookie, body: wrong })).body).toMatchObject({
      code: 'ceremony-failed'
    });
  });

  test('a passkey under the name of somebody else, and what is none', async () => {
    await using fixture = await setupPasskeys();
    const { call, signUp, signIn, options } = fixture;
    await signUp('Bo');
    const me = (await call('POST', '/api/session', { body: { name: 'Ann', password: PASSWORD } })).body['id'] as string;
    const userHandle = Buffer.from(me).toString('base64url');
    expect((await signIn({ userHandle })).body).toMatchObject({ status: 401, code: 'passkey-unknown' });
    expect((await signIn({ userHandle: '' })).body).toMatchObject({ code: 'passkey-unknown' });
    for (const response of [
      null,
      {},
      { id: 'x' },
      { id: 'x', response: {} },
      'x',
      { id: '../x', response: { userHandle } }
    ]) {
      const { ceremony } = await options('/api/session/passkey/options');
      const answer = await call('POST', '/api/session/passkey', { body: { ceremony, response } });
      expect(answer.body['code']).toMatch(/^(ceremony-failed|passkey-unknown)$/);
    }
  });
});

describe('removing', () => {
  test('[KEY-3] the only way into an account is not removed, also not two at once', async () => {
    await using fixture = await setupPasskeys();
    const { call, signUp, add, list } = fixture;
    const cookie = cookieOf(await signUp('Bo'));
    const [only] = await list(cookie);
    const remove = (id: string) => call('DELETE', `/api/passkeys/${id}`, { cookie });
    expect((await remove(only!.id)).body).toMatchObject({ status: 409, code: 'last-credential' });
    const second = (await add(cookie)).body['id'] as string;
    const answers = await Promise.all([remove(only!.id), remove(second)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    const [left] = await list(cookie);
    const password = { current: null, password: 'a horse of my own' };
    expect((await call('POST', '/api/password', { cookie, body: password })).status).toBe(204);
    expect((await remove(left!.id)).status).toBe(204);
    expect((await remove(left!.id)).body).toMatchObject({ code: 'not-found' });
  });

  test('[KEY-3] a removed passkey opens nothing, and nobody removes another’s', async () => {
    await using fixture = await setupPasskeys();
    const { call, signUpWithPassword, add, signIn } = fixture;
    const [cy, di] = [await signUpWithPassword('Cy'), await signUpWithPassword('Di')];
    const id = (await add(cy.cookie)).body['id'] as string;
    expect((await call('DELETE', `/api/passkeys/${id}`, { cookie: di.cookie })).status).toBe(404);
    expect((await call('DELETE', `/api/passkeys/${id}`, { cookie: cy.cookie })).status).toBe(204);
    expect((await signIn()).body).toMatchObject({ code: 'passkey-unknown' });
  });
});

test('[ACCT-16] a suspended person’s passkey does not let them in; a deleted one’s is unknown', async () => {
  await using fixture = await setupPasskeys();
  const { signUp, signIn, server } = fixture;
  const { id } = (await signUp('Bo')).body as { id: string };
  await server.core.acts.suspend(id);
  expect((await signIn()).body).toMatchObject({ status: 403, code: 'suspended' });
  await server.core.acts.resume(id);
  expect((await signIn()).status).toBe(200);
  await server.core.acts.delete(id, false);
  expect((await signIn()).body).toMatchObject({ code: 'passkey-unknown' });
});

test('[ACCT-17] without a password, deleting the account needs a sign-in of the last five minutes', async () => {
  await using fixture = await setupPasskeys();
  const { signUp, signIn, call, pass } = fixture;
  const cookie = cookieOf(await signUp('Bo'));
  pass(5 * 60_000);
  const end = (session: string) =>
    call('DELETE', '/api/account', { cookie: session, body: { password: null, messages: false } });
  expect((await end(cookie)).body).toMatchObject({ status: 403, code: 'fresh-sign-in' });
  expect((await end(cookieOf(await signIn()))).status).toBe(204);
});

test('[KEY-4] a passkey is for the host of the page; an address of digits has none, and other pages get no ceremony', async () => {
  await using fixture = await setupPasskeys({ publicUrl: 'https://chat.example.org' });
  const { call, server } = fixture;
  const begin = (origin: string | null) => call('POST', '/api/session/passkey/options', { body: {}, origin });
  expect((await begin('https://chat.example.org')).body).toMatchObject({ options: { rpId: 'chat.example.org' } });
  expect((await begin(`http://localhost:${server.port}`)).body).toMatchObject({ options: { rpId: 'localhost' } });
  for (const origin of [`http://127.0.0.1:${server.port}`, `http://[::1]:${server.port}`, null]) {
    expect((await begin(origin)).body).toMatchObject({ status: 401, code: 'ceremony-failed' });
  }
  expect((await begin('https://evil.example')).body).toMatchObject({ code: 'origin' });
});

test('[KEY-5] an open session alone adds no passkey: it would outlive the next password', async () => {
  await using fixture = await setupPasskeys();
  const { call, signUp, signIn, signUpWithPassword, pass } = fixture;
  const begin = (cookie: string, password: unknown) =>
    call('POST', '/api/passkeys/options', { cookie, body: { password } });
  const cy = await signUpWithPassword('Cy');
  for (const password of [null, 'wrong horse battery']) {
    expect((await begin(cy.cookie, password)).body).toMatchObject({ status: 401, code: 'wrong-credentials' });
  }
  expect((await begin(cy.cookie, PASSWORD)).status).toBe(200);
  const bo = cookieOf(await signUp('Bo'));
  expect((await begin(bo, null)).status).toBe(200);
  pass(5 * 60_000);
  expect((await begin(bo, null)).body).toMatchObject({ status: 403, code: 'fresh-sign-in' });
  expect((await begin(cookieOf(await signIn()), null)).status).toBe(200);
});

test('[RECO-1] an account without a password makes codes with a fresh sign-in, and comes back by one with a password', async () => {
  await using fixture = await setupPasskeys();
  const { call, signUp, signIn, pass } = fixture;
  const first = cookieOf(await signUp('Bo'));
  const make = (cookie: string) => call('POST', '/api/recovery-codes', { cookie, body: { password: null } });
  pass(5 * 60_000);
  expect((await make(first)).body).toMatchObject({ status: 403, code: 'fresh-sign-in' });
  const cookie = cookieOf(await signIn());
  const [code, other] = (await make(cookie)).body['codes'] as string[];
  const recover = (used: string, password: string) =>
    call('POST', '/api/recovery', { body: { name: 'Bo', code: used, password } });
  const back = await recover(code!, PASSWORD);
  expect(back).toMatchObject({ status: 200, body: { name: 'Bo' } });
  expect((await call('GET', '/api/account', { cookie: cookieOf(back) })).body).toEqual({
    ...{ hasPassword: true, recoveryCodesLeft: 9 }
  });
  // All that was open is over; the passkey opens it still, and so does the password now.
  expect((await call('GET', '/api/me', { cookie })).status).toBe(401);
  expect((await signIn()).status).toBe(200);
  expect((await call('POST', '/api/session', { body: { name: 'Bo', password: PASSWORD } })).status).toBe(200);
  expect((await recover(code!, 'another horse battery')).body).toMatchObject({ code: 'recovery-invalid' });
  expect((await recover(other!, 'another horse battery')).status).toBe(200);
  // From now on the password is asked for, and no longer how fresh the sign-in is.
  expect((await make(cookieOf(await signIn()))).body).toMatchObject({ code: 'wrong-credentials' });
});

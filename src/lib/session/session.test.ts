import 'fake-indexeddb/auto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Me } from '#protocol/api/session.ts';
import { eventually } from '../../../tests/eventually.ts';
import { People } from '../model/people.svelte.ts';
import { DeviceDb } from '../storage/device-db.ts';
import { Session } from './session.svelte.ts';
import { FakeApi } from './testing/fake-api.ts';
import { FakePasskeys } from './testing/fake-passkeys.ts';

const ANN: Me = { id: 'uAAAAAAAAAAAAAAAAAAAAAA', name: 'Ann', admin: false, generation: 'g1' };
const BO: Me = { ...ANN, id: 'uBBBBBBBBBBBBBBBBBBBBBB', name: 'Bo' };
let devices = 0;

async function setup() {
  const api = new FakeApi();
  const passkeys = new FakePasskeys();
  const db = await DeviceDb.open(`session-test-${++devices}`);
  onTestFinished(() => db.close());
  const log: string[] = [];
  let unsent = 0;
  const make = (): Session =>
    new Session(api.client, new People(), passkeys, {
      begin: async ({ name }) => log.push(`begin ${name}`) > 0,
      end: async ({ name }, wipe) => void log.push(`end ${name}${wipe ? ', wiped' : ''}`),
      unsentCount: async () => unsent,
      unsentTexts: async () => Array.from({ length: unsent }, (_, at) => `message ${at + 1}`),
      cleared: () => void log.push('cleared')
    });
  api.on('GET /api/server', () => ({ body: { signedIn: false, needsSetup: false } }));
  api.on('POST /api/session', () => ({ body: ANN }));
  api.on('POST /api/session/passkey/options', () => ({ body: { ceremony: 'c1', options: { challenge: 'x' } } }));
  api.on('POST /api/session/passkey', () => ({ body: ANN }));
  const session = make();
  await session.load(db);
  return { api, passkeys, db, log, session, make, setUnsent: (count: number) => (unsent = count) };
}

test('[ACCOUNT-1] a session that was ended says whose it was and what waits, also after a reload, until they are back', async () => {
  const { session, log, setUnsent, make, db, api } = await setup();
  await session.signIn('Ann', 'secret');
  setUnsent(3);
  await session.expire();
  expect(session).toMatchObject({ status: 'signed-out', ended: { user: ANN.id, name: 'Ann', unsent: 3 } });
  expect(log).toEqual(['begin Ann', 'end Ann']);

  const reloaded = make();
  await reloaded.load(db);
  expect(reloaded.ended).toEqual({ user: ANN.id, name: 'Ann', unsent: 3 });
  // Somebody else does not make Ann's messages go away.
  api.on('POST /api/session', () => ({ body: BO }));
  await reloaded.signIn('Bo', 'secret');
  expect(reloaded.ended).toMatchObject({ user: ANN.id });
  api.on('DELETE /api/session', () => ({}));
  await reloaded.signOut();
  expect(reloaded.ended).toMatchObject({ user: ANN.id });
  api.on('POST /api/session', () => ({ body: ANN }));
  await reloaded.signIn('Ann', 'secret');
  expect(reloaded.ended).toBeNull();
  expect(await db.endedSession()).toBeNull();
});

test.each(['revoked', 'password', 'recovered', 'expired', 'suspended'] as const)(
  '[ACCOUNT-10] a session that was ended (%s) says why, also after a reload',
  async (cause) => {
    const { session, make, db, setUnsent, log } = await setup();
    await session.signIn('Ann', 'secret');
    setUnsent(2);
    await session.expire(cause);
    expect(session.ended).toEqual({ user: ANN.id, name: 'Ann', unsent: 2, cause });
    expect(log).toEqual(['begin Ann', 'end Ann']);
    const reloaded = make();
    await reloaded.load(db);
    expect(reloaded.ended).toEqual({ user: ANN.id, name: 'Ann', unsent: 2, cause });
  }
);

test('[ACCOUNT-11] of an account that was deleted elsewhere nothing stays, and what waited is shown once more', async () => {
  const { session, make, db, setUnsent, log } = await setup();
  await session.signIn('Ann', 'secret');
  setUnsent(2);
  await session.expire('deleted');
  expect(session.ended).toMatchObject({ name: 'Ann', unsent: 0, cause: 'deleted', lost: ['message 1', 'message 2'] });
  expect(log).toEqual(['begin Ann', 'end Ann, wiped']);
  expect(await db.endedSession()).toBeNull();
  const reloaded = make();
  await reloaded.load(db);
  expect(reloaded).toMatchObject({ status: 'signed-out', ended: null });
  session.forgetEnded();
  expect(session.ended).toBeNull();
});

test('[ACCOUNT-12] signing out in another tab of this browser is no news here, and leaves what that tab has stored', async () => {
  const { session, db, log } = await setup();
  await session.signIn('Ann', 'secret');
  await db.setSession(BO);
  await session.expire('signed-out');
  expect(session).toMatchObject({ status: 'signed-out', ended: null });
  expect(log).toEqual(['begin Ann', 'end Ann']);
  expect(await db.session()).toEqual(BO);
});

test('[ACCOUNT-12] signing in anew in another tab keeps this one in, by the cookie that they share', async () => {
  const { session, api, log } = await setup();
  await session.signIn('Ann', 'secret');
  api.on('GET /api/server', () => ({ body: { signedIn: true, needsSetup: false } }));
  api.on('GET /api/me', () => ({ body: ANN }));
  await session.expire('signed-out');
  expect(session).toMatchObject({ status: 'signed-in', ended: null });
  expect(log).toEqual(['begin Ann', 'end Ann', 'begin Ann']);
});

test.for([
  ['an hour', 60, ['begin Ann', 'cleared']],
  ['a minute', 1, ['begin Ann']]
] as const)(
  '[PWA-9] a session of %s ago whose data are gone was cleared, or is new here',
  async ([, minutes, told]) => {
    const { api, make, log } = await setup();
    api.on('GET /api/server', () => ({ body: { signedIn: true, needsSetup: false } }));
    api.on('GET /api/me', () => ({ body: ANN }));
    const usedAt = 1e12;
    const current = {
      id: 's1',
      kind: 'cookie',
      label: '',
      createdAt: usedAt - minutes * 60_000,
      usedAt,
      current: true
    };
    api.on('GET /api/sessions', () => ({ body: [{ ...current, current: false, createdAt: 0 }, current] }));
    await make().load(await DeviceDb.open(`session-test-${++devices}`));
    await eventually(() => expect(api.calls.at(-1)).toMatchObject({ path: '/api/sessions' }));
    await Promise.resolve();
    await eventually(() => expect(log).toEqual(told));
  }
);

test('[ACCOUNT-10] the server’s word on why a session ended comes with any call', async () => {
  const { session, api } = await setup();
  await session.signIn('Ann', 'secret');
  api.on('GET /api/sessions', () => ({ status: 401, body: { code: 'signed-out', ended: 'suspended' } }));
  const causes: unknown[] = [];
  api.client.onSignedOut = (cause) => causes.push(cause);
  await api.client.get('/api/sessions');
  api.on('GET /api/sessions', () => ({ status: 401, body: { code: 'signed-out', ended: 'by magic' } }));
  await api.client.get('/api/sessions');
  expect(causes).toEqual(['suspended', null]);
});

test('[ACCOUNT-2] signing in by passkey sends what the browser made of the ceremony', async () => {
  const { session, api, passkeys } = await setup();
  const result = session.signInWithPasskey();
  await eventually(() => expect(passkeys.waiting).toMatchObject([{ kind: 'use' }]));
  passkeys.waiting[0]!.settle({ ok: true, value: { id: 'credential' } });
  expect(await result).toEqual({ ok: true, value: undefined });
  expect(api.calls.at(-1)).toMatchObject({
    path: '/api/session/passkey',
    body: { ceremony: 'c1', response: { id: 'credential' } }
  });
  expect(session.me?.name).toBe('Ann');
});

test('[ACCOUNT-2] signing up by passkey carries name and invitation; cancelled, nobody is signed in', async () => {
  const { session, api, passkeys } = await setup();
  api.on('POST /api/accounts/passkey/options', () => ({ body: { ceremony: 'c2', options: {} } }));
  const result = session.signUpWithPasskey('Ann', 'secret-of-the-link');
  await eventually(() => expect(passkeys.waiting).toMatchObject([{ kind: 'create' }]));
  passkeys.cancel();
  expect(await result).toMatchObject({ ok: false, code: 'cancelled' });
  expect(api.calls.at(-1)?.body).toEqual({ name: 'Ann', invitation: 'secret-of-the-link' });
  expect(session.status).toBe('signed-out');
});

test('[ACCOUNT-13] the first account can be made by passkey: the set-up token goes with both calls', async () => {
  const { session, api, passkeys } = await setup();
  api.on('POST /api/setup/passkey/options', () => ({ body: { ceremony: 'c3', options: {} } }));
  api.on('POST /api/setup/passkey', () => ({ body: ANN }));
  const result = session.setUpWithPasskey('the-token', 'Ann');
  await eventually(() => expect(passkeys.waiting).toMatchObject([{ kind: 'create' }]));
  passkeys.waiting[0]!.settle({ ok: true, value: { id: 'credential' } });
  expect(await result).toMatchObject({ ok: true });
  expect(session.status).toBe('signed-in');
  const sent = api.calls.filter(({ path }) => path.startsWith('/api/setup'));
  expect(sent.map(({ body }) => body)).toEqual([
    { token: 'the-token', name: 'Ann' },
    { token: 'the-token', ceremony: 'c3', response: { id: 'credential' } }
  ]);
});

test('[ACCOUNT-3] passkeys offered in the name field give way to one asked for, and say nothing of it', async () => {
  const { session, passkeys } = await setup();
  const offer = session.offerPasskeys();
  await eventually(() => expect(passkeys.waiting).toMatchObject([{ kind: 'offer' }]));
  const asked = session.signInWithPasskey();
  expect(await offer.done).toBeNull();
  await eventually(() => expect(passkeys.waiting).toMatchObject([{ kind: 'use' }]));
  passkeys.waiting[0]!.settle({ ok: true, value: {} });
  expect(await asked).toMatchObject({ ok: true });
});

test('[ACCOUNT-3] an offer that is left, or that the browser does not make, is over', async () => {
  const { session, passkeys, api } = await setup();
  const offer = session.offerPasskeys();
  await eventually(() => expect(passkeys.waiting).toHaveLength(1));
  offer.stop();
  expect(await offer.done).toBeNull();
  expect(passkeys.waiting).toEqual([]);
  passkeys.whileTyping = false;
  const asked = api.calls.length;
  expect(await session.offerPasskeys().done).toBeNull();
  expect(api.calls).toHaveLength(asked);
});

test('[ACCOUNT-3] an offer is begun anew before the server forgets it', async () => {
  const { session, passkeys, api } = await setup();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const offer = session.offerPasskeys();
  const options = () => api.calls.filter(({ path }) => path.endsWith('/passkey/options')).length;
  while (passkeys.waiting.length === 0) await Promise.resolve();
  expect(options()).toBe(1);
  await vi.advanceTimersByTimeAsync(2 * 60_000);
  while (options() < 2 || passkeys.waiting.length === 0) await vi.advanceTimersByTimeAsync(0);
  passkeys.waiting[0]!.settle({ ok: true, value: {} });
  expect(await offer.done).toMatchObject({ ok: true });
});

test('[ACCOUNT-4] signing in anew while signed in keeps the person in, though the old session ends meanwhile', async () => {
  const { session, api, passkeys, log } = await setup();
  await session.signIn('Ann', 'secret');
  const fresh = session.signInWithPasskey();
  await eventually(() => expect(passkeys.waiting).toHaveLength(1));
  api.on('POST /api/session/passkey', () => {
    // The server ends the session that the browser had, and says so on the line, before it answers.
    void session.expire();
    return { body: ANN };
  });
  passkeys.waiting[0]!.settle({ ok: true, value: {} });
  expect(await fresh).toMatchObject({ ok: true });
  expect(session).toMatchObject({ status: 'signed-in', ended: null });
  expect(log).toEqual(['begin Ann', 'end Ann', 'begin Ann']);
});

test('[ACCOUNT-5] a recovery signs in; a wrong code leaves things as they are', async () => {
  const { session, api } = await setup();
  api.on('POST /api/recovery', ({ body }) =>
    (body as { code?: string }).code === 'right' ? { body: ANN } : { status: 400, body: { code: 'recovery-invalid' } }
  );
  expect(await session.recover({ name: 'Ann', code: 'wrong', password: 'a new password' })).toMatchObject({
    ok: false,
    code: 'recovery-invalid'
  });
  expect(session.status).toBe('signed-out');
  expect(await session.recover({ name: 'Ann', code: 'right', password: 'a new password' })).toMatchObject({ ok: true });
  expect(session.status).toBe('signed-in');
});

test('[ACCOUNT-6] a deleted account leaves nothing on the device, though the line told of the end before the answer', async () => {
  const { session, log, db } = await setup();
  await session.signIn('Ann', 'secret');
  await session.leave(async () => {
    await session.expire();
    return { ok: true, value: undefined };
  });
  expect(log).toEqual(['begin Ann', 'end Ann, wiped']);
  expect(session).toMatchObject({ status: 'signed-out', ended: null });
  expect(await db.session()).toBeNull();
});

test('signing out is nobody else’s doing, though the line told of it first', async () => {
  const { session, api, log } = await setup();
  await session.signIn('Ann', 'secret');
  api.on('DELETE /api/session', () => {
    void session.expire();
    return {};
  });
  expect(await session.signOut()).toMatchObject({ ok: true });
  expect(log).toEqual(['begin Ann', 'end Ann, wiped']);
  expect(session.ended).toBeNull();
});

test('[ACCOUNT-1] a session that ends while its person tries in vain to leave has ended all the same, and keeps what waits', async () => {
  const { session, log, setUnsent } = await setup();
  await session.signIn('Ann', 'secret');
  setUnsent(1);
  const result = await session.leave(async () => {
    await session.expire();
    return { ok: false, code: 'wrong-credentials', message: 'Wrong.' };
  });
  expect(result.ok).toBe(false);
  expect(log).toEqual(['begin Ann', 'end Ann']);
  expect(session).toMatchObject({ status: 'signed-out', ended: { unsent: 1 } });
});

test('[ACCOUNT-12] another tab that signed out is followed, and one that signed in, too; what it has stored stays', async () => {
  const { session, log, db } = await setup();
  await session.signIn('Ann', 'secret');
  await db.setSession(BO);
  await session.follow();
  expect(session.account).toEqual(BO);
  expect(await db.session()).toEqual(BO);
  await db.setSession(null);
  await session.follow();
  expect(session).toMatchObject({ status: 'signed-out', account: null });
  await db.setSession(ANN);
  await session.follow();
  expect(session).toMatchObject({ status: 'signed-in', account: ANN });
  expect(log).toEqual(['begin Ann', 'end Ann', 'begin Bo', 'end Bo', 'begin Ann']);
  // As they were told of it already.
  await session.follow();
  expect(log).toHaveLength(5);
});

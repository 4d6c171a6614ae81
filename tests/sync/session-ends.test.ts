// What a browser is told when its session has ended: at once where it has a line, and whenever it comes later.

import { expect, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import { MuxedClient } from '../../sync-server/sync/testing/muxed-client.ts';
import { cookieOf, PASSWORD, setupHttp, type Person } from './http-fixture.ts';

const DAY_MS = 24 * 3_600_000;
type Fixture = Awaited<ReturnType<typeof setupEnds>>;

/** Ad administers; Ann is signed in on the device that it is about, and on another one. */
async function setupEnds() {
  const fixture = await setupHttp();
  const { call, origin } = fixture;
  const ad = await fixture.setUp('Ad');
  const here = await fixture.signUp('Ann');
  const again = await call('POST', '/api/session', { body: { name: 'Ann', password: PASSWORD } });
  const there: Person = { me: here.me, cookie: cookieOf(again) };
  const connect = (person: Person) =>
    new MuxedClient(`${origin.replace('http', 'ws')}/sync`, { cookie: person.cookie, origin });
  const as = (person: Person, method: string, path: string, body?: unknown) =>
    call(method, path, { cookie: person.cookie, ...(body !== undefined && { body }) });
  return { ...fixture, ad, here, there, connect, as };
}

const ENDS: readonly { readonly cause: SessionEnd; readonly by: (fixture: Fixture) => Promise<unknown> }[] = [
  { cause: 'revoked', by: ({ as, there }) => as(there, 'DELETE', '/api/sessions') },
  {
    cause: 'password',
    by: ({ as, there }) => as(there, 'POST', '/api/password', { current: PASSWORD, password: 'another good one' })
  },
  {
    cause: 'recovered',
    async by({ as, ad, here, call }) {
      const { token } = (await as(ad, 'POST', `/api/admin/users/${here.me.id}/reset`, {})).body;
      return call('POST', '/api/recovery', { body: { token, password: 'another good one' } });
    }
  },
  { cause: 'suspended', by: ({ as, ad, here }) => as(ad, 'POST', `/api/admin/users/${here.me.id}/suspend`, {}) },
  {
    cause: 'deleted',
    by: ({ as, ad, here }) => as(ad, 'DELETE', `/api/admin/users/${here.me.id}`, { messages: false })
  }
];

test.each(ENDS)(
  '[SESSION-1] a session that was ended ($cause) is told why, at once and later',
  async ({ cause, by }) => {
    await using fixture = await setupEnds();
    const { connect, here, as } = fixture;
    const open = connect(here);
    await open.until(() => open.socket.readyState === 1);
    await by(fixture);
    expect(await open.closeCode()).toBe(CLOSE.signedOut);
    expect(open.closeReason).toBe(cause);
    expect(open.control).toContainEqual({ type: 'revoked', cause });
    const later = connect(here);
    expect([await later.closeCode(), later.closeReason]).toEqual([CLOSE.signedOut, cause]);
    expect((await as(here, 'GET', '/api/me')).body).toMatchObject({ status: 401, code: 'signed-out', ended: cause });
  }
);

test('[SESSION-1] a session whose time has run out is told so', async () => {
  await using fixture = await setupEnds();
  const { connect, here, as, pass } = fixture;
  pass(31 * DAY_MS);
  expect((await as(here, 'GET', '/api/me')).body).toMatchObject({ code: 'signed-out', ended: 'expired' });
  const later = connect(here);
  expect([await later.closeCode(), later.closeReason]).toEqual([CLOSE.signedOut, 'expired']);
});

test('[SESSION-2] nobody else is told anything: no cookie, a made-up one, and who signed out look alike', async () => {
  await using fixture = await setupEnds();
  const { call, connect, here, there, as } = fixture;
  await as(there, 'DELETE', '/api/session');
  const madeUp = { ...here, cookie: `roost=${'x'.repeat(43)}` };
  const answers = await Promise.all([
    call('GET', '/api/me'),
    as(madeUp, 'GET', '/api/me'),
    as(there, 'GET', '/api/me'),
    call('GET', '/api/me', { token: 'x'.repeat(43) })
  ]);
  for (const { status, text } of answers) expect([status, text]).toEqual([401, answers[0].text]);
  expect(answers[0].body).not.toHaveProperty('ended');
  for (const person of [madeUp, there]) {
    const client = connect(person);
    expect([await client.closeCode(), client.closeReason]).toEqual([CLOSE.signedOut, '']);
  }
});

test('[SESSION-2] why a session ended is kept without whose it was, and forgotten after 30 days', async () => {
  await using fixture = await setupEnds();
  const { here, there, as, server, pass } = fixture;
  await as(there, 'DELETE', '/api/sessions');
  const { kv } = server.core.store;
  const kept = async () => {
    const rows: string[] = [];
    for await (const [key, value] of kv.range({ gte: 'session-end/', lt: 'session-end0' })) {
      rows.push(`${key} ${Buffer.from(value).toString()}`);
    }
    return rows;
  };
  expect(await kept()).toHaveLength(1);
  expect((await kept())[0]).not.toContain(here.me.id);
  pass(30 * DAY_MS);
  await server.core.sessions.removeExpired();
  expect((await kept()).join()).not.toContain('revoked');
});

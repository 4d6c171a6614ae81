// What administrators do over HTTP, on a whole server: settings, and the log of it all.

import { describe, expect, test } from 'vitest';
import type { AuditLine } from '#protocol/api.ts';
import { PASSWORD, setupHttp } from './http-fixture.ts';

describe('settings', () => {
  test('[ADM-1] hold until set as the configuration has them, and from then on as they were set', async () => {
    await using fixture = await setupHttp({ registration: 'invitation' });
    const { call, setUp, signUp } = fixture;
    const { cookie } = await setUp();
    const configured = { registration: 'invitation', roomCreation: 'everyone' };
    expect((await call('GET', '/api/admin/settings', { cookie })).body).toEqual(configured);
    expect((await call('GET', '/api/server')).body).toMatchObject(configured);

    const body = { registration: 'open', roomCreation: 'administrators' };
    expect(await call('PATCH', '/api/admin/settings', { cookie, body })).toMatchObject({ status: 200, body });
    expect((await call('GET', '/api/server')).body).toMatchObject(body);
    await signUp('Bo');
    const part = await call('PATCH', '/api/admin/settings', { cookie, body: { registration: 'closed' } });
    expect(part.body).toEqual({ registration: 'closed', roomCreation: 'administrators' });
    const refused = await call('POST', '/api/accounts', { body: { name: 'Cy', password: PASSWORD } });
    expect(refused.body).toMatchObject({ status: 403, code: 'registration-closed' });
  });

  test.each([
    { body: { registration: 'maybe' } },
    { body: { roomCreation: null } },
    { body: { registration: 'open', name: 'x' } },
    { body: [] },
    { body: '"open"' }
  ])('$body is no change of settings', async ({ body }) => {
    await using fixture = await setupHttp();
    const { cookie } = await fixture.setUp();
    const answer = await fixture.call('PATCH', '/api/admin/settings', { cookie, body });
    expect(answer.body).toMatchObject({ status: 400, code: 'bad-request' });
    expect((await fixture.call('GET', '/api/admin/audit', { cookie })).text).toBe('[]');
  });

  test('a change that storage does not take is none, and is not in the log', async () => {
    await using fixture = await setupHttp();
    const { call, setUp, disk, server } = fixture;
    const { cookie } = await setUp();
    disk.failNextBatch({ applied: false });
    const body = { registration: 'closed' };
    expect((await call('PATCH', '/api/admin/settings', { cookie, body })).body).toMatchObject({ code: 'storage' });
    expect(server.core.settings.registration).toBe('open');
  });
});

describe('the log', () => {
  test('[ADM-2] has a line for each setting that changed, newest first, and none for what was so already', async () => {
    await using fixture = await setupHttp();
    const { call, setUp } = fixture;
    const { me, cookie } = await setUp();
    const change = (body: object) => call('PATCH', '/api/admin/settings', { cookie, body });
    await change({ registration: 'closed', roomCreation: 'administrators' });
    await change({ registration: 'closed' });
    await change({ registration: 'open' });
    const lines = JSON.parse((await call('GET', '/api/admin/audit', { cookie })).text) as AuditLine[];
    expect(lines.map(({ by, act, detail }) => ({ by, act, detail }))).toEqual([
      { by: me.id, act: 'settings.registration', detail: 'closed → open' },
      { by: me.id, act: 'settings.roomCreation', detail: 'everyone → administrators' },
      { by: me.id, act: 'settings.registration', detail: 'open → closed' }
    ]);
  });

  test('[ADM-2] is read 50 lines at a time, without a gap', async () => {
    await using fixture = await setupHttp();
    const { call, setUp, server } = fixture;
    const { me, cookie } = await setUp();
    for (let i = 1; i <= 120; i++) {
      await server.core.audit.add({ by: me.id, act: 'user.suspend', target: '', detail: `line ${i}` });
    }
    const seen: string[] = [];
    for (let before = ''; ;) {
      const page = JSON.parse((await call('GET', `/api/admin/audit${before}`, { cookie })).text) as AuditLine[];
      expect(page.length).toBeLessThanOrEqual(50);
      if (page.length === 0) break;
      seen.push(...page.map(({ detail }) => detail));
      before = `?before=${page.at(-1)!.id}`;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => `line ${120 - i}`));
    for (const before of ['x', '0', '-1', '1&before=2', '9'.repeat(20)]) {
      const answer = await call('GET', `/api/admin/audit?before=${before}`, { cookie });
      expect(answer.body).toMatchObject({ code: 'bad-request' });
    }
  });
});

test('[ADM-3] administration is closed to people who are not administrators, and to nobody in particular', async () => {
  await using fixture = await setupHttp();
  const { call, setUp, signUp } = fixture;
  await setUp();
  const { cookie } = await signUp('Bo');
  const calls: [method: string, path: string, body?: object][] = [
    ['GET', '/api/admin/settings'],
    ['PATCH', '/api/admin/settings', { registration: 'closed' }],
    ['GET', '/api/admin/audit']
  ];
  for (const [method, path, body] of calls) {
    const options = body === undefined ? {} : { body };
    expect((await call(method, path, { cookie, ...options })).body, path).toMatchObject({
      status: 403,
      code: 'forbidden'
    });
    expect((await call(method, path, options)).body, path).toMatchObject({ status: 401, code: 'signed-out' });
  }
  expect((await call('GET', '/api/server')).body).toMatchObject({ registration: 'open' });
});

// What any browser gets: the app and its cache rules, the policies, errors, the health of the server.

import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { setupHttp } from './http-fixture.ts';

const APP = {
  '200.html': '<!doctype html><title>Roost</title><script src="/_app/immutable/boot.a1.js"></script>',
  'sw.js': '// worker',
  'sw.js.br': 'compressed worker',
  'manifest.webmanifest': '{"id":"/"}',
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  '_app/immutable/boot.a1.js': '// boot',
  '_app/version.json': '{"version":"1"}',
  '.inputs': 'hash of the sources'
};
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('[HTTP-8] every address of a screen gets the app’s page, fresh each time', async () => {
  await using fixture = await setupHttp({}, APP);
  for (const address of ['/', '/room/abc', '/i', '/setup?x=1', '/room/a.b.c', '/%E2%82%AC', '/..%2f..%2fetc/passwd']) {
    const answer = await fixture.call('GET', address, { headers: html });
    expect([answer.status, answer.text], address).toEqual([200, APP['200.html']]);
    expect(answer.headers.get('cache-control'), address).toBe('no-cache');
    expect(answer.headers.get('content-type'), address).toContain('text/html');
  }
});

test('[HTTP-8] what is named by its content is kept for a year, all else is asked for anew', async () => {
  await using fixture = await setupHttp({}, APP);
  const rule = async (address: string) => {
    const { status, headers } = await fixture.call('GET', address);
    expect(status, address).toBe(200);
    return headers.get('cache-control');
  };
  expect(await rule('/_app/immutable/boot.a1.js')).toBe('public, max-age=31536000, immutable');
  for (const address of ['/sw.js', '/200.html', '/manifest.webmanifest', '/icon.svg', '/_app/version.json']) {
    expect(await rule(address), address).toBe('no-cache');
  }
});

test('[PWA-7] a share that no worker took leads to the page that says so, from whatever site it comes', async () => {
  await using fixture = await setupHttp({}, APP);
  const body = new FormData();
  body.set('text', 'Low water at six');
  const headers = { origin: 'null', 'sec-fetch-site': 'none', cookie: 'x=1' };
  const answer = await fetch(`${fixture.origin}/share`, { method: 'POST', body, headers, redirect: 'manual' });
  expect([answer.status, answer.headers.get('location'), await answer.text()]).toEqual([303, '/share?lost', '']);
});

test('[HTTP-8] what is missing under the app’s own folders is missing, and no page', async () => {
  await using fixture = await setupHttp({}, APP);
  for (const address of [
    '/_app/immutable/gone.js',
    '/api/nothing',
    '/sync/nothing',
    '/files/nothing',
    '/trust',
    '/gone.js',
    '/.inputs'
  ]) {
    const headers = address === '/gone.js' || address === '/.inputs' ? { accept: '*/*' } : html;
    const answer = await fixture.call('GET', address, { headers });
    expect(answer.body, address).toMatchObject({ status: 404, code: 'not-found' });
    expect(answer.headers.get('cache-control'), address).toBe('no-store');
  }
  expect((await fixture.call('POST', '/room/abc', { body: {}, headers: html })).status).toBe(404);
});

test('a compressed copy goes to who can take it, the plain file to others', async () => {
  await using fixture = await setupHttp({}, APP);
  const raw = async (encoding: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options = { port: fixture.server.port, path: '/sw.js', headers: { 'accept-encoding': encoding } };
    request(options, resolve).on('error', reject).end();
    const response = await promise;
    response.resume();
    return {
      encoding: response.headers['content-encoding'],
      length: Number(response.headers['content-length']),
      type: response.headers['content-type'],
      vary: response.headers.vary
    };
  };
  expect(await raw('gzip, br')).toMatchObject({
    encoding: 'br',
    length: APP['sw.js.br'].length,
    vary: 'accept-encoding'
  });
  expect(await raw('identity')).toMatchObject({ encoding: undefined, length: APP['sw.js'].length });
  expect((await raw('br')).type).toContain('javascript');
});

test('without a build, the page says what to run', async () => {
  await using fixture = await setupHttp();
  const answer = await fixture.call('GET', '/', { headers: html });
  expect(answer.status).toBe(503);
  expect(answer.text).toContain('npm run build');
});

test('[HTTP-9] no inline script, no other origin, no frame around it, no sniffing, no referrer', async () => {
  await using fixture = await setupHttp({}, APP);
  for (const address of ['/', '/api/server', '/api/nothing', '/_app/immutable/boot.a1.js']) {
    const { headers } = await fixture.call('GET', address, { headers: html });
    const policy = Object.fromEntries(
      headers
        .get('content-security-policy')!
        .split(';')
        .map((part) => [part.split(' ')[0]!, part.split(' ').slice(1)])
    );
    expect(policy['default-src']).toEqual(["'self'"]);
    expect(policy['script-src']).toEqual(["'self'"]);
    expect(policy['style-src']).toEqual(["'self'"]);
    expect(policy['style-src-attr']).toEqual(["'unsafe-inline'"]);
    expect(policy['frame-ancestors']).toEqual(["'none'"]);
    expect(policy['base-uri']).toEqual(["'none'"]);
    const host = `localhost:${fixture.server.port}`;
    expect(policy['connect-src']).toEqual(["'self'", `ws://${host}`, `wss://${host}`]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toBeNull();
  }
});

test('[HTTP-9] a Host header cannot write into the policy', async () => {
  await using fixture = await setupHttp({}, APP);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { host: "a;script-src 'unsafe-inline'" };
  request({ port: fixture.server.port, path: '/', headers }, resolve).on('error', reject).end();
  const response = await promise;
  response.resume();
  expect(String(response.headers['content-security-policy'] ?? '')).not.toContain("script-src 'unsafe-inline'");
});

test('browsers hold to HTTPS at a public HTTPS address, and there alone', async () => {
  await using fixture = await setupHttp({ publicUrl: 'https://chat.example.org' }, APP);
  const hsts = async (headers: Record<string, string>) =>
    (await fixture.call('GET', '/', { headers })).headers.get('strict-transport-security');
  const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'chat.example.org' };
  expect(await hsts(proxied)).toMatch(/^max-age=\d+$/);
  expect(await hsts({})).toBeNull();
});

test.each([
  ['another content type', { headers: { 'content-type': 'text/plain' }, body: '{}' }, 415, 'bad-request'],
  ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' }, 415, 'bad-request'],
  ['a body too large', { body: { name: 'x'.repeat(70_000) } }, 413, 'too-large'],
  ['half a body', { body: '{"name": "A' }, 400, 'bad-request'],
  ['a prototype key', { body: '{"__proto__": {"name": "A"}}' }, 400, 'bad-request']
])('[HTTP-10] %s is a problem with a code, and repeats nothing', async (_what, options, status, code) => {
  await using fixture = await setupHttp();
  const answer = await fixture.call('POST', '/api/session', options);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({ type: 'about:blank', status, code, title: expect.any(String) as string });
  expect(answer.text).not.toContain('"A');
});

test('[HTTP-10] an address that cannot be read is a problem too', async () => {
  await using fixture = await setupHttp({}, APP);
  const answer = await fixture.call('GET', '/api/rooms/%E0%A4%A');
  expect(answer.body).toMatchObject({ status: 400, code: 'bad-request' });
});

test('[HTTP-11] healthy while storage works; red from the first failed write until it works again', async () => {
  await using fixture = await setupHttp();
  const { call, disk, pass } = fixture;
  expect((await call('GET', '/healthz')).body).toEqual({ status: 'ok' });
  disk.failWrites('full');
  pass(10_000);
  const red = await call('GET', '/healthz');
  expect(red.body).toMatchObject({ status: 503, code: 'storage' });
  disk.failWrites(null);
  await expect.poll(async () => (await call('GET', '/healthz')).status, { timeout: 20_000 }).toBe(200);
});

test('[HTTP-11] a failed write is a 503 to who asked for it, and what was there is still readable', async () => {
  await using fixture = await setupHttp();
  const { call, disk } = fixture;
  const ann = await fixture.setUp('Ann');
  disk.failNextBatch({ applied: false, code: 'full' });
  const body = { name: 'Bo', password: 'correct horse battery' };
  const failed = await call('POST', '/api/accounts', { body });
  expect(failed.body).toMatchObject({ status: 503, code: 'storage' });
  expect(failed.headers.get('retry-after')).toBe('2');
  expect(failed.headers.getSetCookie()).toEqual([]);
  await expect.poll(async () => (await call('GET', '/healthz')).status, { timeout: 20_000 }).toBe(200);
  expect((await call('GET', '/api/me', { cookie: ann.cookie })).body).toEqual(ann.me);
  expect((await call('POST', '/api/accounts', { body })).status).toBe(201);
});

test('a server that stops lets an answer under way end, and does not wait for idle connections', async () => {
  const fixture = await setupHttp({}, APP);
  const idle = connect(fixture.server.port, '127.0.0.1');
  await once(idle, 'connect');
  const ended = once(idle, 'close');
  idle.resume();
  await fixture[Symbol.asyncDispose]();
  await ended;
  await expect(fetch(`${fixture.origin}/healthz`)).rejects.toThrow();
});

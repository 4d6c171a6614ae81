// The local network: one port for TLS and plain http, the trust page, cookies over HTTPS.

import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json, text } from 'node:stream/consumers';
import { X509Certificate } from 'node:crypto';
import { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import { encodeControl, type ClientMessage } from '#protocol/control.ts';
import { encodeFrame, FRAME } from '#protocol/frames.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import { LocalAuthority } from '../../sync-server/tls/local-authority.ts';
import { readConfig } from '../../sync-server/config.ts';
import { startServer } from '../../sync-server/server.ts';
import { RunningTime } from '../running-time.ts';

async function setupLan(env: Record<string, string> = {}, args = ['--lan']) {
  const folder = await mkdtemp(path.join(tmpdir(), 'roost-lan-'));
  const config = readConfig({
    args,
    env: { PORT: '0', ROOST_DATA_DIR: 'data', ROOST_LOG: 'silent', ...env },
    root: folder
  });
  const start = () => startServer(config, { version: '1.2.3', logTo: { write: () => undefined } });
  const server = await start();
  const ca = await readFile(path.join(folder, 'data/tls/ca.crt'), 'utf8').catch(() => '');
  const secure = async (method: string, address: string, body?: unknown, headers: Record<string, string> = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const options = {
      method,
      ca,
      host: 'localhost',
      port: server.port,
      path: address,
      headers: { ...type, ...headers },
      agent: false
    };
    request(options, resolve)
      .on('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  };
  return {
    folder,
    server,
    ca,
    secure,
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    }
  };
}

const credentials = { name: 'Ann', password: 'correct horse battery' };

test('[TLS-5] one port answers HTTPS and plain http', async () => {
  await using fixture = await setupLan();
  const { server, secure } = fixture;
  expect(await json(await secure('GET', '/api/server'))).toMatchObject({ needsSetup: true });
  const plain = await fetch(`http://localhost:${server.port}/api/server`);
  expect(await plain.json()).toMatchObject({ needsSetup: true });
  const large = await fetch(`http://127.0.0.1:${server.port}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'x'.repeat(60_000), password: 'x' })
  });
  expect(large.status, 'a body in many packets').toBe(401);
});

test('[TLS-6] over HTTPS the cookie is bound to host and HTTPS; over plain http it has another name', async () => {
  await using fixture = await setupLan();
  const { server, secure } = fixture;
  const token = server.setupLink!.split('#')[1]!;
  const origin = `https://localhost:${server.port}`;
  const made = await secure('POST', '/api/setup', { ...credentials, token }, { origin });
  expect(made.statusCode).toBe(201);
  const [cookie] = made.headers['set-cookie']!;
  expect(cookie).toMatch(/^__Host-roost=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/);
  const pair = cookie!.split(';')[0]!;
  expect((await secure('GET', '/api/me', undefined, { cookie: pair })).statusCode).toBe(200);
  const planted = pair.replace('__Host-', '');
  expect((await secure('GET', '/api/me', undefined, { cookie: planted })).statusCode, 'a planted cookie').toBe(401);

  const http = await fetch(`http://localhost:${server.port}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials)
  });
  expect(http.headers.getSetCookie()[0]).toMatch(/^roost=[^;]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
});

test('[TLS-9] a page that came over plain http does nothing over HTTPS with its visitor’s cookie', async () => {
  await using fixture = await setupLan();
  const { server, secure, ca } = fixture;
  const token = server.setupLink!.split('#')[1]!;
  const [safe, unsafe] = [`https://localhost:${server.port}`, `http://localhost:${server.port}`];
  const made = await secure('POST', '/api/setup', { ...credentials, token }, { origin: safe });
  const cookie = made.headers['set-cookie']![0]!.split(';')[0]!;
  const changed = await secure('PATCH', '/api/profile', { status: 'hacked' }, { origin: unsafe, cookie });
  expect(await json(changed)).toMatchObject({ code: 'origin' });
  const socket = new WebSocket(`wss://localhost:${server.port}/sync`, { ca, headers: { origin: unsafe, cookie } });
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toBe('Unexpected server response: 403');
  const same = await secure('PATCH', '/api/profile', { status: 'here' }, { origin: safe, cookie });
  expect(await json(same)).toMatchObject({ status: 'here' });
});

test('[TLS-6] sockets know the cookie by the same rule, behind a proxy that takes HTTPS off, too', async () => {
  const url = 'https://chat.example.org';
  await using fixture = await setupLan({ ROOST_URL: url });
  const { server, secure, ca } = fixture;
  const token = server.setupLink!.split('#')[1]!;
  const origin = `https://localhost:${server.port}`;
  const made = await secure('POST', '/api/setup', { ...credentials, token }, { origin });
  const own = made.headers['set-cookie']![0]!.split(';')[0]!;
  const planted = own.replace('__Host-', '');
  const signedOut = 4401;
  /** The code of the socket's close, or null once the server has said hello. */
  const outcome = async (scheme: string, cookie: string, from: string): Promise<number | null> => {
    const socket = new WebSocket(`${scheme}://localhost:${server.port}/sync`, {
      ca,
      headers: { origin: from, cookie }
    });
    const closed = once(socket, 'close').then(([code]) => code as number);
    socket.on('open', () => {
      const hello: ClientMessage = { type: 'hello', protocol: PROTOCOL_VERSION, generation: null, cursor: null };
      socket.send(encodeFrame(0, FRAME.data, encodeControl(hello)));
    });
    const greeted = once(socket, 'message').then(() => null);
    try {
      return await Promise.race([closed, greeted]);
    } finally {
      socket.terminate();
    }
  };
  expect(await outcome('wss', own, origin)).toBeNull();
  expect(await outcome('wss', planted, origin), 'planted over plain http').toBe(signedOut);
  expect(await outcome('ws', own, url), 'behind a proxy').toBeNull();
  expect(await outcome('ws', planted, url), 'planted, behind a proxy').toBe(signedOut);
  const plain = `http://localhost:${server.port}`;
  expect(await outcome('ws', planted, plain), 'plain http has its own').toBeNull();
  expect(await outcome('ws', own, plain), 'and no other').toBe(signedOut);
});

test('[TLS-5] the socket opens over both, from a page of ours', async () => {
  await using fixture = await setupLan();
  const { server, ca } = fixture;
  for (const [scheme, origin] of [
    ['wss', `https://localhost:${server.port}`],
    ['ws', `http://localhost:${server.port}`]
  ]) {
    const socket = new WebSocket(`${scheme}://localhost:${server.port}/sync`, { ca, headers: { origin: origin! } });
    const [code] = (await once(socket, 'close')) as [number];
    expect(code, 'accepted, then told that nobody is signed in').toBe(4401);
  }
});

test('[TLS-7] the trust page explains the steps and offers the authority’s certificate, without script', async () => {
  await using fixture = await setupLan();
  const { server, ca } = fixture;
  const base = `http://localhost:${server.port}`;
  const page = await fetch(`${base}/trust`);
  const html = await page.text();
  expect(page.headers.get('content-type')).toContain('text/html');
  for (const system of ['iPhone and iPad', 'Android', 'Windows', 'macOS', 'Linux']) expect(html).toContain(system);
  // It may break between its pairs, and only there.
  expect(html.replaceAll('<wbr>', '')).toContain(server.trust!.fingerprint);
  expect(html).toContain(`href="https://localhost:${server.port}/"`);
  expect(html).not.toMatch(/<script|style=|onclick/i);
  for (const link of ['/trust/style.css', '/trust/ca.crt']) expect(html).toContain(link);
  expect((await fetch(`${base}/trust/style.css`)).headers.get('content-type')).toContain('text/css');

  const download = await fetch(`${base}/trust/ca.crt`);
  expect(download.headers.get('content-type')).toBe('application/x-x509-ca-cert');
  const certificate = new X509Certificate(Buffer.from(await download.arrayBuffer()));
  expect(certificate.fingerprint256).toBe(server.trust!.fingerprint);
  expect(certificate.ca).toBe(true);
  expect(certificate.raw).toEqual(new X509Certificate(ca).raw);
});

test('the authority’s key is not to be had over HTTP', async () => {
  await using fixture = await setupLan();
  for (const address of ['/trust/ca.key', '/data/tls/ca.key', '/trust/..%2fca.key', '/trust/server.key']) {
    const answer = await fetch(`http://localhost:${fixture.server.port}${address}`);
    expect(await answer.text(), address).not.toContain('PRIVATE KEY');
  }
});

test('without --lan there is no TLS and no trust page', async () => {
  await using fixture = await setupLan({}, []);
  expect(fixture.server.trust).toBeNull();
  expect(fixture.server.lanUrls).toEqual([]);
  expect((await fetch(`http://localhost:${fixture.server.port}/trust`)).status).toBe(404);
  await expect(fixture.secure('GET', '/')).rejects.toThrow();
});

test('[TLS-8] a certificate of the host’s own is used, and then there is nothing to trust', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'roost-own-'));
  const authority = await LocalAuthority.open({ folder, hosts: [], name: 'other', now: Date.now });
  const own = await authority.certificateFor(['localhost']);
  const env = { ROOST_TLS_CERT: path.join(folder, 'server.crt'), ROOST_TLS_KEY: path.join(folder, 'server.key') };
  await using fixture = await setupLan(env);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    host: 'localhost',
    port: fixture.server.port,
    path: '/healthz',
    ca: authority.certificate,
    agent: false
  };
  request(options, resolve).on('error', reject).end();
  expect(await text(await promise)).toContain('ok');
  expect(own.cert).toContain('BEGIN CERTIFICATE');
  expect(fixture.server.trust).toBeNull();
  await rm(folder, { recursive: true });
});

test('[TLS-8] a certificate that will not do is one line that says why', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'roost-bad-'));
  const make = async (name: string) => {
    const authority = await LocalAuthority.open({ folder: path.join(folder, name), hosts: [], name, now: Date.now });
    await authority.certificateFor(['localhost']);
    return { cert: path.join(folder, name, 'server.crt'), key: path.join(folder, name, 'server.key') };
  };
  const [a, b] = [await make('a'), await make('b')];
  const nonsense = path.join(folder, 'nonsense.pem');
  await writeFile(nonsense, 'nonsense');
  await mkdir(path.join(folder, 'directory'));
  const starting = (cert: string, key: string) => setupLan({ ROOST_TLS_CERT: cert, ROOST_TLS_KEY: key });
  await expect(starting(a.cert, b.key)).rejects.toThrow(/^The key .* does not belong to the certificate .*\.$/);
  await expect(starting(nonsense, a.key)).rejects.toThrow(/^The certificate cannot be read: .*\.$/);
  await expect(starting(path.join(folder, 'gone'), a.key)).rejects.toThrow(/ of ROOST_TLS_CERT is not there\.$/);
  await expect(starting(path.join(folder, 'directory'), a.key)).rejects.toThrow(/ of ROOST_TLS_CERT cannot be read/);
  await rm(folder, { recursive: true });
});

test('[HTTP-13] a stop does not wait for who says nothing, nor for half a handshake', async () => {
  const fixture = await setupLan();
  const { port } = fixture.server;
  const silent = connect(port, '127.0.0.1').resume();
  const half = connect(port, '127.0.0.1').resume();
  await Promise.all([once(silent, 'connect'), once(half, 'connect')]);
  half.write(Buffer.from([0x16, 3, 1, 0, 200, 1]));
  expect((await fixture.secure('GET', '/healthz')).statusCode, 'both were taken by now').toBe(200);
  const ended = Promise.all([once(silent, 'close'), once(half, 'close')]);
  using time = new RunningTime();
  await fixture[Symbol.asyncDispose]();
  await ended;
  expect(time.ms).toBeLessThan(8_000);
});

test('connections that say nothing, or nonsense, end without harm', async () => {
  await using fixture = await setupLan();
  const { port } = fixture.server;
  const silent = connect(port, '127.0.0.1');
  await once(silent, 'connect');
  silent.destroy();
  for (const bytes of [
    Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]),
    Buffer.from([0, 1, 2]),
    Buffer.from('NONSENSE\r\n\r\n')
  ]) {
    const socket = connect(port, '127.0.0.1');
    // It may end by a reset, which is no harm.
    socket.on('error', () => undefined).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end(bytes);
    await closed;
  }
  expect((await fixture.secure('GET', '/healthz')).statusCode).toBe(200);
});

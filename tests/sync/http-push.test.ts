// Web Push over a whole server: subscribing, and a push service on this machine that decrypts what comes.

import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readPush, type PushedData } from '#protocol/push.ts';
import { PushSender } from '../../sync-server/push/push-sender.ts';
import { ALL_SUBSCRIPTIONS } from '../../sync-server/push/push-keys.ts';
import { BrowserKeys } from '../../sync-server/push/testing/browser-keys.ts';
import { openVapidKeys } from '../../sync-server/push/vapid-keys.ts';
import { Store } from '../../sync-server/store/store.ts';
import { cookieOf, PASSWORD, setupHttp, type Person } from './http-fixture.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A push service. */
async function setupService() {
  const received: Received[] = [];
  let answer: { status: number; headers?: Record<string, string> } = { status: 201 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers: (status: number, headers?: Record<string, string>) => (answer = { status, ...(headers && { headers }) })
  };
}

async function setup() {
  const service = await setupService();
  const fixture = await setupHttp({ pushServices: [service.origin] });
  onTestFinished(() => fixture[Symbol.asyncDispose]());
  const ann = await fixture.setUp();
  const bo = await fixture.signUp('Bo');
  const browser = new BrowserKeys();
  const subscribe = (person: Person, more: object = {}) =>
    fixture.call('PUT', '/api/push/subscription', {
      cookie: person.cookie,
      body: { endpoint: `${service.origin}/ann`, keys: browser.keys, ...more }
    });
  const stateOf = async ({ cookie }: Pick<Person, 'cookie'>) =>
    (await fixture.call('GET', '/api/push', { cookie })).body;
  return { service, fixture, ann, bo, browser, subscribe, stateOf };
}

const kept = async (fixture: Awaited<ReturnType<typeof setupHttp>>): Promise<number> => {
  let count = 0;
  for await (const _ of fixture.server.core.store.kv.range(ALL_SUBSCRIPTIONS)) count += 1;
  return count;
};

describe('[PUSH-1] a session subscribes, says whether words are shown, and takes it back', () => {
  test('with the key of the server, which stays', async () => {
    const { fixture, ann, service, subscribe, stateOf } = await setup();
    const { publicKey } = await stateOf(ann);
    expect(publicKey).toMatch(/^[A-Za-z0-9_-]{87}$/);
    expect(await openVapidKeys(fixture.server.core.store.kv)).toMatchObject({ publicKey });
    expect(await stateOf(ann)).toEqual({ publicKey, subscription: null });
    const endpoint = `${service.origin}/ann`;
    expect((await subscribe(ann)).body).toEqual({ publicKey, subscription: { endpoint, content: false } });
    expect((await subscribe(ann, { content: true })).body).toMatchObject({ subscription: { content: true } });
    // What is not said stays.
    expect((await subscribe(ann)).body).toMatchObject({ subscription: { content: true } });
    await fixture.call('DELETE', '/api/push/subscription', { cookie: ann.cookie });
    expect(await stateOf(ann)).toEqual({ publicKey, subscription: null });
  });

  test.for<[code: string, body: object]>([
    ['push-endpoint', { endpoint: 'https://169.254.169.254/latest' }],
    ['push-endpoint', { endpoint: 'http://push.example.org/x' }],
    ['push-endpoint', { endpoint: 'http://127.0.0.1:1/x' }],
    ['push-endpoint', { endpoint: 'nowhere' }],
    ['bad-request', { endpoint: 7 }],
    ['bad-request', { keys: { p256dh: 'short', auth: 'short' } }],
    ['bad-request', { keys: { ...new BrowserKeys().keys, p256dh: `B${'A'.repeat(86)}` } }],
    ['bad-request', { content: 'yes' }]
  ])('%s: %j', async ([code, more]) => {
    const { ann, subscribe, stateOf } = await setup();
    expect((await subscribe(ann, more)).body).toMatchObject({ code });
    expect(await stateOf(ann)).toMatchObject({ subscription: null });
  });
});

describe('[PUSH-2] a subscription ends with its session', () => {
  test.for<[how: string, end: (there: Awaited<ReturnType<typeof setup>>) => Promise<unknown>]>([
    ['signed out', ({ fixture, bo }) => fixture.call('DELETE', '/api/session', { cookie: bo.cookie })],
    ['revoked', ({ fixture, bo }) => fixture.server.core.sessions.endAll(bo.me.id, 'revoked')],
    ['suspended', ({ fixture, bo }) => fixture.server.core.acts.suspend(bo.me.id)],
    ['deleted', ({ fixture, bo }) => fixture.server.core.acts.delete(bo.me.id, false)],
    [
      'expired',
      async ({ fixture }) => {
        fixture.pass(400 * 24 * 3_600_000);
        await fixture.server.core.sessions.removeExpired();
      }
    ]
  ])('%s', async ([, end]) => {
    const there = await setup();
    await there.subscribe(there.bo);
    expect(await kept(there.fixture)).toBe(1);
    await end(there);
    expect(await kept(there.fixture)).toBe(0);
    expect(there.fixture.server.core.pushSubscriptions.has(there.bo.me.id)).toBe(false);
  });

  test('of too many, the next is told so', async () => {
    const { fixture, bo, subscribe, stateOf, browser } = await setup();
    const others = { user: bo.me.id, ...browser.keys, content: false, origin: fixture.origin };
    for (let at = 0; at < 50; at++)
      await fixture.server.core.pushSubscriptions.put({ ...others, session: `${at}`, endpoint: `https://push/${at}` });
    expect((await subscribe(bo)).body).toMatchObject({ code: 'too-many' });
    expect(await stateOf(bo)).toMatchObject({ subscription: null });
  });

  test('each device has its own', async () => {
    const { fixture, bo, subscribe, stateOf, service } = await setup();
    const again = await fixture.call('POST', '/api/session', { body: { name: 'Bo', password: PASSWORD } });
    await subscribe(bo);
    await subscribe({ ...bo, cookie: cookieOf(again) }, { endpoint: `${service.origin}/other` });
    await fixture.call('DELETE', '/api/session', { cookie: bo.cookie });
    expect(await stateOf({ cookie: cookieOf(again) })).toMatchObject({
      subscription: { endpoint: `${service.origin}/other` }
    });
  });
});

test('[PUSH-12] what the service gets is encrypted for the browser and signed by the server', async () => {
  const { service, fixture, ann, bo, browser, subscribe, stateOf } = await setup();
  await subscribe(ann, { content: true });
  const room = await fixture.makeRoom(bo, 'Harbour', 'private');
  await fixture.append(room, bo.me.id, { type: 'membership', action: 'invited', user: ann.me.id });
  await expect.poll(() => service.received.length).toBe(1);
  const [{ path, headers, body }] = service.received as [Received];
  expect(path).toBe('/ann');
  expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400', urgency: 'high' });
  expect(headers['topic']).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(body.toString('latin1')).not.toContain(room);
  expect(readPush(browser.decrypt(body))).toMatchObject({
    kind: 'invitation',
    room,
    author: 'Bo'
  } satisfies Partial<PushedData>);
  expect(() => new BrowserKeys().decrypt(body)).toThrow();

  const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(headers['authorization'] ?? '') ?? [];
  const { publicKey } = await stateOf(ann);
  expect(key).toBe(publicKey);
  const [head, claims, signature] = token!.split('.') as [string, string, string];
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ aud: service.origin });
  const point = Buffer.from(key!, 'base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: point.toString('base64url', 1, 33), y: point.toString('base64url', 33) };
  const spoken = {
    key: createPublicKey({ key: jwk, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363' as const
  };
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), spoken, Buffer.from(signature, 'base64url'))).toBe(true);
});

describe('[PUSH-8] what the answer of a service means', () => {
  test.for<[status: number, outcome: object]>([
    [201, { kind: 'taken' }],
    [200, { kind: 'taken' }],
    [404, { kind: 'gone' }],
    [410, { kind: 'gone' }],
    [429, { kind: 'later', afterMs: 7_000 }],
    [500, { kind: 'later', afterMs: 7_000 }],
    [503, { kind: 'later', afterMs: 7_000 }],
    [400, { kind: 'refused', why: '400' }],
    [413, { kind: 'refused', why: '413' }],
    // Following it would lead where nobody has looked.
    [302, { kind: 'refused', why: '302' }],
    [307, { kind: 'refused', why: '307' }]
  ])('%i: %j', async ([status, outcome]) => {
    const { service, sender, to } = await setupSender();
    service.answers(status, { 'retry-after': '7', location: `${service.origin}/elsewhere` });
    expect(await sender.send(to, { payload: '{}', topic: 'topic', urgency: 'normal' })).toEqual(outcome);
    expect(service.received.map(({ path }) => path)).toEqual(['/x']);
  });

  test('a service that is not there, or must not be asked', async () => {
    const { sender, to } = await setupSender();
    const push = { payload: '{}', topic: 'topic', urgency: 'normal' } as const;
    expect(await sender.send({ ...to, endpoint: 'https://127.0.0.1/x' }, push)).toEqual({
      kind: 'refused',
      why: 'not-public'
    });
    expect(await sender.send({ ...to, p256dh: 'AAAA' }, push)).toEqual({ kind: 'refused', why: 'keys' });
  });
});

test('[PUSH-3] a service that the host has allowed is that of its port alone', async () => {
  const { sender, to, resolved } = await setupSender(['https://push.example.test:8443']);
  const push = { payload: '{}', topic: 'topic', urgency: 'normal' } as const;
  // Its name leads into the own network, which is nobody's business at another port.
  expect(await sender.send({ ...to, endpoint: 'https://push.example.test/x' }, push)).toEqual({
    kind: 'refused',
    why: 'not-public'
  });
  expect(resolved).toEqual(['push.example.test']);
});

async function setupSender(more: readonly string[] = []) {
  const service = await setupService();
  const resolved: string[] = [];
  const store = await Store.inMemory();
  const sender = new PushSender({
    vapid: await openVapidKeys(store.kv),
    subject: 'mailto:postmaster@example.org',
    ownServices: [service.origin, ...more],
    resolve: (host, done) => {
      resolved.push(host);
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    }
  });
  onTestFinished(async () => {
    sender.close();
    await store.close();
  });
  return { service, sender, resolved, to: { endpoint: `${service.origin}/x`, ...new BrowserKeys().keys } };
}

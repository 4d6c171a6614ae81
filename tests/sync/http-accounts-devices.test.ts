// The keys of people's devices over HTTP.

import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DeviceInfo } from '#protocol/api/device.ts';
import { deviceId } from '#protocol/signing.ts';
import { DEFAULT_LIMITS } from '../../sync-server/config.ts';
import { setupHttp } from './http-fixture.ts';

const newPublicKey = (): string => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!;

test('[DEV-1] a device registers its key under its session, and others find it by person and by id', async () => {
  await using fixture = await setupHttp();
  const { call } = fixture;
  const ann = await fixture.setUp('Ann');
  const bo = await fixture.signUp('Bo');
  const publicKey = newPublicKey();
  const id = deviceId(Buffer.from(publicKey, 'base64url'));
  const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' };
  const answer = await call('POST', '/api/devices', { cookie: ann.cookie, headers, body: { publicKey } });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ id, user: ann.me.id, publicKey, revokedAt: null });
  const list = async (query: string) =>
    JSON.parse((await call('GET', `/api/devices?${query}`, { cookie: bo.cookie })).text) as DeviceInfo[];
  expect(await list(`users=${ann.me.id},${bo.me.id}`)).toEqual([answer.body]);
  expect(await list(`ids=absent,${id}`)).toEqual([answer.body]);
  await call('DELETE', '/api/session', { cookie: ann.cookie });
  expect((await list(`ids=${id}`))[0]!.revokedAt).toBeGreaterThan(0);
});

test.each([{ publicKey: 'x' }, { publicKey: 7 }, {}, '[]'])('%j is refused as a key', async (body) => {
  await using fixture = await setupHttp();
  const { cookie } = await fixture.setUp('Ann');
  const answer = await fixture.call('POST', '/api/devices', { cookie, body });
  expect(answer.body['code']).toMatch(/^(device-invalid|bad-request)$/);
});

test('[DEV-2] another’s key is refused, and new keys are limited, not those that are known', async () => {
  const devicesPerPerson = { times: 2, perMs: 3_600_000 };
  await using fixture = await setupHttp({ limits: { ...DEFAULT_LIMITS, devicesPerPerson } });
  const { call } = fixture;
  const ann = await fixture.setUp('Ann');
  const bo = await fixture.signUp('Bo');
  const register = async (cookie: string, publicKey: string) =>
    (await call('POST', '/api/devices', { cookie, body: { publicKey } })).body['code'] ?? 'ok';
  const [first, second, third] = [newPublicKey(), newPublicKey(), newPublicKey()];
  expect(await register(ann.cookie, first)).toBe('ok');
  for (let i = 0; i < 5; i++) expect(await register(bo.cookie, first)).toBe('device-invalid');
  for (let i = 0; i < 5; i++) expect(await register(ann.cookie, first)).toBe('ok');
  expect(await register(ann.cookie, second)).toBe('ok');
  expect(await register(ann.cookie, third)).toBe('rate-limited');
  expect(await register(bo.cookie, third)).toBe('ok');
});

test('[DEV-2] devices are told to people who are signed in alone, and for one question at a time', async () => {
  await using fixture = await setupHttp();
  const { cookie, me } = await fixture.setUp('Ann');
  expect((await fixture.call('GET', `/api/devices?users=${me.id}`)).status).toBe(401);
  expect((await fixture.call('POST', '/api/devices', { body: { publicKey: newPublicKey() } })).status).toBe(401);
  for (const query of ['', '?users=a&ids=b', `?ids=${Array.from({ length: 101 }, (_, i) => `d${i}`).join(',')}`]) {
    expect((await fixture.call('GET', `/api/devices${query}`, { cookie })).body).toMatchObject({ code: 'bad-request' });
  }
});

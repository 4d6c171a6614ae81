// Previews over the API of a whole server, of a site that the host allows.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { PICTURES } from '#protocol/media/testing/pictures.ts';
import { DEFAULT_LIMITS, type Config } from '../../sync-server/config.ts';
import { setupHttp } from './http-fixture.ts';

async function setupSite() {
  const asked: string[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url!);
    if (url === '/p.png') return response.writeHead(200, { 'content-type': 'image/png' }).end(PICTURES.png);
    if (url === '/gone') return response.writeHead(404, { 'content-type': 'text/html' }).end('<title>Gone</title>');
    const words = '<title>Tide</title><meta property="og:image" content="/p.png">';
    response.writeHead(200, { 'content-type': 'text/html' }).end(words);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  };
}

const setup = async (ownSites: string[], more: Partial<Config> = {}) => {
  const fixture = await setupHttp({ linkPreviews: { on: true, ownSites }, ...more });
  const ann = await fixture.setUp();
  const preview = (url: unknown, cookie: string | undefined = ann.cookie) =>
    fixture.call('POST', '/api/previews', { body: { url }, ...(cookie && { cookie }) });
  return { fixture, preview, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
};

describe('POST /api/previews', () => {
  test('[PREVIEW-5] tells what a page says of itself, with its picture', async () => {
    await using site = await setupSite();
    await using there = await setup([site.origin]);
    const { status, body, headers } = await there.preview(`${site.origin}/page`);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      page: { title: 'Tide', picture: { type: 'image/png', data: Buffer.from(PICTURES.png).toString('base64') } }
    });
  });

  test('[PREVIEW-8] answers alike for what is not there, is no page, and lies where the server does not go', async () => {
    await using site = await setupSite();
    await using there = await setup([site.origin]);
    const elsewhere = site.origin.replace('127.0.0.1', 'localhost');
    const own = there.fixture.origin;
    for (const url of [
      `${site.origin}/gone`,
      `${site.origin}/p.png`,
      elsewhere,
      own,
      'http://10.0.0.1/',
      'https://[::1]/',
      'http://nowhere.invalid/'
    ]) {
      const { status, body } = await there.preview(url);
      expect([status, body], url).toEqual([200, { page: null }]);
    }
    expect(site.asked).toEqual(['/gone', '/p.png']);
  });

  test('takes web addresses alone', async () => {
    await using there = await setup([]);
    for (const url of [
      '',
      'tide',
      'ftp://a.example/',
      'file:///etc/passwd',
      'https://ann:x@a.example/',
      7,
      null,
      `https://a.example/${'x'.repeat(2_000)}`
    ]) {
      const { status, body } = await there.preview(url);
      expect([status, body['code']], String(url)).toEqual([400, 'bad-request']);
    }
  });

  test('[PREVIEW-9] so often, and not at all where the host wants none', async () => {
    await using site = await setupSite();
    await using there = await setup([site.origin], {
      limits: { ...DEFAULT_LIMITS, previewsPerPerson: { times: 2, perMs: 60_000 } }
    });
    for (const status of [200, 200, 429]) expect((await there.preview(`${site.origin}/page`)).status).toBe(status);
    const bo = await there.fixture.signUp('Bo');
    expect((await there.preview(`${site.origin}/page`, bo.cookie)).status).toBe(200);
    there.fixture.pass(60_000);
    expect((await there.preview(`${site.origin}/page`)).status).toBe(200);
    expect((await there.fixture.call('GET', '/api/server')).body['previews']).toBe(true);

    await using off = await setup([], { linkPreviews: { on: false, ownSites: [site.origin] } });
    const { status, body } = await off.preview(`${site.origin}/page`);
    expect([status, body['code']]).toEqual([403, 'previews-off']);
    expect((await off.fixture.call('GET', '/api/server')).body['previews']).toBe(false);
  });
});

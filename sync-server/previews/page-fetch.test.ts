import type { ServerResponse } from 'node:http';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { PageFetch, type FetchWish } from './page-fetch.ts';
import { loopbackSite } from './testing/loopback-site.ts';

const wish = (more: Partial<FetchWish> = {}): FetchWish => ({
  ...{ accept: ['text/html'], maxBytes: 1_000, cut: true, signal: new AbortController().signal },
  ...more
});
const html = (response: ServerResponse, body: string | Buffer, more: Record<string, string> = {}): void =>
  void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...more }).end(body);
const redirect = (response: ServerResponse, to: string): void => void response.writeHead(302, { location: to }).end();

describe('[PREVIEW-6] where a request goes', () => {
  test('http and https, on their usual port, at a public address', () => {
    const pages = new PageFetch({ userAgent: 'x', ownSites: ['http://wiki.lan:8080'] });
    for (const fine of [
      'http://a.example/',
      'https://a.example:443/x',
      'http://a.example:80',
      'https://1.1.1.1/',
      'http://wiki.lan:8080/x'
    ])
      expect(pages.mayFetch(new URL(fine)), fine).toBe(true);
    for (const no of [
      ...['ftp://a.example/', 'file:///etc/passwd', 'gopher://a.example/', 'data:text/html,x'],
      ...['https://a.example:8443/', 'http://a.example:443/', 'https://a.example:80/', 'http://a.example:22/'],
      ...['https://ann@a.example/', 'https://ann:secret@a.example/', 'http://ann@wiki.lan:8080/'],
      ...[
        'http://127.0.0.1/',
        'http://127.1/',
        'http://0x7f000001/',
        'http://2130706433/',
        'http://[::1]/',
        'http://0/'
      ],
      ...['http://10.0.0.1/', 'http://192.168.1.1/', 'http://100.64.0.1/', 'http://169.254.169.254/latest/meta-data/'],
      ...[
        'http://[::ffff:169.254.169.254]/',
        'http://[64:ff9b::a00:1]/',
        'http://[2002:a00:1::]/',
        'http://[fe80::1]/'
      ],
      ...[
        'http://224.0.0.1/',
        'http://localhost/',
        'http://metadata.google.internal/',
        'http://nas.local/',
        'http://nas/'
      ],
      ...['https://wiki.lan:8080/']
    ])
      expect(pages.mayFetch(new URL(no)), no).toBe(false);
  });

  test('a name that leads to an address which is not public is not connected to', async () => {
    await using site = await loopbackSite((_, response) => html(response, 'secret'));
    for (const address of ['127.0.0.2', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1']) {
      site.names['inside.example'] = [address];
      expect(await site.pages.fetch(site.url('/', 'inside.example'), wish()), address).toBeNull();
    }
    expect(site.asked).toEqual([]);
  });

  test('a name that is answered otherwise the next time is resolved once, and looked at each time', async () => {
    await using site = await loopbackSite(({ url }, response) =>
      url === '/' ? redirect(response, '/again') : html(response, 'secret')
    );
    site.names['turns.example'] = ['127.0.0.1', '127.0.0.2'];
    expect(await site.pages.fetch(site.url('/', 'turns.example'), wish())).toBeNull();
    expect(site.resolved).toEqual(['turns.example', 'turns.example']);
    expect(site.asked.map(({ path }) => path)).toEqual(['/']);
    site.names['once.example'] = ['127.0.0.1', '127.0.0.2'];
    expect((await site.pages.fetch(site.url('/page', 'once.example'), wish()))?.bytes.toString()).toBe('secret');
    expect(site.resolved.slice(2)).toEqual(['once.example']);
  });

  test('redirects are followed three times, wherever they may lead, and nowhere else', async () => {
    await using site = await loopbackSite(({ url }, response) => {
      const [, kind, rest] = url!.split(/\/(\w+)\//);
      if (kind === 'hops')
        return rest === '0' ? html(response, 'there') : redirect(response, `/hops/${Number(rest) - 1}`);
      if (kind === 'to') return redirect(response, decodeURIComponent(rest!));
      response.writeHead(302).end();
    });
    const arrived = await site.pages.fetch(site.url('/hops/3'), wish());
    expect([arrived?.bytes.toString(), arrived?.url.pathname]).toEqual(['there', '/hops/0']);
    expect(await site.pages.fetch(site.url('/hops/4'), wish())).toBeNull();
    const before = site.asked.length;
    const away = [
      'http://10.0.0.1/',
      'http://127.0.0.2/',
      `http://127.0.0.2:${site.port}/`,
      'http://localhost/',
      'file:///etc/passwd',
      'http://ann@site.example/',
      'http://site.example:22/',
      'javascript:1',
      'http://['
    ];
    for (const to of away)
      expect(await site.pages.fetch(site.url(`/to/${encodeURIComponent(to)}`), wish()), to).toBeNull();
    expect(await site.pages.fetch(site.url('/nowhere'), wish())).toBeNull();
    expect(site.asked.length).toBe(before + away.length + 1);
  });

  test('[PREVIEW-8] the site learns the name that was asked for, and nothing of who asks', async () => {
    await using site = await loopbackSite((_, response) => html(response, 'x', { 'set-cookie': 'a=b' }));
    await site.pages.fetch(site.url(), wish());
    await site.pages.fetch(site.url(), wish());
    for (const { headers } of site.asked) {
      expect(Object.keys(headers).sort()).toEqual(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
      expect(headers).toMatchObject({ host: `site.example:${site.port}`, 'user-agent': 'RoostLinkPreview/1' });
    }
  });
});

describe('[PREVIEW-7] what is read', () => {
  test('HTML of status 200, as far as the bound, or not at all', async () => {
    await using site = await loopbackSite(({ url }, response) => {
      const [, status, type, length] = decodeURIComponent(url!).split('|');
      response.writeHead(Number(status), { 'content-type': type! }).end('x'.repeat(Number(length)));
    });
    const fetched = async (status: number, type: string, length = 10, more: Partial<FetchWish> = {}) =>
      (await site.pages.fetch(site.url(`/|${status}|${encodeURIComponent(type)}|${length}`), wish(more)))?.bytes
        .length ?? null;
    expect(await fetched(200, 'text/html')).toBe(10);
    expect(await fetched(200, 'Text/HTML;charset=x')).toBe(10);
    for (const status of [201, 204, 206, 404, 500])
      expect(await fetched(status, 'text/html'), String(status)).toBeNull();
    for (const type of ['', 'text/plain', 'application/xhtml+xml', 'text/htmlx', 'image/png', 'application/json'])
      expect(await fetched(200, type), type).toBeNull();
    expect(await fetched(200, 'text/html', 1_000)).toBe(1_000);
    expect(await fetched(200, 'text/html', 50_000)).toBe(1_000);
    expect(await fetched(200, 'text/html', 1_001, { cut: false })).toBeNull();
    expect(await fetched(200, 'image/x-icon', 10, { accept: ['image/'] })).toBe(10);
  });

  test('unpacked, and no more of that than the bound, however much is packed in it', async () => {
    const bomb = Buffer.alloc(16 * 1024 * 1024, 0x20);
    const packed: Record<string, Buffer> = {
      gzip: gzipSync(bomb),
      deflate: deflateSync(bomb),
      br: brotliCompressSync(bomb, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
    };
    await using site = await loopbackSite(({ url }, response) => {
      const [, kind, encoding = ''] = url!.split('/');
      if (kind === 'bomb') return html(response, packed[encoding]!, { 'content-encoding': encoding });
      if (kind === 'small') return html(response, gzipSync('hello'), { 'content-encoding': encoding });
      html(response, 'not packed at all', { 'content-encoding': 'gzip' });
    });
    for (const encoding of Object.keys(packed)) {
      expect((await site.pages.fetch(site.url(`/bomb/${encoding}`), wish()))?.bytes.length).toBe(1_000);
      expect(await site.pages.fetch(site.url(`/bomb/${encoding}`), wish({ cut: false }))).toBeNull();
    }
    expect((await site.pages.fetch(site.url('/small/gzip'), wish()))?.bytes.toString()).toBe('hello');
    expect(await site.pages.fetch(site.url('/small/zstd'), wish())).toBeNull();
    expect(await site.pages.fetch(site.url('/broken'), wish())).toBeNull();
  });

  test('a body without end is ended, and its line closed', async () => {
    const closed = Promise.withResolvers<void>();
    await using site = await loopbackSite((_, response) => {
      response.once('close', closed.resolve);
      response.writeHead(200, { 'content-type': 'text/html' });
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    });
    expect((await site.pages.fetch(site.url(), wish()))?.bytes.length).toBe(1_000);
    await closed.promise;
  });

  test.for(['head', 'body', 'redirect'] as const)('one who is slow with the %s is left at the time', async (kind) => {
    const stop = new AbortController();
    let drops = 0;
    const closed = Promise.withResolvers<void>();
    await using site = await loopbackSite(({ url, socket }, response) => {
      if (kind === 'redirect' && url === '/') return redirect(response, '/next');
      response.once('close', closed.resolve);
      if (kind === 'body') response.writeHead(200, { 'content-type': 'text/html' });
      const drip = (): void => {
        if (socket.destroyed) return;
        if (kind === 'body') response.write('x');
        else socket.write(drops === 0 ? 'HTTP/1.1 200 OK\r\nX-Slow: ' : 'x');
        drops += 1;
        // Something has come, and more would for ever.
        if (drops === 20) stop.abort();
        setImmediate(drip);
      };
      drip();
    });
    expect(await site.pages.fetch(site.url(), wish({ signal: stop.signal }))).toBeNull();
    await closed.promise;
    expect(drops).toBeGreaterThanOrEqual(20);
  });

  test('a site that turns to another protocol has answered nothing, and is not waited for', async () => {
    await using site = await loopbackSite(({ socket }) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
    });
    expect(await site.pages.fetch(site.url(), wish())).toBeNull();
    expect(site.asked).toHaveLength(1);
  });

  test('a line that breaks, and one that is not there, are nothing', async () => {
    const site = await loopbackSite((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': '500' }).write('x');
      response.socket!.destroy();
    });
    expect(await site.pages.fetch(site.url(), wish())).toBeNull();
    await site[Symbol.asyncDispose]();
    expect(await site.pages.fetch(site.url(), wish())).toBeNull();
  });
});

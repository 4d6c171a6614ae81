import { describe, expect, test } from 'vitest';
import { PICTURES } from '#protocol/media/testing/pictures.ts';
import { PREVIEW_LIMITS, Previews } from './previews.ts';
import { loopbackSite, type Handle } from './testing/loopback-site.ts';

const never = new AbortController().signal;

const page =
  (head: string, picture: Buffer = Buffer.from(PICTURES.png), type = 'image/png'): Handle =>
  ({ url }, response) => {
    if (url === '/p.png') response.writeHead(200, { 'content-type': type }).end(picture);
    else response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>Tide</title>${head}`);
  };

describe('[PREVIEW-5] a page and its picture', () => {
  test.for(['/p.png', 'p.png', '//site.example:PORT/p.png', 'http://other.example:PORT/p.png'])(
    'at %s',
    async (address) => {
      await using site = await loopbackSite(({ url }, response) =>
        page(`<meta property="og:image" content="${address.replace('PORT', site.port)}">`)({ url } as never, response)
      );
      const previews = new Previews({ pages: site.pages });
      expect(await previews.of(site.url('/page'), 'ann', never)).toEqual({
        title: 'Tide',
        picture: { type: 'image/png', data: Buffer.from(PICTURES.png).toString('base64') }
      });
    }
  );

  test('without a picture where that cannot be had, or is none', async () => {
    const image = '<meta property="og:image" content="/p.png">';
    for (const handle of [
      page('<meta property="og:image" content="http://10.0.0.1/p.png">'),
      page('<meta property="og:image" content="http://[">'),
      page('<meta property="og:image" content="data:image/png;base64,AAAA">'),
      page(image, Buffer.from('<svg/>'), 'image/svg+xml'),
      page(image, Buffer.from(PICTURES.png), 'text/html'),
      page(image, Buffer.concat([PICTURES.png, Buffer.alloc(2 * 1024 * 1024)]))
    ]) {
      await using site = await loopbackSite(handle);
      expect(await new Previews({ pages: site.pages }).of(site.url('/page'), 'ann', never)).toEqual({ title: 'Tide' });
    }
  });

  test('a picture is taken by its bytes where its site only says that it is bytes', async () => {
    const image = '<meta property="og:image" content="/p.png">';
    await using site = await loopbackSite(page(image, Buffer.from(PICTURES.webp), 'application/octet-stream'));
    const summary = await new Previews({ pages: site.pages }).of(site.url('/page'), 'ann', never);
    expect(summary).toMatchObject({ picture: { type: 'image/webp' } });
  });
});

describe('[PREVIEW-9] previews under way', () => {
  test('are few of one person, bounded of all, and end with who asked or with the server', async () => {
    await using site = await loopbackSite(() => undefined);
    const limits = { ...PREVIEW_LIMITS, atOnce: 3, atOncePerPerson: 2 };
    const previews = new Previews({ pages: site.pages, limits });
    const gone = new AbortController();
    const [first, second] = [previews.of(site.url(), 'ann', gone.signal), previews.of(site.url(), 'ann', never)];
    expect(await previews.of(site.url(), 'ann', never)).toBe('busy');
    const third = previews.of(site.url(), 'bo', never);
    expect(await previews.of(site.url(), 'cy', never)).toBe('busy');
    gone.abort();
    expect(await first).toBeNull();
    const fourth = previews.of(site.url(), 'cy', never);
    previews.close();
    expect(await Promise.all([second, third, fourth])).toEqual([null, null, null]);
  });

  test('[PREVIEW-7] end after their time', async () => {
    await using site = await loopbackSite(() => undefined);
    const previews = new Previews({ pages: site.pages, limits: { ...PREVIEW_LIMITS, timeMs: 20 } });
    expect(await previews.of(site.url(), 'ann', never)).toBeNull();
  });
});

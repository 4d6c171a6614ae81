// What hostile people write, in every place where others read it: it is shown as text and does nothing.

import { expect, test, type Page } from '@playwright/test';
import { Community } from '../process/community.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { watchForAttacks } from './attack-watch.ts';
import { Device, type BrowserName } from './device.ts';
import { composer, drawnTexts, message, send, signIn } from './person.ts';

/** Each would call `pwned()` where it ran, or send the reader elsewhere. */
const ATTACKS: readonly string[] = [
  '<script>pwned()</script>',
  '<img src=x onerror=pwned()>',
  '<svg/onload=pwned()>',
  '"><svg onload="pwned()">',
  "'-pwned()-'",
  '<a href="javascript:pwned()">a gift</a>',
  '<iframe srcdoc="<script>parent.pwned()</script>"></iframe>',
  '<body onload=pwned()>',
  '<details open ontoggle=pwned()>',
  '<style>@import "https://evil.example/x.css";</style>',
  '<link rel=stylesheet href=https://evil.example/x.css>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<form action="https://evil.example/"><input autofocus onfocus=pwned()></form>',
  '<math><mtext></table></math><img src onerror=pwned()>',
  '<noscript><p title="</noscript><img src=x onerror=pwned()>">',
  '{{constructor.constructor("pwned()")()}} ${pwned()} {@html "<img src=x onerror=pwned()>"}',
  'javascript:pwned() JaVaScRiPt:pwned() javascript&colon;pwned()',
  'vbscript:pwned() data:text/html,<script>parent.pwned()</script> blob:https://evil.example/1 file:///etc/passwd',
  '[a gift](javascript:pwned()) ![x](x"onerror="pwned())',
  'https://evil.example/"onmouseover="pwned()" https://evil.example/?q=<script>pwned()</script>',
  "https://evil.example/'onclick='pwned()' mailto:a@b.example?body=<script>pwned()</script>",
  'http://user:javascript:pwned()@evil.example/ https://javascript:pwned()/',
  '\u202Ehttps://evil.example/gpj.exe\u202C',
  '\\u003cimg src=x onerror=pwned()\\u003e %3Cscript%3Epwned()%3C/script%3E &lt;script&gt;pwned()&lt;/script&gt;'
];
/** The same in Markdown: each would be a link to what must not open, or markup. */
const MARKDOWN_ATTACKS: readonly string[] = [
  '[gift](javascript:pwned())',
  '[gift](JaVaScRiPt:pwned())',
  '[gift](java\tscript:pwned())',
  '[gift](<javascript:pwned()>)',
  '[gift](javascript&colon;pwned())',
  '[gift](&#106;avascript:pwned())',
  '[gift](\u0001javascript:pwned())',
  '[gift](data:text/html,<script>parent.pwned()</script>)',
  '[gift](vbscript:pwned())',
  '[gift](//evil.example)',
  '[gift](/settings/account)',
  '[gift](https://evil.example/ "x\\" onmouseover=\\"pwned()")',
  '[gift](https://evil.example/"onmouseover="pwned\\(\\))',
  '[**[gift](javascript:pwned())**](javascript:pwned())',
  '![x](https://evil.example/x.png) ![x](javascript:pwned())',
  '<javascript:pwned()> [gift][1]\n\n[1]: javascript:pwned()',
  '**<img src=x onerror=pwned()>** `<script>pwned()</script>`',
  '> <svg onload=pwned()>\n\n- <iframe srcdoc="<script>parent.pwned()</script>">',
  '```html\n<script>pwned()</script><img src=x onerror=pwned()>\n```',
  '```"><script>pwned()</script>\nx\n```',
  '[https://bank.example](https://evil.example/)'
];
/** Room names have 80 characters at most, user names 40. */
const NAMES = ATTACKS.filter((attack) => attack.length <= 80);
const USER_NAMES = ATTACKS.filter((attack) => attack.length <= 40 && !/[\u202A-\u202E]/.test(attack));

const linkSchemes = (page: Page): Promise<string[]> =>
  page
    .getByRole('article')
    .locator('a')
    .evaluateAll((links) => [...new Set((links as HTMLAnchorElement[]).map((link) => link.protocol))].sort());

test('[SAFE-1] [SAFE-2] hostile messages, names and topics are text, run nothing and ask for nothing', async ({
  browserName
}) => {
  await using roost = await RoostProcess.start();
  using community = new Community(roost);
  const nora = await community.person('Nora');
  const victims = await community.room(nora, 'Harbour crew', 'public');
  const attackers = [];
  for (const name of USER_NAMES) attackers.push(await community.person(name));
  for (const [index, attack] of ATTACKS.entries())
    await community.write(attackers[index % attackers.length]!, victims, attack);
  for (const attacker of attackers) await community.join(attacker, victims);
  const named = [];
  for (const name of NAMES) named.push(await community.room(nora, name, 'public'));
  for (const [index, room] of named.entries()) await community.setTopic(nora, room, ATTACKS[index % ATTACKS.length]!);

  // So high that all of them are drawn at once.
  await using device = await Device.open(browserName as BrowserName, { viewport: { width: 1280, height: 3_600 } });
  const { page } = device;
  const attacksSeen = await watchForAttacks(page);
  await signIn(page, roost.url, 'Nora');

  const rooms = page.getByRole('navigation', { name: 'Rooms' });
  for (const name of NAMES) await expect(rooms.getByText(name, { exact: true })).toHaveCount(1);
  await rooms.getByRole('link', { name: /Harbour crew/ }).click();
  await expect(composer(page)).toBeVisible();

  await expect.poll(() => drawnTexts(page)).toEqual(ATTACKS);
  await expect.poll(() => linkSchemes(page)).toEqual(['http:', 'https:', 'mailto:']);

  // The same from oneself, as the composer and the outbox see it.
  for (const attack of ATTACKS.slice(0, 4)) {
    await send(page, `mine: ${attack}`);
    await expect(message(page, `mine: ${attack}`)).toBeVisible();
  }

  await page.goto(`${roost.url}/room/${named[0]}/details`);
  await expect(page.getByRole('complementary', { name: 'Room details' })).toContainText(ATTACKS[0]!);
  await page.goto(`${roost.url}/room/${victims}/details`);
  const details = page.getByRole('complementary', { name: 'Room details' });
  for (const name of USER_NAMES) await expect(details.getByText(name, { exact: true }).first()).toBeAttached();
  await page.goto(`${roost.url}/directory`);
  for (const name of NAMES)
    await expect(page.getByRole('main').getByRole('heading', { name, exact: true })).toBeAttached();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find a room' }).fill('<');
  await expect(page.getByRole('option').first()).toBeVisible();

  expect(await attacksSeen()).toEqual([]);
});

test('[SAFE-1] [SAFE-2] [MARK-3] [MARK-4] hostile Markdown runs nothing, asks for nothing and leads nowhere else', async ({
  browserName
}) => {
  await using roost = await RoostProcess.start();
  using community = new Community(roost);
  const nora = await community.person('Nora');
  const room = await community.room(nora, 'Harbour crew', 'public');
  for (const attack of MARKDOWN_ATTACKS) await community.write(nora, room, attack);
  await using device = await Device.open(browserName as BrowserName, { viewport: { width: 1280, height: 3_600 } });
  const { page } = device;
  const attacksSeen = await watchForAttacks(page);
  await signIn(page, roost.url, 'Nora');
  await page.goto(`${roost.url}/room/${room}`);
  await expect(page.getByRole('article')).toHaveCount(MARKDOWN_ATTACKS.length);
  const disguised = page.getByRole('article').getByRole('link', { name: 'https://bank.example (evil.example)' });
  await expect(disguised).toHaveAttribute('href', 'https://evil.example/');
  await expect.poll(() => linkSchemes(page)).toEqual(['https:']);
  const foreign = page.getByRole('article').locator('img, svg[onload], iframe, script, [onerror], [onmouseover]');
  await expect(foreign).toHaveCount(0);
  // The coloured one, too.
  await expect(page.getByRole('group', { name: 'Code, html' }).locator('span').first()).toBeAttached();
  await expect(page.getByRole('group', { name: 'Code, html' })).toHaveText(
    '<script>pwned()</script><img src=x onerror=pwned()>'
  );
  for (const link of await page.getByRole('article').locator('a').all())
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
  expect(await attacksSeen()).toEqual([]);
});

test('[SAFE-3] the policy forbids inline script, and would say so', async ({ browserName }) => {
  await using roost = await RoostProcess.start();
  await using device = await Device.open(browserName as BrowserName);
  const { page } = device;
  const attacksSeen = await watchForAttacks(page);
  await page.goto(roost.url);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await attacksSeen()).toEqual([]);
  await page.evaluate(() => {
    const script = document.createElement('script');
    try {
      script.textContent = 'pwned()';
      document.body.append(script);
    } catch {
      // Trusted Types have stopped and told it already.
    }
    const image = document.createElement('img');
    image.src = 'https://evil.example/x.png';
    document.body.append(image);
  });
  // A browser with Trusted Types stops it before the other rule is asked.
  await expect
    .poll(async () => (await attacksSeen()).join('\n'))
    .toMatch(/policy: (?:script-src|require-trusted-types-for)/);
  await expect.poll(async () => (await attacksSeen()).join('\n')).toMatch(/policy: img-src/);
  expect((await attacksSeen()).join('\n')).not.toContain('ran');
});

test('[SAFE-4] where the browser has Trusted Types, text becomes neither markup nor script, and the app works', async ({
  browserName
}) => {
  await using roost = await RoostProcess.start();
  using community = new Community(roost);
  const nora = await community.person('Nora');
  await community.room(nora, 'Harbour crew', 'public');
  await using device = await Device.open(browserName as BrowserName, { worker: true });
  const { page } = device;
  const attacksSeen = await watchForAttacks(page);
  await signIn(page, roost.url, 'Nora');
  await page
    .getByRole('navigation', { name: 'Rooms' })
    .getByRole('link', { name: /Harbour crew/ })
    .click();
  await send(page, 'signed and checked by workers');
  await expect(message(page, 'signed and checked by workers')).toBeVisible();
  // The service worker is registered, too.
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  expect(await attacksSeen()).toEqual([]);

  const outcomes = await page.evaluate(() => {
    if (!('trustedTypes' in window)) return null;
    const attempt = (work: () => unknown): string => {
      try {
        work();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    const element = document.createElement('div');
    const script = document.createElement('script');
    return [
      attempt(() => (element.innerHTML = '<b>bold</b>')),
      attempt(() => document.body.insertAdjacentHTML('beforeend', '<b>bold</b>')),
      attempt(() => new DOMParser().parseFromString('<b>bold</b>', 'text/html')),
      attempt(() => (script.src = 'https://evil.example/x.js')),
      attempt(() => (script.src = '/api/avatars/x')),
      attempt(() => new Worker('data:text/javascript,1')),
      attempt(() => new Worker('/api/avatars/x')),
      attempt(() =>
        (
          window as unknown as { trustedTypes: { createPolicy: (name: string, rules: object) => object } }
        ).trustedTypes.createPolicy('mine', {})
      )
    ];
  });
  if (outcomes) expect([...new Set(outcomes)]).toEqual(['TypeError']);
  if (browserName === 'chromium') expect(outcomes).not.toBeNull();
});

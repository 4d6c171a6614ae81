// Formatted messages as both sides see them, on a wide page and in the bubbles of a phone.

import { expect, test } from '@playwright/test';
import { Community } from '../process/community.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { violations } from './accessibility.ts';
import { Device, type BrowserName } from './device.ts';
import { composer, signIn } from './person.ts';

const MESSAGE = [
  '**High water** at _six_, ~~seven~~, see `gauge --json`:',
  '- bow line',
  '- stern line',
  '  1. the long one',
  '',
  '> who has the key?',
  'Ann, I think: [the list](https://harbour.example/list)',
  '```ts',
  'const level = 4; // metres',
  '```'
].join('\n');

const WIDTHS = [
  { name: 'wide', viewport: { width: 1_440, height: 900 }, hasTouch: false },
  { name: 'narrow', viewport: { width: 360, height: 780 }, hasTouch: true }
] as const;

for (const { name, viewport, hasTouch } of WIDTHS) {
  test(`[MARK-9] a formatted message is the same for its author and others, ${name}`, async ({ browserName }) => {
    await using roost = await RoostProcess.start();
    using community = new Community(roost);
    const ann = await community.person('Ann');
    const bo = await community.person('Bo');
    const room = await community.room(ann, 'Quay', 'private', [bo]);
    await using device = await Device.open(browserName as BrowserName, { viewport, hasTouch });
    await using other = await Device.open(browserName as BrowserName, { viewport, hasTouch });
    await signIn(device.page, roost.url, 'Ann');
    await signIn(other.page, roost.url, 'Bo');
    for (const { page } of [device, other]) await page.goto(`${roost.url}/room/${room}`);
    await composer(device.page).fill(MESSAGE);
    await device.page.getByRole('button', { name: 'Send', exact: true }).click();

    for (const { page } of [device, other]) {
      const row = page.getByRole('article');
      await expect(row.locator('strong')).toHaveText('High water');
      await expect(row.locator('em')).toHaveText('six');
      await expect(row.locator('del')).toHaveText('seven');
      await expect(row.locator('ul > li')).toHaveCount(2);
      await expect(row.locator('ul ol > li')).toHaveText('the long one');
      await expect(row.locator('blockquote')).toHaveText('who has the key?');
      await expect(row.getByRole('link', { name: 'the list' })).toHaveAttribute('href', 'https://harbour.example/list');
      const code = row.getByRole('group', { name: 'Code, ts' });
      await expect(code).toHaveText('const level = 4; // metres');
      await expect(code.locator('.keyword')).toHaveText('const');
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        if (browserName !== 'chromium') continue;
        expect(await violations(page, { within: 'article' })).toEqual([]);
      }
    }
    await expect(device.page.getByRole('article')).toContainText('on the server');
    await device.page.getByRole('button', { name: 'Copy code' }).click();
    await expect(device.page.getByText('Code copied')).toBeVisible();
    await other.page.goto(roost.url);
    await expect(other.page.getByRole('navigation', { name: 'Rooms' })).toContainText('High water at six, seven');
  });
}

test('[MARK-10] [MARK-11] keys put marks around words, undo takes them back, and code breaks its lines', async ({
  browserName
}) => {
  await using roost = await RoostProcess.start();
  using community = new Community(roost);
  const ann = await community.person('Ann');
  const room = await community.room(ann, 'Quay', 'private');
  await using device = await Device.open(browserName as BrowserName);
  const { page } = device;
  await signIn(page, roost.url, 'Ann');
  await page.goto(`${roost.url}/room/${room}`);
  const field = composer(page);
  await field.click();
  await page.keyboard.type('tide');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+b');
  await expect(field).toHaveValue('**tide**');
  await page.keyboard.press('ControlOrMeta+i');
  await expect(field).toHaveValue('***tide***');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(field).toHaveValue('**tide**');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(field).toHaveValue('tide');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+e');
  await expect(field).toHaveValue('`tide`');
  await field.fill('```js');
  await page.keyboard.press('Enter');
  await page.keyboard.type('x');
  await page.keyboard.press('Enter');
  await page.keyboard.type('```');
  await expect(field).toHaveValue('```js\nx\n```');
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue('');
  await expect(page.getByRole('group', { name: 'Code, js' })).toHaveText('x');
});

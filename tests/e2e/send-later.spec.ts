// What is sent later, what disappears, and how close lines stand, as people meet it in the app.

import { expect, test, type Page } from '@playwright/test';
import { Community } from '../process/community.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { violations } from './accessibility.ts';
import { rowsOnDisk } from './device-data.ts';
import { Device, type BrowserName } from './device.ts';
import { composer, message, signIn } from './person.ts';

async function look(page: Page, what: string): Promise<void> {
  expect(await violations(page, { tags: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }), what).toEqual([]);
}

test('[SCHED-14] [SCHED-16] a message is sent later: chosen by keys, in a list that a reload keeps, sent now for the others to see', async ({
  browserName
}) => {
  await using roost = await RoostProcess.start();
  using community = new Community(roost);
  const ann = await community.person('Ann');
  const bo = await community.person('Bo');
  const room = await community.room(ann, 'Quay', 'private', [bo]);
  await using device = await Device.open(browserName as BrowserName, { viewport: { width: 1_440, height: 900 } });
  await using other = await Device.open(browserName as BrowserName, { viewport: { width: 360, height: 780 } });
  const { page } = device;
  await signIn(page, roost.url, 'Ann');
  await signIn(other.page, roost.url, 'Bo');
  for (const one of [page, other.page]) await one.goto(`${roost.url}/room/${room}`);

  await composer(page).fill('Good morning, all hands');
  await page
    .locator('[data-files=any]')
    .setInputFiles([{ name: 'Tide.txt', mimeType: 'text/plain', buffer: Buffer.from('Low at six') }]);
  await expect(page.getByRole('button', { name: 'Remove Tide.txt' })).toBeVisible();
  await composer(page).press('Tab');
  await page.getByRole('button', { name: 'Send later' }).focus();
  await page.keyboard.press('Enter');
  const menu = page.getByRole('dialog', { name: 'Send later' });
  await expect(menu).toBeVisible();
  await look(page, 'the menu of times');
  await menu.getByRole('button', { name: /^Tomorrow/ }).press('Enter');
  const strip = page.getByRole('button', { name: /^1 scheduled/ });
  await expect(strip).toContainText('Tomorrow');
  await expect(composer(page)).toHaveValue('');
  await expect(page.getByRole('list', { name: 'Files of this message' })).toBeHidden();
  await page.reload();
  await strip.click();
  const list = page.getByRole('dialog', { name: 'Scheduled messages' });
  await expect(list).toContainText('📎 Good morning, all hands');
  await expect(list).not.toContainText('On this device');
  await look(page, 'the list of what is to be sent');
  await list.getByRole('button', { name: 'Send now' }).click();
  await expect(message(other.page, 'Good morning, all hands')).toContainText('Tide.txt');
  await expect(strip).toBeHidden();

  const life = page.getByRole('combobox', { name: 'Disappearing messages' });
  await page.goto(`${roost.url}/room/${room}/details`);
  await life.selectOption({ label: '8 hours' });
  const happened = 'lets messages disappear 8 hours after they arrive';
  await expect(other.page.getByText(happened).first()).toBeVisible();
  await expect(other.page.getByTitle('Messages disappear 8 hours after they arrive')).toBeVisible();

  await page.goto(`${roost.url}/settings/appearance`);
  await page.getByText('Compact', { exact: true }).click();
  await expect(page.getByRole('radio', { name: 'Compact' })).toBeChecked();
  // It stands at once, and is written behind that.
  await expect
    .poll(async () => (await rowsOnDisk<string>(page, 'updates')).some((one) => one.includes('compact')))
    .toBe(true);
  await page.goto(`${roost.url}/room/${room}`);
  await expect(message(page, 'Good morning, all hands')).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-density', 'compact');
  await look(page, 'a room, compact');
});

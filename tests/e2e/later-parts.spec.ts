// What opens later is there before it is opened, also where no service worker keeps the app.

import { expect, test } from '@playwright/test';
import { RoostProcess } from '../process/roost-process.ts';
import { createRoom, expectWaiting, openMember, send, setUp, untilAllThere } from './person.ts';

test('[PWA-4] with no service worker and the network gone, screens and dialogs that were never opened open', async ({
  browser
}) => {
  await using roost = await RoostProcess.start();
  await using context = await browser.newContext({ serviceWorkers: 'block', viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await setUp(page, roost.setupLink, 'Ann');
  await createRoom(page, 'Harbour crew');
  await untilAllThere(page);

  await context.setOffline(true);
  await roost.kill('SIGKILL');
  await send(page, 'Nobody else is here');
  await expectWaiting(page, 'Nobody else is here');
  await page.keyboard.press('Control+K');
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  const profile = await openMember(page, 'Ann');
  await page.keyboard.press('Escape');
  await expect(profile).toBeHidden();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(page.getByLabel('Topic')).toBeVisible();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: /^Notifications/ }).click();
  await expect(page.getByRole('heading', { name: 'Notifications', level: 1 })).toBeVisible();
});

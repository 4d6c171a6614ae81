// What the author of a message learns of it: on whose devices it is, and who has read it, as far as people let them know.

import { expect, test, type Locator, type Page } from '@playwright/test';
import { Meeting } from './meeting.ts';
import { expectArrived, message, openMessageSheet, send } from './person.ts';

async function messageInfo(page: Page, text: string): Promise<Locator> {
  await openMessageSheet(page, text);
  const sheet = page.getByRole('dialog', { name: 'Message' });
  await sheet.getByRole('button', { name: 'Message info' }).click();
  return sheet;
}

test('[RECEIPT-25] a message shows whose devices have it and who has read it, unless they keep that back', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, room } = meeting;
  const at = (path: string): string => new URL(path, bo.page.url()).href;
  // Away from the room, and then from the network.
  await bo.page.getByRole('link', { name: 'Settings' }).click();
  await expect(bo.page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  meeting.line.cut();
  await send(ann.page, 'Low water at six');
  await expectArrived(ann.page, 'Low water at six');
  await expect(message(ann.page, 'Low water at six')).toContainText('not on Bo’s device yet');
  await meeting.restore();
  await expect(message(ann.page, 'Low water at six')).toContainText('on the server, on Bo’s device');
  await bo.page.goto(at(`/room/${room}`));
  await expect(message(ann.page, 'Low water at six')).toContainText('read by Bo');
  const info = await messageInfo(ann.page, 'Low water at six');
  await expect(info.getByRole('region', { name: 'Read by' }).getByRole('listitem')).toHaveText([/Bo$/]);
  await ann.page.keyboard.press('Escape');

  await bo.page.goto(at('/settings/privacy'));
  await bo.page.getByRole('switch', { name: 'Read receipts' }).uncheck();
  await expect(message(ann.page, 'Low water at six')).not.toContainText('read by Bo');
  await bo.page.goto(at(`/room/${room}`));
  await send(ann.page, 'And high water at noon');
  await send(bo.page, 'Thanks');
  await expect(message(ann.page, 'Thanks')).toBeVisible();
  await expect(message(ann.page, 'And high water at noon')).toContainText('on Bo’s device');
  await expect(message(ann.page, 'And high water at noon')).not.toContainText('read by');

  await expect(message(bo.page, 'Thanks')).toContainText('on Ann’s device');
  await meeting.cut();
  const own = await messageInfo(bo.page, 'Thanks');
  await expect(own.getByRole('region', { name: 'On their devices' }).getByRole('listitem')).toHaveText([/Ann$/]);
  await expect(own).toContainText('Who has read it is not shared.');
});

// What two people do with messages besides saying them: ask, pin, star, forward, link. One offline on the way.

import { expect, test, type Page } from '@playwright/test';
import { violations } from './accessibility.ts';
import { Meeting } from './meeting.ts';
import { composer, expectArrived, message, pressTool, send } from './person.ts';

async function isAccessible(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
}

async function sheetOf(page: Page, text: string) {
  const row = message(page, text);
  await pressTool(row, row.getByRole('button', { name: 'More', exact: true }));
  return page.getByRole('dialog', { name: 'Message' });
}

test('[POLL-11] [PIN-6] [STAR-1] [STAR-2] [LINK-3] [FORWARD-4] a poll is asked and answered, a message pinned, starred, linked and forwarded', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;

  await composer(ann.page).fill('/poll When do we sail?');
  await composer(ann.page).press('Enter');
  const dialog = ann.page.getByRole('dialog', { name: 'New poll' });
  await expect(dialog.getByLabel('Question')).toHaveValue('When do we sail?');
  await dialog.getByLabel('Option 1').fill('At six');
  await dialog.getByRole('button', { name: 'Send poll' }).click();
  await expect(dialog.getByRole('alert')).toHaveText(/at least two/);
  await dialog.getByLabel('Option 2').fill('Tomorrow');
  await isAccessible(ann.page);
  await dialog.getByRole('button', { name: 'Send poll' }).click();
  await expect(composer(ann.page)).toHaveValue('');

  const poll = message(bo.page, 'When do we sail?');
  await expect(poll).toContainText('nobody voted yet');
  await meeting.cut();
  await poll.getByRole('button', { name: /^Tomorrow/ }).click();
  await expect(poll.getByRole('button', { name: 'Tomorrow, 1 vote' })).toHaveAttribute('aria-pressed', 'true');
  await meeting.restore();
  const anns = message(ann.page, 'When do we sail?');
  await expect(anns.getByRole('button', { name: 'Tomorrow, 1 vote' })).toBeVisible();
  await anns.getByRole('button', { name: 'Who voted' }).click();
  await expect(ann.page.getByRole('region', { name: 'Votes' })).toContainText('Bo');
  await ann.page.getByRole('button', { name: 'Close the poll' }).click();
  await expect(poll).toContainText('Closed by Ann');

  await send(bo.page, 'The key is under the mat');
  await expectArrived(bo.page, 'The key is under the mat');
  await (await sheetOf(ann.page, 'The key is under the mat')).getByRole('button', { name: 'Pin to this room' }).click();
  await expect(bo.page.getByRole('feed').getByText('Ann pinned a message')).toBeVisible();
  await bo.page.getByRole('button', { name: 'Pinned messages' }).click();
  const pinned = bo.page.getByRole('dialog', { name: 'Pinned messages' });
  await expect(pinned.getByText('Pinned by Ann')).toBeVisible();
  await isAccessible(bo.page);
  await pinned.getByText('The key is under the mat').click();
  await expect(pinned).toBeHidden();

  await (await sheetOf(bo.page, 'The key is under the mat')).getByRole('button', { name: 'Star', exact: true }).click();
  await expect(message(bo.page, 'The key is under the mat').getByTitle('Starred')).toBeVisible();
  await expect(message(ann.page, 'The key is under the mat').getByTitle('Starred')).toBeHidden();
  await (await sheetOf(bo.page, 'The key is under the mat')).getByRole('button', { name: 'Forward' }).click();
  await bo.page.getByRole('listitem').getByRole('checkbox').first().check();
  await bo.page.getByLabel('Add a line').fill('Do not tell');
  await isAccessible(bo.page);
  await bo.page.getByRole('dialog', { name: 'Message' }).getByRole('button', { name: 'Forward' }).click();
  // What is told of it lies over no message that was just sent. It leaves by itself, so it is looked at first.
  const [told, newest] = [bo.page.getByText(/^Forwarded to /), message(bo.page, 'Do not tell')];
  await expect
    .poll(async () => {
      const [toldBox, newestBox] = await Promise.all([told.boundingBox(), newest.boundingBox()]);
      return newestBox!.y - (toldBox!.y + toldBox!.height);
    })
    .toBeGreaterThanOrEqual(0);
  await expect(ann.page.getByText('Forwarded from Bo')).toBeVisible();
  await expect(message(ann.page, 'Do not tell')).toBeVisible();

  const room = new URL(bo.page.url()).pathname;
  await bo.page.getByRole('link', { name: 'Starred messages' }).click();
  await expect(bo.page.getByRole('heading', { name: 'Starred' })).toBeVisible();
  await isAccessible(bo.page);
  await bo.page
    .getByRole('main')
    .getByRole('link', { name: /The key is under the mat/ })
    .click();
  // The link shows the message, then the address is the room's again.
  await expect(bo.page).toHaveURL(new RegExp(`${room}$`));
  await expect(message(bo.page, 'The key is under the mat').first()).toBeInViewport();
});

// Who is called by name: completed in the composer, shown by name, counted and told of, marked unread again.

import { expect, test, type Page } from '@playwright/test';
import { Meeting } from './meeting.ts';
import { composer } from './person.ts';

test('[MENTION-9] a mention is completed by keys, shown as a name that opens the profile, counted, and told of elsewhere', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await openWithLine(bo.page, new URL('/settings', bo.page.url()).href);
  await composer(ann.page).pressSequentially('Low water, @b');
  const people = ann.page.getByRole('listbox', { name: 'People' });
  await expect(people.getByRole('option')).toHaveText(/Bo\s*$/);
  await expect(composer(ann.page)).toHaveAttribute('aria-activedescendant', /mention-completion-0/);
  await composer(ann.page).press('Enter');
  await expect(composer(ann.page)).toHaveValue(/Low water, @Bo $/i);
  const notice = bo.page.getByRole('status').getByRole('link', { name: /Ann.*mentions you.*Low water/ });
  // It leaves by itself after a while: who is to press it looks out for it from before it comes.
  await Promise.all([notice.click(), composer(ann.page).press('Enter')]);
  await expect(ann.page.getByRole('article')).toContainText('on the server');
  await expect(composer(bo.page)).toBeVisible();
  const row = bo.page.getByRole('article').filter({ hasText: 'Low water' });
  await expect(row.getByRole('button', { name: '@Bo' })).toBeVisible();
  await row.getByRole('button', { name: '@Bo' }).click();
  await expect(bo.page.getByRole('dialog', { name: 'Profile of Bo' })).toBeVisible();
  await bo.page.keyboard.press('Escape');

  const inList = bo.page.getByRole('navigation', { name: 'Rooms' }).getByRole('listitem').first();
  await expect(inList).not.toContainText('unread');
  await row.hover();
  await row.getByRole('button', { name: 'More', exact: true }).click();
  await bo.page.getByRole('button', { name: 'Mark unread from here' }).click();
  await expect(inList).toContainText('1 unread');
  await bo.page.keyboard.press('Shift+Escape');
  await expect(inList).not.toContainText('unread');
  await inList.getByRole('link').click({ button: 'right' });
  await bo.page.getByRole('menuitem', { name: 'Add to favourites' }).click();
  await expect(bo.page.getByRole('heading', { name: 'Favourites' })).toBeVisible();
});

test('[LINK-5] a room is completed by keys after a #, and its link opens in the app', async ({ browserName }) => {
  await using meeting = await Meeting.open(browserName);
  const { page } = meeting.ann;
  await composer(page).pressSequentially('Keys are in #harb');
  await expect(page.getByRole('listbox', { name: 'Rooms' }).getByRole('option')).toHaveText(/Harbour crew$/);
  await composer(page).press('Enter');
  await expect(composer(page)).toHaveValue(/^Keys are in \[#Harbour crew\]\(http\S+\/room\/[\w-]+\) $/);
  await composer(page).press('Enter');
  const link = page.getByRole('article').getByRole('link', { name: '#Harbour crew' });
  await expect(link).not.toHaveAttribute('target');
  await expect(page.getByRole('article')).toContainText('on the server');
  await page.goto(new URL('/threads', page.url()).href);
  await page.goBack();
  await link.click();
  await expect(page).toHaveURL(/\/room\/[\w-]+$/);
});

/** What came before the line was up is told nowhere, so one waits for the server's first word. */
async function openWithLine(page: Page, address: string): Promise<void> {
  // Both heard of as they happen: the page may have loaded later than the word came.
  const word = new Promise<void>((resolve) => {
    page.once('websocket', (socket) => socket.once('framereceived', () => resolve()));
  });
  await page.goto(address);
  await word;
}

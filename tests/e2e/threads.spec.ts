// Threads and replies in a room with a past: what is answered lies pages back, where nothing of it is loaded.

import { expect, test } from '@playwright/test';
import { Device, type BrowserName } from './device.ts';
import { openPast } from './past.ts';
import { composer, expectArrived, message, signIn } from './person.ts';
import { row } from './reading.ts';

test('[REPLY-3] [THREAD-12] reply to a message on a page not loaded: the quote jumps there, and its thread opens, is written in and found again', async ({
  browserName
}) => {
  await using past = await openPast('Ubuntu support', 3_200);
  const { community, owner, room, lines } = past;
  const old = lines[40]!;
  const answer = await community.write(owner, room, 'As we said long ago', { replyTo: old.id });
  await using device = await Device.open(browserName as BrowserName, { viewport: { width: 1440, height: 900 } });
  const { page } = device;
  await signIn(page, past.roost.url, 'Ann');
  await page.goto(`${past.roost.url}/room/${room}`);
  await expect(row(page, answer)).toBeInViewport();
  await expect(row(page, old.id)).toHaveCount(0);

  await row(page, answer).getByRole('button', { name: 'An earlier message' }).press('Enter');
  await expect(row(page, old.id)).toBeInViewport();
  await expect(row(page, old.id)).toHaveClass(/\bflashed\b/);

  await row(page, old.id).focus();
  await page.keyboard.press('t');
  const panel = page.getByRole('complementary', { name: 'Thread' });
  const field = panel.getByRole('textbox', { name: 'Reply in thread' });
  await expect(field).toBeFocused();
  await field.fill('Is this still so?');
  await field.press('Enter');
  await expectArrived(page, 'Is this still so?');
  const chip = page
    .getByRole('main')
    .locator(`[data-row="${old.id}"]`)
    .getByRole('link', { name: /^Thread: 1 reply/ });
  await expect(chip).toBeVisible();
  await panel.getByRole('button', { name: 'Close the thread' }).click();
  await expect(panel).toBeHidden();
  await expect(page.getByRole('main').locator(`[data-row="${old.id}"]`)).toBeFocused();

  // Opened by its address, the room is at its newest, and the thread is there all the same.
  await page.goto(`${past.roost.url}/room/${room}/thread/${old.id}`);
  await expect(message(page, 'Is this still so?')).toBeVisible();
  await expect(panel.locator(`[data-row="${old.id}"]`)).toContainText(old.body.trim().slice(0, 30));
  await expect(row(page, answer)).toBeInViewport();
  await expect(composer(page)).toHaveValue('');
  await expect(field).toBeFocused();

  // A link to the reply shows it in its thread, and the list of threads leads there.
  const said = panel.locator('[data-row]', { hasText: 'Is this still so?' });
  const id = await said.getAttribute('data-row');
  await page.goto(`${past.roost.url}/room/${room}/m/${id}`);
  await expect(said).toHaveClass(/\bflashed\b/);
  await expect(page).toHaveURL(new RegExp(`/thread/${old.id}$`));
  const bo = await community.person('Bo');
  await page.goto(`${past.roost.url}/threads`);
  await community.write(bo, room, 'It is', { thread: old.id });
  const line = page.getByRole('main').getByRole('link', { name: /1 new reply/ });
  await expect(line).toContainText('It is');
  await expect(page.getByRole('link', { name: 'Threads One thread with new replies' })).toBeVisible();
  await line.click();
  await expect(panel.getByText('New', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Threads of this room', exact: true })).toBeVisible();
});

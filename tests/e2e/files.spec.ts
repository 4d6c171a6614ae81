// Files of messages: a picture that is sent without a network, over a reload, to somebody else.

import { expect, test, type Locator, type Page } from '@playwright/test';
import { hashOf } from '../sync/file-client.ts';
import { react, use } from './acts.ts';
import { violations } from './accessibility.ts';
import { rowsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { composer, expectArrived, expectWaiting, message, send } from './person.ts';

/** A photograph as a camera has it: many colours, larger than it will be. */
async function photograph(page: Page, width: number, height: number): Promise<Buffer> {
  const bytes = await page.evaluate(
    async ([w, h]) => {
      const canvas = new OffscreenCanvas(w, h);
      const context = canvas.getContext('2d')!;
      const sky = context.createLinearGradient(0, 0, w, h);
      sky.addColorStop(0, '#f7b267');
      sky.addColorStop(0.5, '#70a9a1');
      sky.addColorStop(1, '#1b4965');
      context.fillStyle = sky;
      context.fillRect(0, 0, w, h);
      return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer())];
    },
    [width, height] as const
  );
  return Buffer.from(bytes);
}

/** Files that wait on the disk to be made ready. */
const chosenOnDisk = async (page: Page): Promise<number> => (await rowsOnDisk(page, 'chosen')).length;

const strip = (page: Page) => page.getByRole('list', { name: 'Files of this message' });

test('[FILES-6] [FILES-7] [FILES-22] [FILES-23] [UPLOAD-1] [UPLOAD-4] a picture sent without a network outlives a reload, arrives, and is there for the other', async ({
  browserName
}) => {
  // Photographs of a camera's size are made smaller three times, through four loads of the app.
  test.slow();
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann: other, bo } = meeting;
  await send(bo.page, 'Wait for it');
  await expectArrived(bo.page, 'Wait for it');
  const photo = { name: 'IMG_0417.JPG', mimeType: 'image/jpeg', buffer: await photograph(bo.page, 3_000, 2_000) };
  const plan = { name: 'Plan.txt', mimeType: 'text/plain', buffer: Buffer.from('Slack water at six') };

  await meeting.cut();
  await bo.page.locator('[data-files=any]').setInputFiles([photo, plan]);
  await expect(strip(bo.page).getByRole('listitem')).toHaveCount(2);
  // Ready, not only named.
  await expect(strip(bo.page).getByRole('button', { name: /^Remove/ })).toHaveCount(2);
  await expect(strip(bo.page)).toContainText('IMG_0417.webp');
  expect(await violations(bo.page)).toEqual([]);

  // What is chosen is on the disk as a draft is.
  await bo.page.reload();
  await expect(strip(bo.page).getByRole('listitem')).toHaveCount(2);
  await composer(bo.page).fill('The harbour, and the plan');
  await composer(bo.page).press('Enter');
  await expect(strip(bo.page)).toBeHidden();
  const own = message(bo.page, 'The harbour, and the plan');
  await expect(own).toContainText('Waiting for the network');
  await expect(own.getByRole('img')).toBeVisible();
  await expectWaiting(bo.page, 'The harbour, and the plan');
  await bo.page.reload();
  await expect(own.getByRole('img')).toBeVisible();

  const planMayCome = Promise.withResolvers<void>();
  await other.page.route(`**/blobs/${hashOf(plan.buffer)}`, async (route) => {
    await planMayCome.promise;
    await route.continue();
  });
  await meeting.restore();
  await expectArrived(bo.page, 'The harbour, and the plan');
  const others = message(other.page, 'The harbour, and the plan');
  await expect(others.getByRole('img')).toBeVisible();
  await others.getByRole('button', { name: /^Open IMG_0417.webp/ }).click();
  const viewer = other.page.getByRole('dialog', { name: 'Pictures and videos' });
  const whole = viewer.getByRole('img');
  // Made smaller, turned right and without what the camera wrote, in its own shape.
  await expect
    .poll(() => whole.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]))
    .toEqual([2_560, 1_707]);
  expect(await violations(other.page)).toEqual([]);
  await other.page.keyboard.press('Escape');
  await expect(viewer).toBeHidden();

  // Saved when it has come, whatever happens to its message meanwhile.
  const download = other.page.waitForEvent('download');
  await others.getByRole('link', { name: 'Download Plan.txt' }).click();
  await expect(others.getByRole('progressbar')).toBeVisible();
  await react(bo.page, 'The harbour, and the plan', '🎉');
  await expect(others.getByRole('button', { name: /^🎉/ })).toBeVisible();
  planMayCome.resolve();
  expect((await download).suggestedFilename()).toBe('Plan.txt');

  // What answers it shows a small one.
  await use(other.page, 'The harbour, and the plan', 'Reply');
  await expect(other.page.getByRole('group', { name: /^Repl/ }).locator('img')).toBeVisible();
  await send(other.page, 'Fair wind');
  await expect(message(bo.page, 'Fair wind').locator('img')).toBeVisible();

  // Enter need not wait for a file to be ready.
  await bo.page.locator('[data-files=any]').setInputFiles([photo]);
  await composer(bo.page).press('Enter');
  await expect(other.page.getByRole('button', { name: /^Open IMG_0417.webp/ })).toHaveCount(2);

  // A page that ends before a picture is ready leaves it to the next one.
  await bo.page.addInitScript(() => {
    if (sessionStorage.getItem('holds-workers') !== null) Worker.prototype.postMessage = () => undefined;
  });
  await bo.page.evaluate(() => sessionStorage.setItem('holds-workers', ''));
  await bo.page.reload();
  // What is chosen before the room is there is on no disk: the browser asks then whether to leave.
  await expect(composer(bo.page)).toBeEnabled();
  await bo.page.locator('[data-files=any]').setInputFiles([{ ...photo, name: 'IMG_0418.JPG' }]);
  await expect(strip(bo.page)).toContainText('Getting ready…');
  await expect.poll(() => chosenOnDisk(bo.page)).toBe(1);
  await bo.page.evaluate(() => sessionStorage.removeItem('holds-workers'));
  await bo.page.reload();
  await expect(strip(bo.page)).toContainText('IMG_0418.webp');
  await expect.poll(() => chosenOnDisk(bo.page)).toBe(0);
});

test('[FILES-10] [FILES-11] [THREAD-20] a reply that failed for its files comes back with them into the composer of its thread, in all windows', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, {
    bo: { worker: true },
    env: { ROOST_FILES_PER_PERSON: '8K' }
  });
  const { page } = meeting.bo;
  await send(page, 'Wait for it');
  await expectArrived(page, 'Wait for it');
  await message(page, 'Wait for it').hover();
  await page.getByRole('link', { name: 'Reply in thread' }).click();
  const thread = (of: Page) => of.getByRole('complementary', { name: 'Thread' });
  const files = (of: Page) => strip(of).getByRole('listitem');
  const text = (name: string, bytes: number) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(bytes, name) });
  await thread(page)
    .locator('[data-files=any]')
    .setInputFiles([text('Chart.txt', 9_000), text('Plan.txt', 90)]);
  await expect(files(page)).toHaveCount(2);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(files(other)).toHaveCount(2);

  await thread(page).getByRole('textbox').fill('Both of them');
  await thread(page).getByRole('textbox').press('Enter');
  await expect(files(other)).toHaveCount(0);
  // Beside the thread, where what failed is shown, too.
  const replies = (place: Locator) => place.getByRole('article').filter({ hasText: 'Both of them' });
  await replies(page.getByRole('main')).getByRole('button', { name: 'Edit', exact: true }).click();
  await expect(thread(page).getByRole('textbox')).toHaveValue('Both of them');
  await expect(files(other)).toHaveCount(2);
  await thread(other).getByRole('button', { name: 'Remove Chart.txt' }).click();
  await expect(files(page)).toHaveCount(1);
  await thread(page).getByRole('textbox').press('Enter');
  await expect(thread(page).getByRole('link', { name: 'Download Plan.txt' })).toBeVisible();
  await expect(replies(thread(page))).toContainText('on the server');
});

// All pictures and files of a room in one place: from its details, through the viewer, back to where they were said.

import { expect, test, type Page } from '@playwright/test';
import { graveInBothThemes, violations } from './accessibility.ts';
import { Meeting } from './meeting.ts';
import { composer, expectArrived, message } from './person.ts';
import { pastUndo, sheetOf } from './acts.ts';

/** A picture with a colour of its own, so that no two are the same file. */
async function picture(page: Page, name: string, hue: number, width = 1_600) {
  const bytes = await page.evaluate(
    async ([colour, wide]) => {
      const canvas = new OffscreenCanvas(wide, 1_200);
      const context = canvas.getContext('2d')!;
      const noise = context.createImageData(wide, 1_200);
      for (let at = 0; at < noise.data.length; at += 4) {
        noise.data[at] = (colour + at / 9_000) % 255;
        noise.data[at + 1] = (colour * 3 + (at % 6_400) / 30) % 255;
        noise.data[at + 2] = (at * 7) % 90;
        noise.data[at + 3] = 255;
      }
      context.putImageData(noise, 0, 0);
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
      // As numbers, millions of bytes take longer to leave the page than all else that is done with them.
      const reader = new FileReader();
      const read = new Promise((resolve) => (reader.onload = resolve));
      reader.readAsDataURL(blob);
      await read;
      return (reader.result as string).split(',')[1]!;
    },
    [hue, width] as const
  );
  return { name, mimeType: 'image/jpeg', buffer: Buffer.from(bytes, 'base64') };
}

test('[GALLERY-1] [GALLERY-3] [GALLERY-6] [DOWNLOAD-2] [FULL-1] pictures and files of a room are found in its details, by keys too, lead to their messages, and come when they are wanted', async ({
  browserName
}) => {
  // Four photographs of a camera's size are drawn, made smaller, sent and fetched, and axe reads seven screens.
  test.slow();
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann, bo } = meeting;
  const say = async (words: string, files: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]) => {
    await ann.page.locator('[data-files=any]').setInputFiles(files);
    const ready = ann.page.getByRole('button', { name: /^Remove/ });
    await expect(ready).toHaveCount(Math.max(1, [files].flat().length));
    await composer(ann.page).fill(words);
    await composer(ann.page).press('Enter');
    await expectArrived(ann.page, words);
  };
  const { page } = bo;
  const room = page.url();
  await page.goto(new URL('/settings/storage', room).href);
  await page.getByLabel('Pictures in full size').selectOption('Never');
  expect(await violations(page)).toEqual([]);
  await ann.page.locator('[data-files=any]').setInputFiles([await picture(ann.page, 'Chart.jpg', 30, 3_200)]);
  await ann.page.getByRole('button', { name: 'Full size: Chart.webp' }).click();
  await expect(ann.page.getByRole('button', { name: /^Smaller, \d.*: Chart.webp$/ })).toBeFocused();
  expect(await violations(ann.page)).toEqual([]);
  await say('The chart', []);
  await say('The harbour', [await picture(ann.page, 'East.jpg', 10), await picture(ann.page, 'West.jpg', 60)]);
  await say('And the plan', [
    await picture(ann.page, 'Quay.jpg', 120),
    { name: 'Plan.txt', mimeType: 'text/plain', buffer: Buffer.from('Slack water at six') }
  ]);

  await page.goto(`${room}/details`);
  await page.getByRole('link', { name: 'Photos and files' }).click();
  const gallery = page.getByRole('complementary', { name: 'Photos and files' });
  const tiles = gallery.getByRole('tabpanel').getByRole('button');
  await expect(tiles).toHaveCount(4);
  await expect(tiles.first()).toHaveAccessibleName(/^Quay.webp, from Ann/);
  await expect(tiles.last().locator('img')).toBeVisible();
  expect(await graveInBothThemes(page)).toEqual([]);

  await page.getByRole('tab', { name: 'Photos' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await expect(tiles.nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  const viewer = page.getByRole('dialog', { name: 'Pictures and videos' });
  await expect(viewer).toContainText('East.webp');
  const width = () => viewer.getByRole('img').evaluate((img: HTMLImageElement) => img.naturalWidth);
  await viewer.getByRole('button', { name: /^Fetch \d/ }).click();
  await expect.poll(width).toBe(1_600);
  await page.keyboard.press('ArrowRight');
  await expect(viewer).toContainText('West.webp');
  // Wanted without a network, and looked at again when there was one.
  await meeting.cut();
  await viewer.getByRole('button', { name: /^Fetch when online/ }).click();
  await expect(viewer).toContainText('Fetched when you are online');
  expect(await graveInBothThemes(page)).toEqual([]);
  await expect.poll(width).toBe(480);
  await page.keyboard.press('Escape');
  await expect(viewer).toBeHidden();
  await meeting.restore();
  await expect(page.getByText('Connected · all sent')).toBeVisible();
  await tiles.nth(2).click();
  await expect.poll(width).toBe(1_600);
  // In full size, as its author chose.
  await page.keyboard.press('ArrowRight');
  await viewer.getByRole('button', { name: /^Fetch \d/ }).click();
  await expect.poll(width).toBe(3_200);
  await page.keyboard.press('ArrowLeft');
  await viewer.getByRole('button', { name: 'Show in conversation' }).click();
  await expect(viewer).toBeHidden();
  await expect(message(page, 'The harbour')).toBeInViewport();

  await page.getByRole('tab', { name: 'Files' }).click();
  await expect(gallery.getByRole('link', { name: 'Download Plan.txt' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('tab', { name: 'Photos' }).click();
  await expect(tiles).toHaveCount(4);
  await (await sheetOf(ann.page, 'The harbour')).getByRole('button', { name: 'Remove for everybody' }).click();
  await expect(message(ann.page, 'The harbour')).toHaveCount(0);
  await pastUndo(ann.page);
  await expect(tiles).toHaveCount(2);
  await page.getByRole('tab', { name: 'Audio' }).click();
  await expect(gallery.getByText('No voice messages or other recordings yet')).toBeVisible();
});

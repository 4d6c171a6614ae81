// A room with a long past: opened at once, read backwards without a jump, and let go of again by the tab.

import { expect, test, type Page } from '@playwright/test';
import { Device } from './device.ts';
import { openPast, type Line } from './past.ts';
import { signIn } from './person.ts';
import { feed, movements, readingWhenStill, row } from './reading.ts';

const ROOM = 'Ubuntu support';
/** Rows in the document at once: what fills the screen, and some above and below. */
const ROWS_MAX = 150;
const JUMP_MAX_PX = 2;
const TURN_PX = 1_200;
/** A thousand messages are some 40,000 px high: this tells a page that came from a row that was measured. */
const PAGE_MIN_PX = 10_000;
/** A few hundred messages and the app itself. Measured: 6 MiB at opening, 8 after twelve pages and back. */
const HEAP_MAX_BYTES = 24 * 2 ** 20;
const HEAP_GROWTH_MAX_BYTES = 6 * 2 ** 20;

test.skip(({ browserName }) => browserName !== 'chromium', 'measured by means that Chromium alone has');
test.describe.configure({ timeout: 240_000 });

const openRoom = (page: Page) =>
  page
    .getByRole('navigation', { name: 'Rooms' })
    .getByRole('link', { name: new RegExp(ROOM) })
    .click();

const unreadOf = (page: Page, count: number) =>
  page.getByRole('navigation', { name: 'Rooms' }).getByText(`${count} unread`, { exact: true });

test('[HISTORY-1] [HISTORY-2] [HISTORY-3] opens at its newest, scrolls back without a jump, and memory stays bounded', async () => {
  await using past = await openPast(ROOM, 12_000);
  const { lines } = past;
  await using device = await Device.open('chromium', { viewport: { width: 1280, height: 1_600 } });
  const { page } = device;
  await signIn(page, past.roost.url, 'Ann');
  await openRoom(page);

  await test.step('opens at the newest message, under imported names', async () => {
    await expect(row(page, lines.at(-1)!.id)).toBeInViewport();
    const imported = page
      .getByRole('article')
      .filter({ has: page.getByText('imported', { exact: true }) })
      .last();
    const line = lineOf(lines, await imported.getAttribute('data-row'));
    await expect(imported).toContainText(line.author);
    await expect(imported).toContainText(line.body.trim().slice(0, 40));
    await expect(page).not.toHaveTitle(/^\(/);
  });
  const heapAtOpening = await heapBytes(page);

  await test.step('the wheel brings page after page, and what is read stays where it is', async () => {
    await feed(page).hover();
    for (let pages = 0; pages < 4;) {
      // The way up a page is long: the scroll bar is dragged to where the next one is not asked for yet.
      await feed(page).evaluate((scroller) => (scroller.scrollTop = 3_200));
      let before = await readingWhenStill(page);
      for (let turns = 0; turns < 6; turns++) {
        // Several quick ones, so that a page comes in while the wheel still turns.
        for (let part = 0; part < 4; part++) await page.mouse.wheel(0, -TURN_PX / 4);
        const after = await readingWhenStill(page);
        const jumps = movements(before, after).map((moved) => Math.abs(moved - TURN_PX));
        expect(jumps.length, 'rows on the screen before and after').toBeGreaterThan(0);
        expect(Math.max(...jumps), `px that rows moved beside the wheel, ${pages} pages up`).toBeLessThanOrEqual(
          JUMP_MAX_PX
        );
        expect(after.rows).toBeLessThan(ROWS_MAX);
        if (after.scrollHeight > before.scrollHeight + PAGE_MIN_PX) pages += 1;
        before = after;
      }
    }
  });

  await test.step('the whole past can be reached by the keyboard', async () => {
    await row(page, Object.keys((await readingWhenStill(page)).tops)[0]!).focus();
    while (await row(page, lines[0]!.id).isHidden()) {
      await page.keyboard.press('Home');
      const { rows } = await readingWhenStill(page);
      expect(rows).toBeLessThan(ROWS_MAX);
    }
    await expect(page.getByText('This is where it begins.')).toBeVisible();
  });

  await test.step('back at the newest, the far past is let go of', async () => {
    const { scrollHeight } = await readingWhenStill(page);
    await page.getByRole('button', { name: 'Latest', exact: true }).click();
    await expect(row(page, lines.at(-1)!.id)).toBeInViewport();
    await expect(page.getByRole('button', { name: 'Latest', exact: true })).toBeHidden();
    await expect.poll(async () => (await readingWhenStill(page)).scrollHeight).toBeLessThan(scrollHeight / 2);
    const heap = await heapBytes(page);
    console.log(`heap at opening ${megabytes(heapAtOpening)}, after twelve pages and back ${megabytes(heap)}`);
    expect(heap).toBeLessThan(HEAP_MAX_BYTES);
    expect(heap - heapAtOpening).toBeLessThan(HEAP_GROWTH_MAX_BYTES);
    await expect(row(page, lines.at(-1)!.id)).toBeInViewport();
  });
});

test('[HISTORY-4] a quote jumps to what it quotes, and shows which it is', async () => {
  await using past = await openPast(ROOM, 1_500);
  await using device = await Device.open('chromium');
  const { page } = device;
  await signIn(page, past.roost.url, 'Ann');
  await openRoom(page);
  await expect(row(page, past.lines.at(-1)!.id)).toBeInViewport();

  await feed(page).hover();
  const quoting = page
    .getByRole('article')
    .filter({ has: page.locator('button.quote') })
    .last();
  while (!(await quoting.isVisible())) {
    await page.mouse.wheel(0, -600);
    await readingWhenStill(page);
  }
  const answer = lineOf(past.lines, await quoting.getAttribute('data-row'));
  const quoted = past.lines.find(({ id }) => id === answer.replyTo)!;
  const quote = row(page, answer.id).locator('button.quote');
  await expect(quote).toContainText(quoted.author);
  await quote.click();
  await expect(row(page, quoted.id)).toBeInViewport();
  await expect(row(page, quoted.id)).toHaveClass(/\bflashed\b/);
});

test('[HISTORY-5] opens at the first unread message with its line above, and the latest is one press away', async () => {
  await using past = await openPast(ROOM, 1_500);
  const { community, room } = past;
  await using device = await Device.open('chromium');
  const { page } = device;
  await signIn(page, past.roost.url, 'Ann');
  await expect(unreadOf(page, 1)).toHaveCount(0);
  const bo = await community.person('Bo');
  await community.join(bo, room);
  for (let count = 1; count <= 60; count++) await community.write(bo, room, `Line ${count} of sixty`);
  await expect(unreadOf(page, 60)).toHaveCount(1);

  await openRoom(page);
  const divider = feed(page).getByText('New', { exact: true });
  const first = page.getByRole('article').filter({ hasText: 'Line 1 of sixty' });
  await expect(divider).toBeInViewport();
  await expect(first).toBeInViewport();
  await expect(page.getByRole('article').filter({ hasText: 'Line 60 of sixty' })).not.toBeInViewport();
  expect((await divider.boundingBox())!.y).toBeLessThan((await first.boundingBox())!.y);
  // What stands on the screen is read, the rest is not.
  const jump = page.getByRole('button', { name: /^\d+ new$/ });
  await expect(jump).toBeVisible();
  expect(Number.parseInt(await jump.innerText(), 10)).toBeLessThan(60);
  await expect(page).toHaveTitle(/^\(\d+\) /);

  // More comes in: nothing moves under the reader's eyes.
  const before = await readingWhenStill(page);
  await community.write(bo, room, 'And one more');
  await expect(page.getByRole('log')).toContainText('And one more');
  expect(movements(before, await readingWhenStill(page)).every((moved) => Math.abs(moved) <= JUMP_MAX_PX)).toBe(true);

  await jump.click();
  await expect(page.getByRole('article').filter({ hasText: 'And one more' })).toBeInViewport();
  await expect(jump).toBeHidden();
  await expect(page).not.toHaveTitle(/^\(/);

  // From here on it follows.
  await community.write(bo, room, 'The very last');
  await expect(page.getByRole('article').filter({ hasText: 'The very last' })).toBeInViewport();
});

function lineOf(lines: readonly Line[], id: string | null): Line {
  const line = lines.find((one) => one.id === id);
  if (!line) throw new Error(`no line of the import has the id ${id}`);
  return line;
}

async function heapBytes(page: Page): Promise<number> {
  const protocol = await page.context().newCDPSession(page);
  await protocol.send('Performance.enable');
  await protocol.send('HeapProfiler.collectGarbage');
  const { metrics } = await protocol.send('Performance.getMetrics');
  await protocol.detach();
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value;
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

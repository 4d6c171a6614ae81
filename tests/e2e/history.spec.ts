// A room with a long past: opened at once, read backwards without a jump, and let go of again by the tab.

import { expect, test, type Locator, type Page } from '@playwright/test';
import type { RoomSummary } from '#protocol/control.ts';
import { Device, type BrowserName } from './device.ts';
import { openPast, type Line } from './past.ts';
import { Community } from '../process/community.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { composer, expectArrived, message, send, signIn } from './person.ts';
import { feed, movements, readingWhenStill, row } from './reading.ts';
import { travel } from './travel.ts';

const ROOM = 'Ubuntu support';
/** Rows in the document at once: what fills the screen, and some above and below. */
const ROWS_MAX = 150;
const JUMP_MAX_PX = 2;
/** Eight pages of the corpus at this width, where a message is 50 px high at the most, in the mean of a page. */
const WINDOW_MAX_PX = 8 * 50_000;
/** A few hundred messages and the app itself. Measured: 6 MiB at opening, 8 after twelve pages and back. */
const HEAP_MAX_BYTES = 24 * 2 ** 20;
const HEAP_GROWTH_MAX_BYTES = 6 * 2 ** 20;
/** Eight pages of a thousand messages. Measured: 5 MiB. */
const WINDOW_HEAP_MAX_BYTES = 10 * 2 ** 20;

test.describe.configure({ timeout: 240_000 });

/** `npm run test:e2e` does: the way through many pages takes Firefox minutes. */
const far = (browserName: string): boolean => browserName === 'chromium' || process.env['ROOST_E2E'] === 'whole';
const FAR = 'a long way, in Firefox by `npm run test:e2e`';

/** Both are looked at in turn, and a list may still be on its way to where it opens. */
async function expectAbove(upper: Locator, lower: Locator): Promise<void> {
  await expect(async () => {
    expect((await upper.boundingBox())!.y).toBeLessThan((await lower.boundingBox())!.y);
  }).toPass();
}

const openRoom = (page: Page) =>
  page
    .getByRole('navigation', { name: 'Rooms' })
    .getByRole('link', { name: new RegExp(ROOM) })
    .click();

const unreadOf = (page: Page, count: number) =>
  page.getByRole('navigation', { name: 'Rooms' }).getByText(`${count} unread`, { exact: true });

test('[HISTORY-1] [HISTORY-2] [HISTORY-3] opens at its newest, scrolls back without a jump, and memory stays bounded', async ({
  browserName
}) => {
  test.skip(!far(browserName), FAR);
  await using past = await openPast(ROOM, 12_000);
  const { lines } = past;
  await using device = await Device.open(browserName as BrowserName, { viewport: { width: 1280, height: 1_600 } });
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
    const up = await travel(page, 'up', 4);
    expect(up.pages).toBe(4);
    expect(up.jumpPx, 'px that rows moved beside the wheel').toBeLessThanOrEqual(JUMP_MAX_PX);
    expect(up.rows).toBeLessThan(ROWS_MAX);
  });

  await test.step('the whole past can be reached by the keyboard', async () => {
    await row(page, Object.keys((await readingWhenStill(page)).tops)[0]!).focus();
    while (await row(page, lines[0]!.id).isHidden()) {
      await page.keyboard.press('Home');
      const { rows } = await readingWhenStill(page);
      expect(rows).toBeLessThan(ROWS_MAX);
    }
    await expect(page.getByText('This is where it begins.')).toBeVisible();
    expect((await readingWhenStill(page)).scrollHeight, 'of twelve pages, eight').toBeLessThan(WINDOW_MAX_PX);
  });

  await test.step('back at the newest, the far past is let go of', async () => {
    const { scrollHeight } = await readingWhenStill(page);
    await page.getByRole('button', { name: 'Latest', exact: true }).click();
    await expect(row(page, lines.at(-1)!.id)).toBeInViewport();
    await expect(page.getByRole('button', { name: 'Latest', exact: true })).toBeHidden();
    await expect.poll(async () => (await readingWhenStill(page)).scrollHeight).toBeLessThan(scrollHeight / 2);
    const heap = await heapBytes(page);
    console.log(`heap at opening ${megabytes(heapAtOpening)}, after twelve pages and back ${megabytes(heap)}`);
    expectBounded(heapAtOpening, heap, HEAP_GROWTH_MAX_BYTES);
    await expect(row(page, lines.at(-1)!.id)).toBeInViewport();
  });
});

test('[HISTORY-3] [HISTORY-7] up through many pages and down again: nothing jumps, the tab holds a few of them, and one’s own message stands at the newest', async ({
  browserName
}) => {
  test.skip(!far(browserName), FAR);
  await using past = await openPast(ROOM, 16_000);
  const { lines } = past;
  const newest = lines.at(-1)!.id;
  await using device = await Device.open(browserName as BrowserName, { viewport: { width: 1280, height: 1_600 } });
  const { page } = device;
  const latest = page.getByRole('button', { name: 'Latest', exact: true });
  await signIn(page, past.roost.url, 'Ann');
  await openRoom(page);
  await expect(row(page, newest)).toBeInViewport();
  const heapAtOpening = await heapBytes(page);

  const up = await travel(page, 'up', 14);
  expect(up.pages).toBe(14);
  const heapAtFarthest = await heapBytes(page);
  const down = await travel(page, 'down', 20);
  await expect(row(page, newest)).toBeInViewport();
  await expect(latest).toBeHidden();
  // Seven pages were let go of on the way up, and came again.
  expect(down.pages).toBeGreaterThan(6);
  const heapAfter = await heapBytes(page);
  console.log(
    `heap ${[heapAtOpening, heapAtFarthest, heapAfter].map(megabytes).join(', ')} at opening, 14 pages up, back; ` +
      `largest jump ${up.jumpPx} px up, ${down.jumpPx} px down`
  );
  for (const { jumpPx, scrollHeight, rows } of [up, down]) {
    expect(jumpPx, 'px that rows moved beside the wheel').toBeLessThanOrEqual(JUMP_MAX_PX);
    expect(scrollHeight).toBeLessThan(WINDOW_MAX_PX);
    expect(rows).toBeLessThan(ROWS_MAX);
  }
  for (const heap of [heapAtFarthest, heapAfter]) expectBounded(heapAtOpening, heap, WINDOW_HEAP_MAX_BYTES);

  await test.step('the way back by key ends at the newest message, with the focus', async () => {
    await travel(page, 'up', 10);
    const { scrollHeight } = await readingWhenStill(page);
    await latest.press('Enter');
    await expect(row(page, newest)).toBeInViewport();
    await expect(row(page, newest)).toBeFocused();
    await expect(latest).toBeHidden();
    await expect.poll(async () => (await readingWhenStill(page)).scrollHeight).toBeLessThan(scrollHeight / 2);
  });

  await test.step('what is written far back is shown at the newest', async () => {
    await travel(page, 'up', 10);
    await expect(row(page, newest)).toHaveCount(0);
    await send(page, 'From far back');
    await expect(message(page, 'From far back')).toBeInViewport();
    await expect(row(page, newest)).toBeInViewport();
    await expectArrived(page, 'From far back');
    await expect(latest).toBeHidden();
    await expect(composer(page)).toBeFocused();
  });
});

test('[HISTORY-4] a quote jumps to what it quotes, and shows which it is', async ({ browserName }) => {
  await using past = await openPast(ROOM, 1_500);
  await using device = await Device.open(browserName as BrowserName);
  const { page } = device;
  await signIn(page, past.roost.url, 'Ann');
  await openRoom(page);
  await expect(row(page, past.lines.at(-1)!.id)).toBeInViewport();

  await feed(page).hover();
  const quoting = page
    .getByRole('article')
    .filter({ has: page.locator('button.quote b') })
    .last();
  while (!(await quoting.isVisible())) {
    await page.mouse.wheel(0, -600);
    await readingWhenStill(page);
  }
  const answer = lineOf(past.lines, await quoting.getAttribute('data-row'));
  const quoted = past.lines.find(({ id }) => id === answer.replyTo)!;
  const quote = row(page, answer.id).locator('button.quote');
  await expect(quote).toContainText(quoted.author);
  // By key: a click scrolls the quote into sight first, and a list that scrolls takes no clicks.
  await quote.press('Enter');
  await expect(row(page, quoted.id)).toBeInViewport();
  await expect(row(page, quoted.id)).toHaveClass(/\bflashed\b/);
});

test('[HISTORY-5] opens at the first unread message with its line above, and the latest is one press away', async ({
  browserName
}) => {
  await using past = await openPast(ROOM, 1_500);
  const { community, room } = past;
  await using device = await Device.open(browserName as BrowserName);
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
  await expectAbove(divider, first);
  // What stands on the screen is read, the rest is not.
  const jump = page.getByRole('button', { name: /^\d+ new$/ });
  await expect(jump).toBeVisible();
  // It counts all sixty until what is seen has been told.
  await expect.poll(async () => Number.parseInt(await jump.innerText(), 10)).toBeLessThan(60);
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

test('[HISTORY-8] opens at a first unread message that is many pages back, and the rest is reached downwards', async ({
  browserName
}) => {
  await using roost = await RoostProcess.start({ env: { ROOST_UPDATES_PER_PERSON: '100000/1s' } });
  using community = new Community(roost);
  const ann = await community.person('Ann');
  const bo = await community.person('Bo');
  const room = await community.room(ann, ROOM, 'public');
  await community.join(bo, room);
  const COUNT = 9_400;
  for (let first = 1; first <= COUNT; first += 100) {
    const numbers = Array.from({ length: 100 }, (_, index) => first + index);
    await Promise.all(numbers.map((number) => community.write(bo, room, `Line ${number} of many`)));
  }
  await using device = await Device.open(browserName as BrowserName, { viewport: { width: 1280, height: 1_600 } });
  const { page } = device;
  await signIn(page, roost.url, 'Ann');
  await openRoom(page);

  const divider = feed(page).getByText('New', { exact: true });
  await expect(divider).toBeInViewport();
  await expect(message(page, 'Line 1 of many')).toBeInViewport();
  await expectAbove(divider, message(page, 'Line 1 of many'));
  // Of all these only what stands on the screen has been seen.
  await expect.poll(() => unreadOnServer(roost.url, ann.token, room)).toBeLessThan(COUNT);
  expect(await unreadOnServer(roost.url, ann.token, room)).toBeGreaterThan(COUNT - 100);
  await expect(page.getByRole('button', { name: /new$/ })).toBeVisible();

  // All that is older is there: busy is said of what comes below.
  const saidBusy = await feed(page).evaluateHandle((list) => {
    const said = { busy: 0 };
    const watch = new MutationObserver(() => (said.busy += Number(list.ariaBusy === 'true')));
    watch.observe(list, { attributeFilter: ['aria-busy'] });
    return said;
  });
  const down = await travel(page, 'down', 20);
  await expect(message(page, `Line ${COUNT} of many`)).toBeInViewport();
  expect(await saidBusy.evaluate(({ busy }) => busy)).toBeGreaterThan(0);
  expect(down.pages).toBeGreaterThan(0);
  expect(down.jumpPx).toBeLessThanOrEqual(JUMP_MAX_PX);
  await expect(page).not.toHaveTitle(/^\(/);
});

async function unreadOnServer(origin: string, token: string, room: string): Promise<number> {
  const response = await fetch(`${origin}/api/rooms`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as RoomSummary[]).find(({ id }) => id === room)!.unread;
}

function lineOf(lines: readonly Line[], id: string | null): Line {
  const line = lines.find((one) => one.id === id);
  if (!line) throw new Error(`no line of the import has the id ${id}`);
  return line;
}

/** null: not in Chromium, which alone tells. */
async function heapBytes(page: Page): Promise<number | null> {
  if (await page.evaluate(() => navigator.userAgent.includes('Firefox'))) return null;
  const protocol = await page.context().newCDPSession(page);
  await protocol.send('Performance.enable');
  await protocol.send('HeapProfiler.collectGarbage');
  const { metrics } = await protocol.send('Performance.getMetrics');
  await protocol.detach();
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value;
}

function expectBounded(before: number | null, after: number | null, growthMax: number): void {
  if (before === null || after === null) return;
  expect(after).toBeLessThan(HEAP_MAX_BYTES);
  expect(after - before).toBeLessThan(growthMax);
}

const megabytes = (bytes: number | null): string =>
  bytes === null ? 'not told' : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

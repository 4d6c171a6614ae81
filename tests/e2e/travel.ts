// Through a long conversation by the wheel, page after page. Each turn tells how far what is read moved beside it.

import { expect, type Page } from '@playwright/test';
import { feed, movements, readingWhenStill, type Reading } from './reading.ts';

const TURN_PX = 1_200;
/** From here the next page is not asked for yet; a few turns on it is. */
const NEAR_PX = 3_200;
/** Turns from there within which the page must have come. */
const TURNS_MAX = 8;
/** A thousand messages are some 40,000 px high: this tells a page that came from a row that was measured. */
const PAGE_MIN_PX = 10_000;

export interface Journey {
  /** Pages that came in on the way. */
  readonly pages: number;
  /** The largest distance, px, that a row moved otherwise than the wheel. */
  readonly jumpPx: number;
  /** The most that the timeline held, px, and the most messages that were in the document. */
  readonly scrollHeight: number;
  readonly rows: number;
}

/** @param pages goes on until so many came, or the end is reached */
export async function travel(page: Page, direction: 'up' | 'down', pages: number): Promise<Journey> {
  await feed(page).hover();
  let came = 0;
  let jumpPx = 0;
  let scrollHeight = 0;
  let rows = 0;
  while (came < pages) {
    await dragNear(page, direction);
    const start = came;
    let before = await readingWhenStill(page);
    for (let turns = 0; turns < TURNS_MAX && came === start; turns++) {
      const wheelPx = direction === 'up' ? -TURN_PX : TURN_PX;
      // Several quick ones, so that a page comes in while the wheel still turns.
      for (let part = 0; part < 4; part++) await turn(page, wheelPx / 4);
      const after = await readingWhenStill(page);
      if (turnedAgain(before, after, wheelPx)) came += 1;
      if (isAtEnd(after, direction)) return { pages: came, jumpPx, scrollHeight, rows };
      const jumps = movements(before, after).map((moved) => Math.abs(moved + wheelPx));
      expect(jumps.length, 'rows on the screen before and after').toBeGreaterThan(0);
      jumpPx = Math.max(jumpPx, ...jumps);
      scrollHeight = Math.max(scrollHeight, after.scrollHeight);
      rows = Math.max(rows, after.rows);
      before = after;
    }
    expect(came, `a page came after ${start} others`).toBeGreaterThan(start);
  }
  return { pages: came, jumpPx, scrollHeight, rows };
}

/** Firefox's wheel glides on for a while, and less far where the page scrolls meanwhile: there it is turned in steps. */
async function turn(page: Page, px: number): Promise<void> {
  const glides = await page.evaluate(() => navigator.userAgent.includes('Firefox'));
  if (glides) await feed(page).evaluate((scroller, top) => scroller.scrollBy({ top, behavior: 'instant' }), px);
  else await page.mouse.wheel(0, px);
}

/** The way through a page is long: the scroll bar is dragged to where the next one is not asked for yet. */
async function dragNear(page: Page, direction: 'up' | 'down'): Promise<void> {
  const up = direction === 'up';
  // A list that is still on its way to where it opens goes there first.
  await expect(async () => {
    await feed(page).evaluate(
      (scroller, { up, near }) => {
        const far = up ? near : scroller.scrollHeight - scroller.clientHeight - near;
        if (up ? scroller.scrollTop > far : scroller.scrollTop < far) scroller.scrollTop = far;
      },
      { up, near: NEAR_PX }
    );
    const { scrollTop, scrollHeight, clientHeight } = await readingWhenStill(page);
    expect(up ? scrollTop : scrollHeight - clientHeight - scrollTop).toBeLessThan(2 * NEAR_PX);
  }).toPass();
}

/** The place among all that is loaded, or the size of that, changed by far more than the wheel's turn. */
function turnedAgain(before: Reading, after: Reading, wheelPx: number): boolean {
  const moved = after.scrollTop - before.scrollTop - wheelPx;
  return Math.max(Math.abs(moved), Math.abs(after.scrollHeight - before.scrollHeight)) > PAGE_MIN_PX;
}

function isAtEnd({ scrollTop, scrollHeight, clientHeight }: Reading, direction: 'up' | 'down'): boolean {
  return direction === 'up' ? scrollTop <= 0 : scrollTop >= scrollHeight - clientHeight - 1;
}

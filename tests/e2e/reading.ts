// Where a reader is in a conversation: which rows are on the screen, and at what height. To tell a jump from a scroll.

import { expect, type Locator, type Page } from '@playwright/test';

export interface Reading {
  /** Tops of the messages on the screen, in px from the top of the window, by id. */
  readonly tops: Readonly<Record<string, number>>;
  /** Messages in the document. */
  readonly rows: number;
  readonly scrollHeight: number;
  readonly scrollTop: number;
  readonly clientHeight: number;
}

export const feed = (page: Page): Locator => page.getByRole('feed', { name: 'Messages' });

export const row = (page: Page, id: string): Locator => page.locator(`article[data-row="${id}"]`);

/** Waits until nothing loads and nothing has moved for some frames, then says where everything is. */
export async function readingWhenStill(page: Page): Promise<Reading> {
  await expect(feed(page)).toHaveAttribute('aria-busy', 'false');
  return feed(page).evaluate(async (scroller) => {
    const STILL_FRAMES = 5;
    const look = () => {
      const { top, bottom } = scroller.getBoundingClientRect();
      const tops: Record<string, number> = {};
      const messages = scroller.querySelectorAll<HTMLElement>('article[data-row]');
      for (const message of messages) {
        const box = message.getBoundingClientRect();
        if (box.bottom > top && box.top < bottom) tops[message.dataset['row']!] = box.top;
      }
      const { scrollHeight, scrollTop, clientHeight } = scroller;
      return { tops, rows: messages.length, scrollHeight, scrollTop, clientHeight };
    };
    let still = 0;
    let last = look();
    while (still < STILL_FRAMES) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = look();
      const same = JSON.stringify(now) === JSON.stringify(last) && scroller.getAttribute('aria-busy') === 'false';
      still = same ? still + 1 : 0;
      last = now;
    }
    return last;
  });
}

/** How far the rows that both readings show went down, each of them, px. */
export function movements(before: Reading, after: Reading): number[] {
  return Object.entries(before.tops)
    .filter(([id]) => id in after.tops)
    .map(([id, top]) => after.tops[id]! - top);
}

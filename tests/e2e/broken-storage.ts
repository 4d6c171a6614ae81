// A browser whose IndexedDB aborts writes while a test says so, in any engine: an init script for all pages.

import type { BrowserContext, Page } from '@playwright/test';

/** `updates`: the documents of pages. */
export type BrokenStore = 'all' | 'updates';

declare global {
  interface Window {
    brokenStores: BrokenStore[];
    abortedWrites: number;
  }
}

/** To be called before the page is loaded. @param broken from each load on, until mended */
export async function makeBreakable(context: BrowserContext, broken: readonly BrokenStore[] = []): Promise<void> {
  await context.addInitScript((stores) => {
    window.brokenStores = [...stores];
    window.abortedWrites = 0;
    const { transaction } = Object.getOwnPropertyDescriptors(IDBDatabase.prototype);
    IDBDatabase.prototype.transaction = function (names, mode, options) {
      const made = transaction.value!.call(this, names, mode, options);
      const touched = typeof names === 'string' ? [names] : [...names];
      if (mode === 'readwrite' && window.brokenStores.some((store) => store === 'all' || touched.includes(store))) {
        // After the requests were made and before any can be answered, as a disk that fails at the commit.
        queueMicrotask(() => {
          window.abortedWrites += 1;
          made.abort();
        });
      }
      return made;
    };
  }, broken);
}

export async function breakWrites(page: Page, store: BrokenStore): Promise<void> {
  await page.evaluate((broken) => window.brokenStores.push(broken), store);
}

export async function mendWrites(page: Page): Promise<void> {
  await page.evaluate(() => (window.brokenStores = []));
}

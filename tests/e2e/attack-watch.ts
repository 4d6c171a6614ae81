// Watches a page for everything that an attack that works would do.

import type { Page } from '@playwright/test';

interface Watched {
  readonly attacksSeen: readonly string[];
}

/** Attacks call `pwned()`, or ask something of evil.example. @returns what was seen so far */
export async function watchForAttacks(page: Page): Promise<() => Promise<string[]>> {
  const seen: string[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url().includes('evil.example')) seen.push(`request: ${request.url()}`);
  });
  // `pwned` is known to the page itself alone: elsewhere an attack that ran fails by its name.
  page.on('pageerror', (error) => {
    if (error.message.includes('pwned')) seen.push(`error: ${error.message}`);
  });
  await page.addInitScript(() => {
    const record: string[] = [];
    Object.assign(window, { pwned: () => record.push('a script of the attacker ran'), attacksSeen: record });
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      record.push(`policy: ${violatedDirective} ${blockedURI} ${sample}`)
    );
  });
  return async () => [...seen, ...(await page.evaluate(() => (window as unknown as Watched).attacksSeen))];
}

import { expect, test, type Page } from '@playwright/test';
import { Meeting } from './meeting.ts';
import { drawnTexts, expectArrived, expectWaiting, message, send } from './person.ts';

const OFFLINE = 'Offline: messages are kept and will be sent';

test('[E2E-4] a line that is open and passes nothing is noticed within 30 s; what was written meanwhile arrives once', async ({
  browserName
}) => {
  // 25 s until the line counts as dead, and up to 15 s until the next try, are waited for in full.
  test.slow();
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, line } = meeting;
  await send(ann.page, 'Before');
  await expect(message(bo.page, 'Before')).toBeVisible();

  await tellWhenOffline(bo.page);
  line.silence();
  // Written while the device still believes in its line: on the wire, in the outbox, and nowhere else.
  await send(bo.page, 'Into the void');
  await expectWaiting(bo.page, 'Into the void');
  await send(ann.page, 'Ann goes on');
  await expectArrived(ann.page, 'Ann goes on');
  await expect(bo.page.getByText(OFFLINE)).toBeVisible();
  await expect(bo.page.getByText('Offline · 1 waiting')).toBeVisible();
  expect(await bo.page.evaluate(() => window.offlineAfterMs)).toBeLessThan(30_000);
  await send(bo.page, 'And now offline');
  await expectWaiting(bo.page, 'And now offline');

  line.restore();
  await expectArrived(bo.page, 'Into the void');
  await expectArrived(bo.page, 'And now offline');
  const agreed = ['Before', 'Ann goes on', 'Into the void', 'And now offline'];
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
  await expect.poll(() => drawnTexts(ann.page)).toEqual(agreed);
  await send(ann.page, 'Both ways again');
  await expect(message(bo.page, 'Both ways again')).toBeVisible();
  const ids = await meeting.historyIds();
  expect(new Set(ids).size).toBe(ids.length);
});

declare global {
  interface Window {
    offlineAfterMs: number;
  }
}

/** From now on `offlineAfterMs` tells when the page said that it is offline, by its own clock: what a test sees is later. */
async function tellWhenOffline(page: Page): Promise<void> {
  await page.evaluate((words) => {
    const since = performance.now();
    const observer = new MutationObserver(() => {
      if (!document.body.textContent.includes(words)) return;
      window.offlineAfterMs = performance.now() - since;
      observer.disconnect();
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  }, OFFLINE);
}

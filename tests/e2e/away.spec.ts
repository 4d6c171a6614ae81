// What was written without a network goes out though the app was closed: the real worker, woken through the browser's
// debugging protocol as the browser itself wakes it when there is a line again.

import { expect, test, type Page } from '@playwright/test';
import { react, sheetOf } from './acts.ts';
import { appWorkerOf } from './app-worker.ts';
import { rowsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { composer, expectArrived, expectWaiting, message, send } from './person.ts';

test('[AWAY-1] [AWAY-3] what was written without a network, and its file, go out after the app was closed, and are there once', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true, keeps: true } });
  const { ann, bo, line, room } = meeting;
  await send(ann.page, 'Who has the plan?');
  await expect(message(bo.page, 'Who has the plan?')).toBeVisible();
  await meeting.cut();
  await bo.page
    .locator('[data-files=any]')
    .setInputFiles([{ name: 'Plan.txt', mimeType: 'text/plain', buffer: Buffer.from('Slack water at six') }]);
  await expect(bo.page.getByRole('button', { name: /^Remove Plan/ })).toBeVisible();
  await composer(bo.page).fill('Here it is');
  await composer(bo.page).press('Enter');
  await expectWaiting(bo.page, 'Here it is');
  await send(bo.page, 'See you at the quay');
  await expectWaiting(bo.page, 'See you at the quay');
  await react(bo.page, 'Who has the plan?', '👍');
  // A reaction shows before it is on the disk.
  await expect.poll(async () => (await rowsOnDisk(bo.page, 'outbox')).length).toBe(3);
  await expect.poll(() => bo.page.evaluate(askedFor)).toEqual(['outbox']);

  const worker = await appWorkerOf(bo.page, line.url);
  await bo.page.goto('about:blank');
  line.restore();
  await worker.wake('outbox');
  await expect(message(ann.page, 'See you at the quay')).toBeVisible();
  await expect(message(ann.page, 'Here it is').getByText('Plan.txt')).toBeVisible();
  await expect(message(ann.page, 'Who has the plan?').getByRole('button', { name: /^👍 1/ })).toBeVisible();

  await bo.page.goto(`${line.url}/room/${room}`);
  for (const text of ['Here it is', 'See you at the quay']) {
    await expectArrived(bo.page, text);
    for (const { page } of [ann, bo]) await expect(message(page, text)).toHaveCount(1);
  }
  await expect(bo.page.getByText('Connected · all sent')).toBeVisible();
});

test('[AWAY-3] [AWAY-4] an app that the system has frozen is sent for, and knows it as it wakes: each message once, and gone when removed', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true, keeps: true } });
  const { ann, bo, line } = meeting;
  await meeting.cut();
  await send(bo.page, 'Cast off at six');
  await expectWaiting(bo.page, 'Cast off at six');
  await send(bo.page, 'From the other quay');
  await expectWaiting(bo.page, 'From the other quay');
  await expect.poll(() => bo.page.evaluate(askedFor)).toEqual(['outbox']);
  const worker = await appWorkerOf(bo.page, line.url);
  const thaw = await freeze(bo.page);
  line.restore();
  await worker.wake('outbox');
  await expect(message(ann.page, 'From the other quay')).toBeVisible();

  line.cut();
  await thaw();
  await (await sheetOf(bo.page, 'From the other quay')).getByRole('button', { name: 'Remove for everybody' }).click();
  await meeting.restore();
  await expectArrived(bo.page, 'Cast off at six');
  await expect(message(ann.page, 'From the other quay')).toBeHidden();
  for (const { page } of [ann, bo]) await expect(message(page, 'Cast off at six')).toHaveCount(1);
  await expect(bo.page.getByText('Connected · all sent')).toBeVisible();
});

/**
 * Nothing of the page runs any more, as where the system has frozen it: Chromium freezes no page that is seen, as drivers
 * have it be. @returns the way back
 */
async function freeze(page: Page): Promise<() => Promise<void>> {
  const system = await page.context().newCDPSession(page);
  const frozen = new Promise<void>((resolve) => system.once('Debugger.paused', () => resolve()));
  await system.send('Debugger.enable');
  await system.send('Debugger.pause');
  // It stops at the next line that it runs.
  void system.send('Runtime.evaluate', { expression: 'undefined' }).catch(() => undefined);
  await frozen;
  return async () => {
    await system.send('Debugger.resume');
    await system.detach();
  };
}

/** In the page: what the browser was asked to wake the worker for. */
async function askedFor(): Promise<string[]> {
  const { sync } = (await navigator.serviceWorker.ready) as unknown as { sync: { getTags(): Promise<string[]> } };
  return sync.getTags();
}

// Voice messages: recorded without a network, over a reload, heard by somebody else.

import { expect, test, type Locator, type Page } from '@playwright/test';
import { violations } from './accessibility.ts';
import { rowsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { expectArrived, message, send } from './person.ts';

/** A microphone that beeps, without asking. */
const MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const recorder = (page: Page) => page.getByRole('group', { name: 'Recording', exact: true });
const composed = (page: Page) => page.getByRole('list', { name: 'Files of this message' }).getByRole('listitem');
const sound = (page: Page) => page.getByRole('group', { name: 'Voice message from Bo' });

async function recordFor(page: Page, time: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Record a voice message' }).click();
  await expect(recorder(page).getByRole('timer')).toHaveText(time);
}

/** Seen by the page itself: a short one may be over before a test looks again. */
const untilPlaying = (voice: Locator): Promise<void> =>
  voice.evaluate(
    (group) =>
      new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          if (!group.querySelector('button[aria-label^="Pause"]')) return;
          observer.disconnect();
          resolve();
        });
        observer.observe(group, { subtree: true, childList: true, attributes: true });
      })
  );

test('[VOICE-1] [VOICE-3] [VOICE-6] [VOICE-7] a voice message recorded without a network outlives a reload, is sent, and is heard by the other', async ({
  browserName
}) => {
  // What is recorded and heard takes its time, on top of two reloads with the app's worker.
  test.slow();
  await using meeting = await Meeting.open(browserName, { bo: { worker: true, args: MICROPHONE } });
  const { ann: other, bo } = meeting;
  await send(bo.page, 'Listen');
  await expectArrived(bo.page, 'Listen');
  await meeting.cut();

  // Broken off by a reload, it stands in the composer.
  await recordFor(bo.page, /0:0[3-9]/);
  await expect(recorder(bo.page)).toBeFocused();
  expect(await violations(bo.page)).toEqual([]);
  await expect.poll(async () => (await rowsOnDisk(bo.page, 'recordings')).length).toBeGreaterThan(0);
  await bo.page.reload();
  await expect(composed(bo.page)).toHaveCount(1);
  await bo.page.getByRole('button', { name: /^Remove Voice message/ }).click();
  await expect(composed(bo.page)).toHaveCount(0);

  // Cancelled, it is called back.
  await recordFor(bo.page, /0:0[2-9]/);
  await bo.page.getByRole('button', { name: 'Pause recording' }).click();
  await expect(recorder(bo.page)).toContainText('Paused');
  await bo.page.getByRole('button', { name: 'Go on recording' }).click();
  await bo.page.keyboard.press('Escape');
  await expect(recorder(bo.page)).toBeHidden();
  await bo.page.getByRole('button', { name: 'Undo' }).click();
  await expect(composed(bo.page)).toHaveCount(1);
  await bo.page.getByRole('button', { name: /^Remove Voice message/ }).click();

  await recordFor(bo.page, /0:0[3-9]/);
  await bo.page.getByRole('button', { name: 'Send voice message' }).click();
  await expect(sound(bo.page)).toBeVisible();
  await expect(sound(bo.page)).toContainText(/0:\d\d/);
  // On the disk, which is after it shows.
  await expect(bo.page.getByRole('article').filter({ has: sound(bo.page) })).toContainText(
    'kept on this device, waiting to be sent'
  );
  await bo.page.reload();
  await expect(sound(bo.page)).toBeVisible();

  await meeting.restore();
  const theirs = sound(other.page);
  await expect(theirs).toBeVisible();
  await expect(message(other.page, 'Listen')).toBeVisible();
  await expect(other.page.getByRole('link', { name: /Voice message 0:\d\d/ }).first()).toBeVisible();
  expect(await violations(other.page)).toEqual([]);
  const line = theirs.getByRole('slider');
  await theirs.getByRole('button', { name: 'Speed: 1' }).click();
  await expect(theirs.getByRole('button', { name: 'Speed: 1.5' })).toBeVisible();
  await line.focus();
  await other.page.keyboard.press('ArrowRight');
  await expect(line).toHaveAttribute('aria-valuetext', /^0:01 of 0:\d\d$/);
  await Promise.all([untilPlaying(theirs), theirs.getByRole('button', { name: /^Play/ }).click()]);
  // Heard to its end, it stands at its beginning.
  await expect(theirs.getByRole('button', { name: /^Play/ })).toBeVisible();
  await expect(line).toHaveAttribute('aria-valuetext', /^0:00 of/);
});

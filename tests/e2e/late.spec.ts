// A message that comes long after it was written: found where people look, with both its times.

import { expect, test, type Page } from '@playwright/test';
import { ServerClock } from '../process/server-clock.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { Device } from './device.ts';
import {
  createRoom,
  drawnTexts,
  expectArrived,
  expectWaiting,
  invitationLink,
  message,
  send,
  setUp,
  signUpByInvitation
} from './person.ts';

const HOUR_MS = 3_600_000;
const WRITTEN = 'Off Stad, no signal since dawn';

/** What the server's clock shows at a time, as the devices write it. */
const clockText = (at: number): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Oslo' }).format(at);

const roomLink = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: new RegExp(name) });

test('[LATE-1] [LATE-2] a message written in a dead zone shows both times, stands at the bottom and counts as unread', async ({
  browserName
}) => {
  using clock = new ServerClock();
  clock.setOffset(-9 * HOUR_MS);
  await using roost = await RoostProcess.start({ env: clock.env });
  await using ann = await Device.open(browserName as 'chromium' | 'firefox');
  await using mikkel = await Device.open(browserName as 'chromium' | 'firefox');
  await setUp(ann.page, roost.setupLink, 'Ann');
  await createRoom(ann.page, 'Harbour crew');
  await signUpByInvitation(mikkel.page, await invitationLink(ann.page), 'Mikkel');
  await send(ann.page, 'Safe journey');
  await expect(message(mikkel.page, 'Safe journey')).toBeVisible();

  // He sails out of reach and writes; both go on, and she is in another room when he comes back hours later.
  const writtenAt = clock.now();
  await roost.kill('SIGKILL');
  await send(mikkel.page, WRITTEN);
  await expectWaiting(mikkel.page, WRITTEN);
  await mikkel.context.setOffline(true);
  clock.setOffset(-HOUR_MS / 60);
  await roost.start();
  await expect(ann.page.getByText('Connected · all sent')).toBeVisible();
  await send(ann.page, 'Anybody seen Mikkel?');
  await expectArrived(ann.page, 'Anybody seen Mikkel?');
  await createRoom(ann.page, 'Night watch');

  const arrivedAt = clock.now();
  await mikkel.context.setOffline(false);
  await expectArrived(mikkel.page, WRITTEN);
  await expect(roomLink(ann.page, 'Harbour crew').getByText('1 unread', { exact: true })).toHaveCount(1);
  await expect(ann.page).toHaveTitle(/^\(1\) /);

  await roomLink(ann.page, 'Harbour crew').click();
  for (const { page } of [ann, mikkel]) {
    await expect.poll(() => drawnTexts(page)).toEqual(['Safe journey', 'Anybody seen Mikkel?', WRITTEN]);
    const late = message(page, WRITTEN);
    // The minute may turn while the message is on its way.
    await expect(late).toContainText(minuteOf('written', writtenAt));
    await expect(late).toContainText(minuteOf('arrived', arrivedAt));
    await expect(message(page, 'Anybody seen Mikkel?')).not.toContainText('written');
  }
  await expect(ann.page.getByText('New', { exact: true })).toBeVisible();
  await expect(ann.page).not.toHaveTitle(/^\(/);
});

function minuteOf(word: string, at: number): RegExp {
  return new RegExp(`${word} (\\w+ )?(${clockText(at)}|${clockText(at + 60_000)})`);
}

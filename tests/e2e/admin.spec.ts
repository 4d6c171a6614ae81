// What administrators do, as the people it concerns see it.

import { expect, test, type Page } from '@playwright/test';
import { graveInBothThemes } from './accessibility.ts';
import { isSignedInOnDisk } from './device-data.ts';
import { Device } from './device.ts';
import { Meeting } from './meeting.ts';
import {
  composer,
  expectArrived,
  expectWaiting,
  invitationLink,
  message,
  writeTo,
  PASSWORD,
  send,
  signIn,
  signInAtTheDoor,
  signUpByInvitation,
  stopClock
} from './person.ts';

const atLog = async (page: Page): Promise<string[]> => {
  await page.goto(`${new URL(page.url()).origin}/admin/log`);
  await expect(page.getByRole('heading', { level: 1, name: 'Log' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible();
  return page.getByRole('main').getByRole('listitem').getByRole('paragraph').allInnerTexts();
};

async function manage(page: Page, name: string): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/admin/people`);
  await page.getByRole('button', { name: `Manage ${name}` }).click();
}

test('[ADM-4] suspending closes the person’s open tab within a second, and what waited there arrives once they are let back in', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await using tablet = await meeting.openDevice();
  await tablet.page.clock.install();
  await signIn(tablet.page, meeting.roost.url, 'Bo');
  await tablet.page.goto(`${meeting.roost.url}/room/${meeting.room}`);
  await expect(tablet.page.getByText('Connected · all sent')).toBeVisible();
  await expect(composer(tablet.page)).toBeVisible();
  await manage(ann.page, 'Bo');
  // In less than no time by its own clock: it asks for nothing, it is told. How soon the server does so is [ACCT-19].
  await stopClock(tablet.page);
  await ann.page.getByRole('button', { name: 'Suspend' }).click();
  for (const { page } of [tablet, bo]) {
    await expect(composer(page)).toHaveCount(0);
    await expect(page).toHaveURL(/\/signin/);
    await expect(page.getByRole('heading', { name: 'Your account is suspended' })).toBeVisible();
  }
  await bo.page.getByLabel('Password').first().fill(PASSWORD);
  await bo.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(bo.page.getByRole('alert')).toContainText('This account is suspended.');
  await ann.page.getByRole('button', { name: 'Let back in' }).click();
  await expect(ann.page.getByRole('button', { name: 'Suspend' })).toBeVisible();
  await signInAtTheDoor(bo.page, new URL(bo.page.url()).origin, 'Bo');
  await bo.page.goto(`${new URL(bo.page.url()).origin}/room/${meeting.room}`);
  await expect(composer(bo.page)).toBeVisible();

  await meeting.cut();
  await send(bo.page, 'Written before I knew');
  await expectWaiting(bo.page, 'Written before I knew');
  await ann.page.getByRole('button', { name: 'Suspend' }).click();
  await expect(ann.page.getByRole('button', { name: 'Let back in' })).toBeVisible();
  await meeting.restore();
  await expect(bo.page).toHaveURL(/\/signin/);
  await expect(bo.page.getByRole('heading', { name: 'Your account is suspended' })).toBeVisible();
  await expect(bo.page.getByText('One message waits on this device.')).toBeVisible();
  // It leaves the disk a moment after the screen.
  await expect.poll(() => isSignedInOnDisk(bo.page)).toBe(false);
  await ann.page.getByRole('button', { name: 'Let back in' }).click();
  await expect(ann.page.getByRole('button', { name: 'Suspend' })).toBeVisible();
  await signInAtTheDoor(bo.page, new URL(bo.page.url()).origin, 'Bo');
  await bo.page.goto(`${new URL(bo.page.url()).origin}/room/${meeting.room}`);
  await expectArrived(bo.page, 'Written before I knew');

  const log = await atLog(ann.page);
  expect(log.map((line) => line.replaceAll(/\s+/g, ' ').trim())).toEqual([
    'Ann ended the suspension of Bo',
    'Ann suspended Bo',
    'Ann ended the suspension of Bo',
    'Ann suspended Bo'
  ]);
});

test('[ACCOUNT-11] who is deleted while offline reads so, sees once more what was never sent, and leaves nothing on the device', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await meeting.cut();
  await send(bo.page, 'Too late for anybody');
  await expectWaiting(bo.page, 'Too late for anybody');
  await manage(ann.page, 'Bo');
  await ann.page.getByRole('button', { name: 'Delete account' }).click();
  await ann.page.getByRole('textbox', { name: /^User name/ }).fill('Bo');
  await ann.page.getByRole('button', { name: 'Delete the account' }).click();
  await expect(ann.page.getByRole('button', { name: 'Manage Bo' })).toHaveCount(0);
  await meeting.restore();
  await expect(bo.page.getByRole('heading', { name: 'Your account was deleted' })).toBeVisible();
  await expect(bo.page.getByRole('region', { name: 'Never sent' })).toContainText('Too late for anybody');
  // The browser deletes what is still open somewhere a moment later.
  await expect
    .poll(() => bo.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)))
    .toEqual(['roost-device']);
  await bo.page.reload();
  await expect(bo.page.getByRole('heading', { name: 'Welcome to Roost' })).toBeVisible();
  await expect(bo.page.getByText('Too late for anybody')).toHaveCount(0);
});

test('[ADM-6] a recovery link lets a person in with a new password; closed registration refuses newcomers; a room is deleted', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  const secret = await ann.page.evaluate(async (room) => {
    const made = await fetch(`/api/rooms/${room}/invitations`, { method: 'POST' });
    return ((await made.json()) as { secret: string }).secret;
  }, meeting.room);
  await manage(ann.page, 'Bo');
  await ann.page.getByRole('button', { name: 'Make a link' }).click();
  const link = await ann.page.getByRole('textbox', { name: 'Recovery link' }).inputValue();
  await using fresh = await meeting.openDevice();
  await fresh.page.goto(link);
  await fresh.page.getByLabel('New password', { exact: false }).first().fill(`${PASSWORD} again`);
  await fresh.page.getByRole('button', { name: 'Set password and sign in' }).click();
  await expect(fresh.page.getByRole('navigation', { name: 'Rooms' })).toBeVisible();
  await expect(bo.page, 'all sessions of before have ended').toHaveURL(/\/signin/);

  const origin = new URL(ann.page.url()).origin;
  await ann.page.goto(`${origin}/admin/settings`);
  await ann.page.getByRole('radio', { name: 'Nobody' }).check();
  await expect(ann.page.getByText('Saved. It counts from now on.')).toBeVisible();
  await using stranger = await meeting.openDevice();
  await stranger.page.goto(`${origin}/i#${secret}`);
  await expect(stranger.page.getByText('This server takes no new accounts.')).toBeVisible();

  await ann.page.goto(`${origin}/admin/rooms`);
  await ann.page.getByRole('button', { name: 'Delete Harbour crew' }).click();
  await ann.page.getByRole('button', { name: 'Delete the room' }).click();
  await expect(ann.page.getByText('This is not the name.')).toBeVisible();
  await ann.page.getByRole('textbox', { name: 'Name of the room' }).fill('harbour crew');
  await ann.page.getByRole('button', { name: 'Delete the room' }).click();
  await expect(ann.page.getByText('There is no room yet.')).toBeVisible();
  await expect(fresh.page.getByRole('link', { name: /Harbour crew/ })).toHaveCount(0);

  const log = await atLog(ann.page);
  expect(log.map((line) => line.replaceAll(/\s+/g, ' ').trim())).toEqual([
    'Ann deleted the room Harbour crew',
    'Ann changed who may sign up: open → closed',
    'Ann made a recovery link for Bo'
  ]);
  // Who is no administrator sees nothing of it.
  await fresh.page.goto(`${new URL(fresh.page.url()).origin}/admin/people`);
  await expect(fresh.page.getByRole('heading', { name: 'For administrators' })).toBeVisible();
});

for (const [name, viewport, hasTouch] of [
  ['wide', { width: 1_440, height: 900 }, false],
  ['narrow', { width: 360, height: 780 }, true]
] as const) {
  test(`[A11Y-1] axe finds nothing serious in administration, ${name}`, async ({ browserName }) => {
    test.skip(browserName !== 'chromium', 'what axe reads is the same in every browser');
    await using meeting = await Meeting.open(browserName);
    await using device = await Device.open('chromium', { viewport, hasTouch });
    const { page } = device;
    await signIn(page, meeting.roost.url, 'Ann');
    for (const part of [
      '',
      '/people',
      '/rooms',
      '/reports',
      '/invitations',
      '/settings',
      '/storage',
      '/log',
      '/people#manage'
    ]) {
      await page.goto(`${meeting.roost.url}/admin${part.split('#')[0]}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
      await expect(page.getByText(/^(Loading|Counting)…$/)).toHaveCount(0);
      if (part.endsWith('manage')) {
        await page.getByRole('button', { name: 'Manage Bo' }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
      }
      expect.soft(await graveInBothThemes(page), part).toEqual([]);
    }
  });
}

test('[REPORT-3] [REPORT-5] a message of a conversation is reported to the administrators, who read its words and settle it', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, roost } = meeting;
  await using cys = await meeting.openDevice();
  await ann.page.getByRole('button', { name: 'Invite' }).click();
  await ann.page.getByRole('button', { name: 'Make a link' }).click();
  await signUpByInvitation(cys.page, await invitationLink(ann.page), 'Cy');
  await writeTo(bo.page, 'Cy');
  await send(bo.page, 'I know where you moor');
  await expectArrived(bo.page, 'I know where you moor');

  await cys.page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: /Bo/ }).click();
  await message(cys.page, 'I know where you moor').hover();
  await message(cys.page, 'I know where you moor').getByRole('button', { name: 'More' }).click();
  await cys.page.getByRole('button', { name: 'Report' }).click();
  await expect(cys.page.getByText('the administrators of this server read it')).toBeVisible();
  await cys.page.getByLabel('What is wrong with it?').fill('A threat');
  await cys.page.getByRole('button', { name: 'Report' }).click();
  await expect(cys.page.getByText('Reported to the administrators')).toBeVisible();

  await ann.page.goto(`${roost.url}/admin/reports`);
  const report = ann.page.getByRole('main').getByRole('listitem').filter({ hasText: 'A threat' });
  await expect(report).toContainText('Cy reported what Bo wrote in their conversation');
  await expect(report).toContainText('I know where you moor');
  await ann.page.getByRole('button', { name: 'Settle the report of Cy about Bo' }).click();
  await expect(ann.page.getByText('Nothing is reported.')).toBeVisible();
  await ann.page.getByRole('button', { name: 'Settled', exact: true }).click();
  await expect(report).toContainText('Settled by Ann');
  await expect(report).not.toContainText('I know where you moor');
  expect((await atLog(ann.page))[0]!.replaceAll(/\s+/g, ' ').trim()).toContain('settled the report of Cy about Bo');
});

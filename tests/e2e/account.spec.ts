// One's account, as people meet it: in the settings, at the door, on two devices at once.

import { expect, test, type Page } from '@playwright/test';
import type { DeviceInfo } from '#protocol/api/device.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { ServerClock } from '../process/server-clock.ts';
import { isSignedInOnDisk, rowsOnDisk } from './device-data.ts';
import { Device, type BrowserName } from './device.ts';
import { Meeting } from './meeting.ts';
import { photo } from './png.ts';
import {
  expectArrived,
  expectWaiting,
  message,
  PASSWORD,
  send,
  setUp,
  signIn,
  signInAtTheDoor,
  stopClock
} from './person.ts';

const NEW_PASSWORD = 'gannet on the mast';
const SECRET = 'For the crew alone';

const open = (browserName: string): Promise<Device> => Device.open(browserName as BrowserName);
const rooms = (page: Page) => page.getByRole('navigation', { name: 'Rooms' });

async function openSettings(page: Page, part: string): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  const link = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: part });
  const path = await link.getAttribute('href');
  await link.click();
  // Where the list stands beside the first part, that part's heading is there before the link was followed.
  await expect(page).toHaveURL(new RegExp(`${path}$`));
  await expect(page.getByRole('heading', { level: 1, name: part })).toBeVisible();
}

async function changePassword(page: Page, from: string, to: string): Promise<void> {
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByLabel('Current password').fill(from);
  await page.getByLabel('New password').fill(to);
  await page.getByRole('button', { name: 'Set password' }).click();
}

test('[E2E-30] a new password ends the other device within a second; what waited there arrives once its person is back', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, roost } = meeting;
  await using phone = await open(browserName);
  await signIn(phone.page, roost.url, 'Bo');
  await meeting.cut();
  await send(bo.page, 'Written before I was thrown out');
  await expectWaiting(bo.page, 'Written before I was thrown out');

  await openSettings(phone.page, 'Security');
  await changePassword(phone.page, 'not my password', NEW_PASSWORD);
  await expect(phone.page.getByText('This is not the password that you have now.')).toBeVisible();
  await phone.page.getByLabel('Current password').fill(PASSWORD);
  await phone.page.getByRole('button', { name: 'Set password' }).click();
  await expect(phone.page.getByText('Password changed.')).toBeVisible();

  await meeting.restore();
  await expect(bo.page.getByText('One message waits on this device.')).toBeVisible();
  await untilSignedOutOnDisk(bo.page);
  await bo.page.reload();
  await expect(bo.page.getByText('It goes out when Bo signs in here again.')).toBeVisible();
  await expect(bo.page.getByText('Your password was changed')).toBeVisible();
  await expect(bo.page.getByLabel('Your name')).toHaveValue('Bo');
  await bo.page.getByLabel('Password').first().fill(PASSWORD);
  await bo.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(bo.page.getByRole('alert')).toBeVisible();
  await bo.page.getByLabel('Password').first().fill(NEW_PASSWORD);
  await bo.page.getByRole('button', { name: 'Sign in' }).click();
  await rooms(bo.page)
    .getByRole('link', { name: /Harbour crew/ })
    .click();
  await expectArrived(bo.page, 'Written before I was thrown out');
  await expect(message(ann.page, 'Written before I was thrown out')).toHaveCount(1);
});

test('[E2E-39] what waits after a sign-out by force is out of another person’s sight on that device, and goes out signed anew when its author is back', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, roost } = meeting;
  await send(bo.page, 'Before');
  await expectArrived(bo.page, 'Before');
  // After that, so that the key of the first device is the oldest.
  await using phone = await open(browserName);
  await signIn(phone.page, roost.url, 'Bo');
  await meeting.cut();
  await send(bo.page, SECRET);
  await expectWaiting(bo.page, SECRET);
  await openSettings(phone.page, 'Security');
  await phone.page.getByRole('button', { name: /^Sign out (?!everywhere)/ }).click();
  await expect(phone.page.getByText('You are signed in nowhere else.')).toBeVisible();
  await meeting.restore();
  await expect(bo.page.getByText('One message waits on this device.')).toBeVisible();
  await untilSignedOutOnDisk(bo.page);

  // Ann owns the room that it was written in: it is there for her, and nothing of Bo's that waits.
  const origin = new URL(bo.page.url()).origin;
  await signInAtTheDoor(bo.page, origin, 'Ann');
  await expect(bo.page.getByText('Connected · all sent')).toBeVisible();
  await bo.page.goto(`${origin}/room/${meeting.room}`);
  await expect(message(bo.page, 'Before')).toBeVisible();
  await expect(bo.page.getByText(SECRET)).toHaveCount(0);
  await expect(message(ann.page, SECRET)).toHaveCount(0);
  await signOut(bo.page);
  await expect(bo.page.getByText('One message waits on this device.')).toBeVisible();
  await expect(bo.page.getByText(SECRET)).toHaveCount(0);

  await signInAtTheDoor(bo.page, origin, 'Bo');
  await bo.page.goto(`${origin}/room/${meeting.room}`);
  await expectArrived(bo.page, SECRET);
  await expect(message(ann.page, SECRET)).toHaveCount(1);
  // What the key of the session that was revoked has signed is taken from nobody: it went out signed by another.
  await expect.poll(() => revokedKeys(meeting, 'Bo')).toEqual([true, false, false]);
});

test('[E2E-40] what waits on a page whose session has expired goes out signed anew when its person is back', async ({
  browserName
}) => {
  using clock = new ServerClock();
  await using meeting = await Meeting.open(browserName, { env: clock.env });
  const { ann, bo } = meeting;
  await meeting.cut();
  await send(bo.page, SECRET);
  await expectWaiting(bo.page, SECRET);
  clock.setTo(Date.now() + 31 * 86_400_000);
  await meeting.restore();
  await expect(bo.page.getByText('was not used for 30 days')).toBeVisible();
  await expect(bo.page.getByText('One message waits on this device.')).toBeVisible();
  await untilSignedOutOnDisk(bo.page);
  const origin = new URL(bo.page.url()).origin;
  await signInAtTheDoor(bo.page, origin, 'Bo');
  await bo.page.goto(`${origin}/room/${meeting.room}`);
  await expectArrived(bo.page, SECRET);
  await expect.poll(() => revokedKeys(meeting, 'Bo')).toEqual([true, false]);
  await signInAtTheDoor(ann.page, meeting.roost.url, 'Ann');
  await ann.page.goto(`${meeting.roost.url}/room/${meeting.room}`);
  await expect(message(ann.page, SECRET)).toHaveCount(1);
});

test('[E2E-31] a device that is signed out from another one knows within a second, and the other one stays in', async ({
  browserName
}) => {
  await using roost = await RoostProcess.start();
  await using laptop = await open(browserName);
  await using phone = await open(browserName);
  await setUp(laptop.page, roost.setupLink, 'Ann');
  await phone.page.clock.install();
  await signIn(phone.page, roost.url, 'Ann');
  await expect(phone.page.getByText('Connected · all sent')).toBeVisible();
  await openSettings(laptop.page, 'Security');
  const others = laptop.page.getByRole('button', { name: /^Sign out (?!everywhere)/ });
  await expect(others).toHaveCount(1);
  // In less than no time by its own clock: it asks for nothing, it is told. How soon the server does so is [ACCT-19].
  await stopClock(phone.page);
  await others.click();
  await expect(laptop.page.getByText('You are signed in nowhere else.')).toBeVisible();
  await expect(phone.page.getByText('This device was signed out from another one of yours.')).toBeVisible();
  await expect(laptop.page.getByText('Connected', { exact: true })).toBeVisible();
});

test('[E2E-32] a recovery code lets its person in once, with a new password', async ({ browserName }) => {
  await using roost = await RoostProcess.start();
  await using laptop = await open(browserName);
  await setUp(laptop.page, roost.setupLink, 'Ann');
  await openSettings(laptop.page, 'Security');
  await expect(laptop.page.getByText('Lost passwords cannot be mailed to you.')).toBeVisible();
  await laptop.page.getByRole('button', { name: 'Make codes' }).click();
  await laptop.page.getByLabel('Your password').fill(PASSWORD);
  await laptop.page.getByRole('button', { name: 'Show new codes' }).click();
  const codes = laptop.page.getByRole('region', { name: 'Your recovery codes' }).getByRole('listitem');
  await expect(codes).toHaveCount(10);
  const code = (await codes.first().textContent())!;
  await laptop.page.getByRole('button', { name: 'I have kept them' }).click();
  await expect(codes).toHaveCount(0);
  await expect(laptop.page.getByText('10 codes left')).toBeVisible();

  const recover = async (page: Page) => {
    await page.goto(`${roost.url}/signin`);
    await page.getByRole('link', { name: 'Lost access?' }).click();
    // Both screens ask for a name.
    await page.getByLabel('Recovery code').fill(code);
    await page.getByLabel('Your name').fill('Ann');
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set password and sign in' }).click();
  };
  await using phone = await open(browserName);
  await recover(phone.page);
  await expect(rooms(phone.page)).toBeVisible();
  await expect(laptop.page.getByText('Your account was opened with a recovery code')).toBeVisible();
  await openSettings(phone.page, 'Security');
  await expect(phone.page.getByText('9 codes left')).toBeVisible();

  await using thief = await open(browserName);
  await recover(thief.page);
  await expect(thief.page.getByRole('alert')).toContainText('wrong, used up or has expired');
});

test('[ACCOUNT-13] a passkey makes the first account, the administrator’s', async ({ browserName }) => {
  test.skip(browserName !== 'chromium', 'only Chromium has a virtual authenticator');
  await using roost = await RoostProcess.start();
  await using owner = await open(browserName);
  const { page } = owner;
  await virtualAuthenticator(page);
  await page.goto(roost.setupLink);
  await page.getByLabel('Your name').fill('Ann');
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await expect(rooms(page)).toBeVisible();
  await page.goto(`${roost.url}/admin/people`);
  await expect(page.getByRole('button', { name: 'Manage Ann' })).toBeVisible();
});

test('[E2E-33] a passkey makes an account, signs in by a press and while the name is typed, and is removed', async ({
  browserName
}) => {
  test.skip(browserName !== 'chromium', 'only Chromium has a virtual authenticator');
  await using roost = await RoostProcess.start({ env: { ROOST_REGISTRATION: 'open' } });
  await using owner = await open(browserName);
  await setUp(owner.page, roost.setupLink, 'Ann');
  await using device = await open(browserName);
  const { page } = device;
  const authenticator = await virtualAuthenticator(page);

  await page.goto(`${roost.url}/signup`);
  await page.getByLabel('Your name').fill('Bo');
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await expect(rooms(page)).toBeVisible();
  // Nobody is there: else the offer in the name field would be taken by itself.
  await authenticator.present(false);
  // That offer waits for the server, so that it cannot be taken before the button is pressed.
  const offer = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await page.route(
    '**/api/session/passkey/options',
    async (route) => {
      asked.resolve();
      await offer.promise;
      await route.continue();
    },
    { times: 1 }
  );
  await signOut(page);

  await expect(page.getByLabel('Your name')).toHaveAttribute('autocomplete', /webauthn/);
  await asked.promise;
  await authenticator.present(true);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(rooms(page)).toBeVisible();
  offer.resolve();

  // The offer in the name field is taken by whoever is there: nothing else is to do.
  const taken = page.waitForResponse((answer) => answer.url().endsWith('/api/session/passkey') && answer.ok());
  await openSettings(page, 'Account');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await taken;
  await expect(rooms(page)).toBeVisible();

  // The only way in cannot be removed; with a password beside it, it can.
  await openSettings(page, 'Security');
  const remove = page.getByRole('button', { name: /^Remove / });
  await remove.click();
  await expect(page.getByRole('alert')).toContainText('your only way to sign in');
  await page.getByRole('button', { name: 'Set one' }).click();
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('Password changed.')).toBeVisible();
  await remove.click();
  await expect(remove).toHaveCount(0);
});

async function virtualAuthenticator(page: Page): Promise<{ present(present: boolean): Promise<void> }> {
  const protocol = await page.context().newCDPSession(page);
  await protocol.send('WebAuthn.enable');
  const { authenticatorId } = await protocol.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true
    }
  });
  return {
    present: async (enabled) => {
      await protocol.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    }
  };
}

/** The session leaves the disk a moment after the screen: who loads the page before is signed in by it once more. */
const untilSignedOutOnDisk = (page: Page): Promise<void> => expect.poll(() => isSignedInOnDisk(page)).toBe(false);

/** Whether the keys of a person's devices are revoked, oldest first. */
async function revokedKeys(meeting: Meeting, name: string): Promise<boolean[]> {
  const { user, token } = await meeting.account(name);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${meeting.roost.url}/api/devices?users=${user}`, { headers });
  return ((await answer.json()) as DeviceInfo[]).map(({ revokedAt }) => revokedAt !== null);
}

async function signOut(page: Page): Promise<void> {
  await openSettings(page, 'Account');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: /Welcome/ })).toBeVisible();
  await untilSignedOutOnDisk(page);
}

test('[E2E-34] what one changes of one’s profile others see at once, and oneself without a network', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann, bo, line } = meeting;
  await send(bo.page, 'Good morning');
  await expect(message(ann.page, 'Good morning')).toBeVisible();
  await openSettings(bo.page, 'Profile');
  await bo.page.getByLabel('Display name').fill('Bo the bosun');
  await bo.page.getByRole('textbox', { name: /^Status/ }).fill('On the slipway');
  await bo.page.getByRole('button', { name: 'Save' }).click();
  await expect(bo.page.getByText('Saved. Others see it now.')).toBeVisible();
  await expect(ann.page.getByText('Bo the bosun').first()).toBeVisible();
  // Others may have it before one's own disk.
  const ownStatus = async () =>
    (await rowsOnDisk<{ status?: unknown } | null>(bo.page, 'meta')).map((row) => row?.status);
  await expect.poll(ownStatus).toContain('On the slipway');

  line.cut();
  await bo.page.reload();
  await expect(bo.page.getByText('You are offline. This is your profile as last heard')).toBeVisible();
  await expect(bo.page.getByRole('textbox', { name: /^Status/ })).toHaveValue('On the slipway');
  await expect(bo.page.getByRole('textbox', { name: /^Status/ })).toBeDisabled();
});

test('[E2E-35] a picture is cropped by keys, goes out as a small WebP without what the file told, and others see it', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await send(bo.page, 'Good morning');
  await openSettings(bo.page, 'Profile');
  await bo.page.getByLabel('Picture file').setInputFiles({
    name: 'me.png',
    mimeType: 'image/png',
    buffer: photo(600, 400, 'secret place')
  });
  const dialog = bo.page.getByRole('dialog', { name: 'Choose the part to show' });
  await dialog.getByRole('application').focus();
  for (const key of ['+', '+', 'ArrowLeft', 'ArrowUp']) await bo.page.keyboard.press(key);
  await dialog.getByRole('button', { name: 'Use picture' }).click();
  await expect(bo.page.getByText('Picture changed.')).toBeVisible();
  const picture = ann.page.locator('img[src*="/api/avatars/"]').first();
  await expect(picture).toBeVisible();
  // Its place is there before it is.
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  const kept = await ann.page.request.get(await picture.evaluate((image: HTMLImageElement) => image.src));
  const bytes = await kept.body();
  expect(bytes.toString('latin1', 8, 12)).toBe('WEBP');
  expect(bytes.length).toBeLessThanOrEqual(64 * 1024);
  expect(bytes.toString('latin1')).not.toContain('secret place');
});

test('[E2E-36] a deleted account is gone from the device and cannot sign in; what it wrote stays if its person says so', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, roost } = meeting;
  await send(bo.page, 'I leave you the epoxy');
  await expectArrived(bo.page, 'I leave you the epoxy');
  await openSettings(bo.page, 'Account');
  await bo.page.getByRole('button', { name: 'Delete account…' }).click();
  await bo.page.getByLabel(/^Your user name/).fill('Bob');
  await bo.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await bo.page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(bo.page.getByRole('alert')).toHaveText('This is not your user name. Type it to go on.');
  await bo.page.getByLabel(/^Your user name/).fill('bo');
  await bo.page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(bo.page).toHaveURL(/\/signin/);
  const left = () => bo.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  await expect.poll(left).toEqual(['roost-device']);
  await bo.page.goto(`${roost.url}/signin`);
  await bo.page.getByLabel('Your name').fill('Bo');
  await bo.page.getByLabel('Password').first().fill(PASSWORD);
  await bo.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(bo.page.getByRole('alert')).toHaveText('The name or the password is wrong.');
  await expect(message(ann.page, 'I leave you the epoxy')).toBeVisible();
});

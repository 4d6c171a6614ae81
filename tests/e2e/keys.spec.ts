// Comparing the keys of people's devices, by the digits and by the code.

import { expect, test, type Page } from '@playwright/test';
import { rowsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { expectArrived, openMember, send, signIn } from './person.ts';

async function ownFingerprint(page: Page, origin: string): Promise<string> {
  await page.goto(`${origin}/settings/security`);
  return (await page.getByTestId('fingerprint').textContent())!;
}

/** How many keys of one other person this device knows, and how many of them were compared: on its disk. */
async function comparedOnDisk(page: Page): Promise<(readonly [known: number, compared: number])[]> {
  const metas = await rowsOnDisk<{ devices?: readonly unknown[]; verified?: readonly unknown[] } | null>(page, 'meta');
  return metas.flatMap((meta) => (meta?.devices && meta.verified ? [[meta.devices.length, meta.verified.length]] : []));
}

const keysOf = (page: Page) => page.getByRole('region', { name: 'Devices and keys' });

test('[SIGN-12] [SIGN-13] [SIGN-15] a key is compared by its digits or its code; a device that comes later is called new, offline too', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { ann: { worker: true } });
  const { ann, bo, roost } = meeting;
  await send(bo.page, 'From my laptop');
  await expectArrived(bo.page, 'From my laptop');
  const digits = await ownFingerprint(bo.page, new URL(bo.page.url()).origin);
  expect(digits).toMatch(/^(\d{5} ){5}\d{5}$/);
  const { user } = await meeting.account('Bo');

  const profile = await openMember(ann.page, 'Bo');
  await expect(profile.getByText('Not compared yet')).toBeVisible();
  await profile.getByRole('button', { name: 'Devices and keys' }).click();
  await expect(profile.getByTestId('fingerprint')).toHaveText([digits]);
  await profile.getByRole('button', { name: 'Show code' }).click();
  await expect(profile.getByRole('img', { name: /as a QR code/ })).toBeVisible();
  await profile.getByRole('button', { name: 'They match' }).click();
  await expect(profile.getByText('Compared', { exact: true })).toBeVisible();

  await using phone = await meeting.openDevice();
  await signIn(phone.page, roost.url, 'Bo');
  await phone.page.goto(`${roost.url}/room/${meeting.room}`);
  await send(phone.page, 'From my phone');
  await expectArrived(phone.page, 'From my phone');
  const fresh = await ownFingerprint(phone.page, roost.url);

  // What a camera opens: the digits are behind #, and compare nothing by themselves.
  await ann.page.goto(`${roost.url}/person/${user}#key=${'1'.repeat(30)}`);
  await expect(ann.page.getByRole('alert')).toContainText('The code fits none of these devices.');
  await expect(ann.page.getByText('New since you compared')).toBeVisible();
  await ann.page.goto(`${roost.url}/person/${user}#key=${fresh.replaceAll(' ', '')}`);
  await expect(keysOf(ann.page).getByText('The code is that of')).toBeVisible();
  await expect(keysOf(ann.page).getByText('New since you compared')).toBeVisible();

  await expect.poll(() => comparedOnDisk(ann.page)).toEqual([[2, 1]]);
  await ann.context.setOffline(true);
  await ann.page.goto(`${roost.url}/person/${user}`);
  await expect(ann.page.getByText('Bo has a device that was not there when you compared keys.')).toBeVisible();
  await ann.page.getByRole('button', { name: 'Devices and keys' }).click();
  await expect(keysOf(ann.page).getByText('You are offline: this is what this device knows.')).toBeVisible();
  await expect(keysOf(ann.page).getByTestId('fingerprint')).toHaveText([digits, fresh]);
  await keysOf(ann.page).getByRole('button', { name: 'They match' }).click();
  await expect(ann.page.getByText('New since you compared')).toHaveCount(0);
  // It shows before it is kept.
  await expect.poll(() => comparedOnDisk(ann.page)).toEqual([[2, 2]]);
  await ann.page.reload();
  await expect(ann.page.getByText('All compared')).toBeVisible();
});

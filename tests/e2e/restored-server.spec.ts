import { cp, rm } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { Meeting } from './meeting.ts';
import { drawnTexts, expectArrived, message, send } from './person.ts';

test('[E2E-9] an older copy of the data folder under live browsers: both start over by themselves, offer their own again, and each message exists once', async ({
  browserName
}) => {
  // Three times the server comes back, and nothing tells the devices: they try again after up to 15 s.
  test.slow();
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, roost } = meeting;
  await send(ann.page, 'Before the backup');
  await expectArrived(ann.page, 'Before the backup');
  await expect(message(bo.page, 'Before the backup')).toBeVisible();

  await roost.kill('SIGTERM');
  const backup = `${roost.dataDir}-backup`;
  await cp(roost.dataDir, backup, { recursive: true });
  await roost.start();
  await send(ann.page, 'After the backup, by Ann');
  await expectArrived(ann.page, 'After the backup, by Ann');
  await send(bo.page, 'After the backup, by Bo');
  await expectArrived(bo.page, 'After the backup, by Bo');
  await expect(message(ann.page, 'After the backup, by Bo')).toBeVisible();

  await roost.kill('SIGKILL');
  await send(bo.page, 'While the server was away');
  await rm(roost.dataDir, { recursive: true });
  await cp(backup, roost.dataDir, { recursive: true });
  await rm(backup, { recursive: true });
  await roost.start();

  const all = ['Before the backup', 'After the backup, by Ann', 'After the backup, by Bo', 'While the server was away'];
  for (const text of [all[2]!, all[3]!]) await expectArrived(bo.page, text);
  await expectArrived(ann.page, all[1]!);
  for (const { page } of [ann, bo])
    await expect.poll(async () => (await drawnTexts(page)).sort()).toEqual([...all].sort());
  await expect(async () => expect(await drawnTexts(ann.page)).toEqual(await drawnTexts(bo.page))).toPass();
  await send(ann.page, 'And on it goes');
  await expect(message(bo.page, 'And on it goes')).toBeVisible();
  const ids = await meeting.historyIds();
  expect(new Set(ids).size).toBe(ids.length);
});

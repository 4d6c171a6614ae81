import { expect, test } from '@playwright/test';
import { makeBreakable, mendWrites } from './broken-storage.ts';
import { rowsOnDisk } from './device-data.ts';
import type { Device } from './device.ts';
import { Meeting } from './meeting.ts';
import { composer, drawnTexts, expectArrived, message, send } from './person.ts';

interface OutboxRow {
  readonly entry: { readonly body?: string };
}

test('[E2E-8] a device without room: the message says that it is not saved, goes to the server all the same, and Retry keeps it once there is room', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { keeps: true } });
  const { ann, bo, line, room } = meeting;
  const freeSpace = await fillDisk(bo, line.url);
  await bo.page.goto(`${line.url}/room/${room}`);
  await expect(composer(bo.page)).toBeEnabled();
  await expect(bo.page.getByText('Connected · all sent')).toBeVisible();

  // With a line: sent, though not kept.
  await send(bo.page, 'Sent without being kept');
  await expectArrived(bo.page, 'Sent without being kept');
  await expect(message(ann.page, 'Sent without being kept')).toHaveCount(1);
  await expect(bo.page.getByRole('alert').filter({ hasText: 'not kept here' })).toBeVisible();

  // Without one: in memory alone, and nothing claims otherwise.
  await meeting.cut();
  await send(bo.page, 'In memory alone');
  const unsaved = message(bo.page, 'In memory alone');
  await expect(unsaved).toContainText('Not saved on this device');
  await expect(unsaved).not.toContainText('kept on this device');
  expect(await outboxTexts(bo)).toEqual([]);

  // Room again: Retry keeps it.
  await freeSpace();
  await unsaved.getByRole('button', { name: 'Retry' }).click();
  await expect(unsaved).toContainText('kept on this device, waiting to be sent');
  expect(await outboxTexts(bo)).toEqual(['In memory alone']);
  // The page's copy is tried again every ten seconds.
  await expect(bo.page.getByRole('alert')).toHaveCount(0);

  await meeting.restore();
  await expectArrived(bo.page, 'In memory alone');
  const agreed = ['Sent without being kept', 'In memory alone'];
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
  await expect.poll(() => drawnTexts(ann.page)).toEqual(agreed);
  const ids = await meeting.historyIds();
  expect(new Set(ids).size).toBe(ids.length);
});

const outboxTexts = async ({ page }: Device): Promise<(string | undefined)[]> =>
  (await rowsOnDisk<OutboxRow>(page, 'outbox')).map(({ entry }) => entry.body);

/**
 * Chromium has a real quota to fill; Firefox gets its writes aborted. The app is loaded after it.
 * @returns makes room again
 */
async function fillDisk(device: Device, origin: string): Promise<() => Promise<void>> {
  if (device.browserName === 'firefox') {
    await makeBreakable(device.context, ['all']);
    return () => mendWrites(device.page);
  }
  // A running browser goes by the space it last saw for up to half a minute.
  await device.close();
  await device.start();
  const devtools = await device.context.newCDPSession(device.page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  return async () => void (await devtools.send('Storage.overrideQuotaForOrigin', { origin }));
}

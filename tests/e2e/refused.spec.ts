import { expect, test } from '@playwright/test';
import { Meeting } from './meeting.ts';
import { createRoom, drawnTexts, expectArrived, expectWaiting, message, send } from './person.ts';

test('[E2E-10] removed from the room while writing offline: each message says why it failed, can be tried, copied and deleted, and nothing else is stuck', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await createRoom(bo.page, 'Still mine');
  await bo.page.getByRole('link', { name: /Harbour crew/ }).click();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'Harbour crew' })).toBeVisible();
  await send(bo.page, 'While I was in');
  await expectArrived(bo.page, 'While I was in');

  await meeting.cut();
  for (const text of ['Too late', 'Far too late']) {
    await send(bo.page, text);
    await expectWaiting(bo.page, text);
  }
  await ann.page.getByRole('button', { name: 'Remove Bo from the room' }).click();
  await ann.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(ann.page.getByText('Bo was removed').first()).toBeVisible();

  await meeting.restore();
  const failed = message(bo.page, 'Too late');
  await expect(failed).toContainText('The room is closed to you, so this was not delivered.');
  await expect(message(bo.page, 'Far too late')).toContainText('not sent');
  await failed.getByRole('button', { name: 'Copy' }).click();
  await expect(bo.page.getByText('Text copied')).toBeVisible();
  await failed.getByRole('button', { name: 'Retry' }).click();
  await expect(failed).toContainText('The room is closed to you');
  await failed.getByRole('button', { name: 'Delete' }).click();
  await expect(failed).toHaveCount(0);
  await expect(message(bo.page, 'Far too late')).toContainText('not sent');
  expect(await drawnTexts(ann.page)).toEqual(['While I was in']);

  // Other rooms go on.
  await bo.page.getByRole('link', { name: /Still mine/ }).click();
  await send(bo.page, 'Not stuck');
  await expectArrived(bo.page, 'Not stuck');
  await expect(bo.page.getByText('Connected · 1 not sent')).toBeVisible();
});

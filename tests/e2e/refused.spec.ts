import { expect, test } from '@playwright/test';
import { Meeting } from './meeting.ts';
import { createRoom, drawnTexts, expectArrived, expectWaiting, message, removeFromRoom, send } from './person.ts';

test('[E2E-10] [E2E-16] removed from the room while writing offline: each message says why it failed, can be tried, copied and deleted, and nothing else is stuck', async ({
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
  await removeFromRoom(ann.page, 'Bo');
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

  // The closed one is opened anew for what is left in it, and says so of itself.
  await bo.page.getByRole('link', { name: /A room closed to you/ }).click();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'A room closed to you' })).toBeVisible();
  await expect(message(bo.page, 'Far too late')).toContainText('not sent');
  const conversation = bo.page.getByRole('main', { name: 'Conversation' });
  await expect(conversation).toContainText('The rest of this room is closed to you.');
  await expect(conversation).not.toContainText('only you');
  await expect(conversation).not.toContainText('Loading');
});

test('[E2E-16] removed from the room while looking at it: the screen says so, and leads back to the others', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await send(bo.page, 'While I was in');
  await expectArrived(bo.page, 'While I was in');
  await removeFromRoom(ann.page, 'Bo');
  await expect(bo.page.getByRole('heading', { level: 1, name: 'You were removed from this room' })).toBeVisible();
  await expect(bo.page.getByRole('main')).toContainText('Harbour crew');
  await expect(bo.page.getByText('While I was in')).toHaveCount(0);

  // Who comes back to its address is told no more than anybody else.
  await bo.page.reload();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'This room is not here' })).toBeVisible();
  await bo.page.getByRole('link', { name: 'Back to your rooms' }).click();
  await expect(bo.page).toHaveURL(/\/$/);
});

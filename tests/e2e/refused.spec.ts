import { expect, test } from '@playwright/test';
import { rowsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import {
  createRoom,
  drawnTexts,
  expectArrived,
  expectWaiting,
  message,
  removeFromRoom,
  send,
  signIn
} from './person.ts';

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
  await meeting.untilOnServer(() => removeFromRoom(ann.page, 'Bo'));
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
  await expect.poll(() => drawnTexts(ann.page)).toEqual(['While I was in']);

  // Other rooms go on.
  await bo.page.getByRole('link', { name: /Still mine/ }).click();
  await send(bo.page, 'Not stuck');
  await expectArrived(bo.page, 'Not stuck');
  await expect(bo.page.getByText('1 not sent', { exact: true })).toBeVisible();

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
  await meeting.untilOnServer(() => removeFromRoom(ann.page, 'Bo'));
  await expect(bo.page.getByRole('heading', { level: 1, name: 'You were removed from this room' })).toBeVisible();
  await expect(bo.page.getByRole('main')).toContainText('Harbour crew');
  await expect(bo.page.getByText('While I was in')).toHaveCount(0);

  // Who was in it is told so at any time; nothing of it is left here, its name neither.
  await bo.page.reload();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'You were removed from this room' })).toBeVisible();
  await expect(bo.page.getByRole('main')).not.toContainText('Harbour crew');
  await bo.page.getByRole('link', { name: 'Back to your rooms' }).click();
  await expect(bo.page).toHaveURL(/\/$/);
});

test('[ROOM-CLOSED-1] a room that is deleted says so where it is open, and to who was away with what they wrote in vain', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await using phone = await meeting.openDevice();
  await signIn(phone.page, meeting.roost.url, 'Bo');
  await phone.page.goto(`${meeting.roost.url}/room/${meeting.room}`);
  await send(ann.page, 'The last word');
  await expectArrived(ann.page, 'The last word');
  await expect(message(phone.page, 'The last word')).toBeVisible();
  await meeting.cut();
  await send(bo.page, 'Too late');
  await expectWaiting(bo.page, 'Too late');
  await ann.page.getByRole('button', { name: 'Manage' }).click();
  await ann.page.getByRole('button', { name: /^Delete/ }).click();
  await ann.page.getByRole('textbox', { name: /name/i }).fill('Harbour crew');
  await ann.page
    .getByRole('button', { name: /^Delete/ })
    .last()
    .click();

  const over = { level: 1, name: 'This room was deleted' } as const;
  await expect(phone.page.getByRole('heading', over)).toBeVisible();
  await meeting.restore();
  await expect(message(bo.page, 'Too late')).toContainText('This room was deleted, so this was not delivered.');
  await message(bo.page, 'Too late').getByRole('button', { name: 'Delete' }).click();
  // It leaves the screen before the disk.
  await expect.poll(() => rowsOnDisk(bo.page, 'outbox')).toEqual([]);
  for (const { page } of [bo, phone]) {
    await expect(page.getByRole('heading', over)).toBeVisible();
    await page.reload();
    await expect(page.getByRole('heading', over)).toBeVisible();
  }
});

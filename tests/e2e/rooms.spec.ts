// People and rooms in whole browsers: conversations, roles, bans, removals, reports.

import { expect, test, type Page } from '@playwright/test';
import { rowsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import {
  createRoom,
  expectArrived,
  expectWaiting,
  invitationLink,
  message,
  openMember,
  removeFromRoom,
  send,
  openMessageSheet,
  writeTo
} from './person.ts';

async function inviteByName(page: Page, name: string): Promise<void> {
  const details = page.getByRole('complementary', { name: 'Room details' });
  await details.getByRole('button', { name: 'Invite' }).first().click();
  const people = page.getByRole('region', { name: 'Invite people of this server' });
  await people.getByRole('searchbox').fill(name);
  await people.getByRole('button', { name, exact: true }).click();
  await people.getByRole('button', { name: 'Invite', exact: true }).click();
}

test('[DIRECT-4] both write to each other while one is offline: one conversation on both sides', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await meeting.cut();
  await writeTo(bo.page, 'Ann');
  await send(bo.page, 'From the cellar');
  await expectWaiting(bo.page, 'From the cellar');
  await writeTo(ann.page, 'Bo');
  await send(ann.page, 'From the quay');
  await expectArrived(ann.page, 'From the quay');
  await meeting.restore();
  await expectArrived(bo.page, 'From the cellar');
  await expect(message(ann.page, 'From the cellar')).toBeVisible();
  await expect(message(bo.page, 'From the quay')).toBeVisible();
  expect(new URL(ann.page.url()).pathname).toBe(new URL(bo.page.url()).pathname);
  for (const { page } of [ann, bo]) {
    await expect(page.getByRole('link', { name: /From the/ })).toHaveCount(1);
    await expect(page.getByText('Connected · all sent')).toBeVisible();
  }
});

test('[ACT-9] [INV-8] a moderator’s offline act that comes too late says why, and what was written after it arrives', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await send(ann.page, 'Low water at six');
  const profile = await openMember(ann.page, 'Bo');
  await profile.getByRole('button', { name: 'Make moderator' }).click();
  await profile.getByRole('button', { name: 'Close' }).click();
  await expect(bo.page.getByText('Ann made you a moderator').first()).toBeVisible();
  for (const { page } of [ann, bo]) await page.getByRole('button', { name: 'Invite' }).click();
  await expect(ann.page.getByLabel('They become')).toBeVisible();
  await expect(bo.page.getByRole('button', { name: 'Make a link' })).toBeVisible();
  await expect(bo.page.getByLabel('They become')).toHaveCount(0);
  for (const { page } of [ann, bo]) await page.getByRole('button', { name: 'Invite' }).click();
  await meeting.cut();
  await bo.page.getByRole('button', { name: 'Edit' }).click();
  await bo.page.getByLabel('Name', { exact: true }).fill('Bo’s crew');
  await bo.page.getByRole('button', { name: 'Save' }).click();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'Bo’s crew' })).toBeVisible();
  await send(bo.page, 'Written after it');
  await openMember(ann.page, 'Bo');
  await meeting.untilOnServer(() => profile.getByRole('button', { name: 'Make member' }).click());
  await profile.getByRole('button', { name: 'Close' }).click();
  await meeting.restore();

  await expectArrived(bo.page, 'Written after it');
  await expect(bo.page.getByText('Your role in this room does not allow this.')).toBeVisible();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'Harbour crew' })).toBeVisible();
  await expect(ann.page.getByRole('heading', { level: 1, name: 'Harbour crew' })).toBeVisible();
  await bo.page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(bo.page.getByText('Your role in this room does not allow this.')).toHaveCount(0);
});

test('[ACT-10] who is banned cannot come back by a link; once the ban is lifted, they can be invited again', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await send(ann.page, 'Low water at six');
  await ann.page.getByRole('button', { name: 'Invite' }).click();
  await ann.page.getByRole('button', { name: 'Make a link' }).click();
  const link = await invitationLink(ann.page);
  const profile = await openMember(ann.page, 'Bo');
  await profile.getByRole('button', { name: 'Ban from the room' }).click();
  await profile.getByRole('button', { name: 'Ban', exact: true }).click();
  await expect(ann.page.getByText('You banned Bo').first()).toBeVisible();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'You were banned from this room' })).toBeVisible();
  await bo.page.goto(link);
  await bo.page.getByRole('button', { name: /Join/ }).click();
  await expect(bo.page.getByRole('alert')).toContainText('You were banned from this room.');
  await bo.page.goto(`${new URL(link).origin}/room/${meeting.room}`);
  await expect(bo.page.getByRole('heading', { level: 1, name: 'You were banned from this room' })).toBeVisible();
  await expect(bo.page.getByText('invite you again')).toHaveCount(0);
  await expect(ann.page.getByRole('region', { name: 'Members' }).getByRole('listitem')).toHaveCount(1);

  await ann.page.getByRole('button', { name: 'Manage' }).click();
  await ann.page.getByRole('button', { name: 'Lift the ban on Bo' }).click();
  await expect(ann.page.getByText('You lifted the ban on Bo').first()).toBeVisible();
  await inviteByName(ann.page, 'Bo');
  // The screen that said so opens the room by itself.
  await expect(bo.page.getByRole('heading', { level: 1, name: 'Harbour crew' })).toBeVisible();
  await bo.page.getByRole('button', { name: 'Join Harbour crew' }).click();
  await expect(ann.page.getByRole('region', { name: 'Members' }).getByRole('listitem')).toHaveCount(2);
});

test('[ACT-11] who was removed while offline adds nothing and lets nobody back in', async ({ browserName }) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await send(ann.page, 'Before');
  await expectArrived(ann.page, 'Before');
  await meeting.cut();
  await send(bo.page, 'Not any more');
  await expectWaiting(bo.page, 'Not any more');
  await meeting.untilOnServer(() => removeFromRoom(ann.page, 'Bo'));
  await meeting.restore();
  await expect(message(bo.page, 'Not any more')).toContainText('not sent');
  await expect(message(ann.page, 'Not any more')).toHaveCount(0);
  await expect(ann.page.getByRole('region', { name: 'Members' }).getByRole('listitem')).toHaveCount(1);
});

test('[ACT-12] a message removed by its author can be called back; then it is gone on the other device, too', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await send(bo.page, 'Wrong room');
  await expectArrived(bo.page, 'Wrong room');
  await expect(message(ann.page, 'Wrong room')).toBeVisible();
  await openMessageSheet(bo.page, 'Wrong room');
  await bo.page.getByRole('button', { name: 'Remove for everybody' }).click();
  await bo.page.getByRole('button', { name: 'Undo' }).click();
  await expect(message(bo.page, 'Wrong room')).toBeVisible();

  await openMessageSheet(bo.page, 'Wrong room');
  await bo.page.getByRole('button', { name: 'Remove for everybody' }).click();
  await expect(bo.page.getByRole('button', { name: 'Undo' })).toBeVisible();
  // It shows before it is on the disk. The only window goes before the moment is over: what it cannot send any more goes
  // out with the next one.
  const removed = ann.page.getByRole('article').getByText('Message removed');
  await expect
    .poll(async () => (await rowsOnDisk(bo.page, 'outbox')).length > 0 || (await removed.isVisible()))
    .toBe(true);
  await bo.page.goto('about:blank');
  await bo.page.goBack();
  await expect(removed).toBeVisible();
  await expect(ann.page.getByText('Wrong room')).toHaveCount(0);
  await expect(bo.page.getByText('You removed this message')).toBeVisible();
});

test('[ACT-13] a reported message is read by the moderators, who remove it and settle the report', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await send(ann.page, 'The gate code is 1234');
  await expectArrived(ann.page, 'The gate code is 1234');
  await openMessageSheet(bo.page, 'The gate code is 1234');
  await bo.page.getByRole('button', { name: 'Report' }).click();
  await bo.page.getByLabel('What is wrong with it?').fill('Not for everybody');
  await bo.page.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(bo.page.getByText('Reported to the moderators')).toBeVisible();

  await ann.page.getByRole('button', { name: 'Manage' }).click();
  const reports = ann.page.getByRole('region', { name: 'Reports' });
  await expect(reports).toContainText('Not for everybody');
  await expect(reports).toContainText('The gate code is 1234');
  await reports.getByRole('button', { name: 'Settle' }).click();
  await expect(reports).toContainText('Nothing is reported.');
});

test('[DIRECTORY-3] public rooms that the server cannot list are asked for once, and again when one wants them', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { page } = meeting.ann;
  let asked = 0;
  await page.route(/\/api\/rooms\?scope=public/, async (route) => {
    asked += 1;
    await route.fulfill({ status: 503, json: { code: 'storage' } });
  });
  await page.getByRole('link', { name: 'Public rooms' }).click();
  await expect(page.getByText('The server cannot save anything right now.', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => asked).toBe(2);
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await page.unroute(/\/api\/rooms\?scope=public/);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('There are no public rooms', { exact: false })).toBeVisible();
  expect(asked).toBe(2);
});

test('[INVITED-4] who opens a room that they are invited to is told by whom, not that they are alone or gone, and joins there', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  const address = await createRoom(ann.page, 'Race committee');
  await inviteByName(ann.page, 'Bo');
  await expect(bo.page.getByText('Invited by Ann')).toBeVisible();
  await bo.page.goto(address);
  const conversation = bo.page.getByRole('main', { name: 'Conversation' });
  await expect(conversation.getByText('Ann invited you. Join to write.')).toBeVisible();
  await expect(conversation.getByText('Nothing written yet')).toBeVisible();
  await expect(conversation.getByText('1 member', { exact: true })).toBeVisible();
  await conversation.getByRole('button', { name: 'Join' }).click();
  await send(bo.page, 'Here I am');
  await expectArrived(bo.page, 'Here I am');
});

test('[INVITED-3] who is invited by name finds it in the list, and joins', async ({ browserName }) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await createRoom(ann.page, 'Race committee');
  await inviteByName(ann.page, 'Bo');
  await expect(bo.page.getByText('Invited by Ann')).toBeVisible();
  await bo.page.getByRole('button', { name: 'Join Race committee' }).click();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'Race committee' })).toBeVisible();
  await send(bo.page, 'Here I am');
  await expectArrived(bo.page, 'Here I am');
  await expect(message(ann.page, 'Here I am')).toBeVisible();
  await expect(bo.page.getByText('Invited by Ann')).toHaveCount(0);
});

import { expect, test } from '@playwright/test';
import { atServer, Meeting } from './meeting.ts';
import { createRoom, drawnTexts, expectArrived, expectWaiting, invitationLink, message, send } from './person.ts';

test('[E2E-3] a room made and written in offline outlives a reload, and is on the server once the line is back; then its invitation works', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann, bo, roost } = meeting;
  await meeting.cut();

  const address = await createRoom(bo.page, 'Night watch');
  await expect(bo.page.getByText('It appears here when you are back online.').first()).toBeVisible();
  for (const text of ['First light', 'Second light']) {
    await send(bo.page, text);
    await expectWaiting(bo.page, text);
  }
  await bo.page.reload();
  await expect(bo.page.getByRole('heading', { level: 1, name: 'Night watch' })).toBeVisible();
  await expect.poll(() => drawnTexts(bo.page)).toEqual(['First light', 'Second light']);

  await meeting.restore();
  await expectArrived(bo.page, 'First light');
  await expectArrived(bo.page, 'Second light');
  await expect(bo.page.getByText('Connected · all sent')).toBeVisible();

  await bo.page.getByRole('button', { name: 'Invite', exact: true }).click();
  await bo.page.getByRole('button', { name: 'Make a link' }).click();
  const link = await invitationLink(bo.page);
  await ann.page.goto(atServer(roost, link));
  await ann.page.getByRole('button', { name: /Join/ }).click();
  await expect(message(ann.page, 'Second light')).toBeVisible();
  expect(new URL(ann.page.url()).pathname).toBe(new URL(address).pathname);
  await expect.poll(() => drawnTexts(ann.page)).toEqual(['First light', 'Second light']);
});

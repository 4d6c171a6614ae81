import { expect, test } from '@playwright/test';
import { Meeting } from './meeting.ts';
import { drawnTexts, expectArrived, expectWaiting, message, send } from './person.ts';

test('set-up link, sign-up, room, invitation, second browser, chat both ways, one offline', async ({ browserName }) => {
  await using meeting = await Meeting.open(browserName, { onScreen: true, bo: { worker: true } });
  const { ann, bo, line } = meeting;
  await expect(bo.page.getByRole('heading', { level: 1, name: 'Harbour crew' })).toBeVisible();

  await send(ann.page, 'Hello Bo');
  await expectArrived(ann.page, 'Hello Bo');
  await expect(message(bo.page, 'Hello Bo')).toBeVisible();
  await send(bo.page, 'Hello Ann');
  await expectArrived(bo.page, 'Hello Ann');
  await expect(message(ann.page, 'Hello Ann')).toBeVisible();

  line.cut();
  await send(bo.page, 'From the cellar');
  await expectWaiting(bo.page, 'From the cellar');
  await send(ann.page, 'Meanwhile upstairs');
  await expectArrived(ann.page, 'Meanwhile upstairs');
  line.restore();
  await expectArrived(bo.page, 'From the cellar');
  await expect(message(ann.page, 'From the cellar')).toBeVisible();

  const agreed = ['Hello Bo', 'Hello Ann', 'Meanwhile upstairs', 'From the cellar'];
  await expect.poll(() => drawnTexts(ann.page)).toEqual(agreed);
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
});

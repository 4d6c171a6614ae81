import { expect, test } from '@playwright/test';
import { RoostProcess } from '../process/roost-process.ts';
import { Device } from './device.ts';
import {
  createRoom,
  drawnTexts,
  expectArrived,
  expectWaiting,
  invitationLink,
  message,
  send,
  setUp,
  signUpByInvitation
} from './person.ts';

test('set-up link, sign-up, room, invitation, second browser, chat both ways, one offline', async ({ browserName }) => {
  await using roost = await RoostProcess.start();
  await using ann = await Device.open(browserName as 'chromium' | 'firefox');
  await using bo = await Device.open(browserName as 'chromium' | 'firefox');

  await setUp(ann.page, roost.setupLink, 'Ann');
  await createRoom(ann.page, 'Harbour crew');
  const link = await invitationLink(ann.page);
  await signUpByInvitation(bo.page, link, 'Bo');
  await expect(bo.page.getByRole('heading', { level: 1, name: 'Harbour crew' })).toBeVisible();

  await send(ann.page, 'Hello Bo');
  await expectArrived(ann.page, 'Hello Bo');
  await expect(message(bo.page, 'Hello Bo')).toBeVisible();
  await send(bo.page, 'Hello Ann');
  await expectArrived(bo.page, 'Hello Ann');
  await expect(message(ann.page, 'Hello Ann')).toBeVisible();

  await bo.context.setOffline(true);
  await send(bo.page, 'From the cellar');
  await expectWaiting(bo.page, 'From the cellar');
  await send(ann.page, 'Meanwhile upstairs');
  await expectArrived(ann.page, 'Meanwhile upstairs');
  await bo.context.setOffline(false);
  await expectArrived(bo.page, 'From the cellar');
  await expect(message(ann.page, 'From the cellar')).toBeVisible();

  const agreed = ['Hello Bo', 'Hello Ann', 'Meanwhile upstairs', 'From the cellar'];
  await expect.poll(() => drawnTexts(ann.page)).toEqual(agreed);
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
});

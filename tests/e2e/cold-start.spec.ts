import { expect, test } from '@playwright/test';
import { isInPageOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { composer, createRoom, drawnTexts, expectArrived, expectWaiting, message, send, signIn } from './person.ts';

test('[E2E-1] server dead, browser started anew on a deep link: history, other rooms and writing are there; what is written arrives when the server is back', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { keeps: true } });
  const { ann, bo, roost, line, room } = meeting;
  await send(ann.page, 'Before the storm');
  await expect(message(bo.page, 'Before the storm')).toBeVisible();

  // A room that Bo is in and has never opened on this device: it is fetched in the background.
  await using boElsewhere = await meeting.openDevice();
  await signIn(boElsewhere.page, roost.url, 'Bo');
  await createRoom(boElsewhere.page, 'Lighthouse');
  await send(boElsewhere.page, 'Written in another browser');
  await expectArrived(boElsewhere.page, 'Written in another browser');
  const unopened = bo.page.getByRole('link', { name: /Lighthouse/ });
  await expect(unopened).toContainText('Written in another browser');
  await expect(bo.page.getByText('Connected · all sent')).toBeVisible();
  await expect.poll(() => isInPageOnDisk(bo.page, 'Written in another browser')).toBe(true);

  await roost.kill('SIGKILL');
  await bo.close();
  await bo.start();
  await bo.page.goto(`${line.url}/room/${room}`);
  await expect(message(bo.page, 'Before the storm')).toBeVisible();
  await expect(composer(bo.page)).toBeEnabled();
  await send(bo.page, 'Written with the server dead');
  await expectWaiting(bo.page, 'Written with the server dead');
  await expect(bo.page.getByText('Offline: messages are kept and will be sent')).toBeVisible();

  await bo.page.getByRole('link', { name: /Lighthouse/ }).click();
  await expect(message(bo.page, 'Written in another browser')).toBeVisible();
  await bo.page.goto(`${line.url}/directory`);
  await expect(bo.page.getByText('They show when you are back online.')).toBeVisible();
  await bo.page.goto(`${line.url}/settings/storage`);
  await expect(bo.page.getByText('Offline · 1 waiting').first()).toBeVisible();
  await bo.page.goto(`${line.url}/room/${room}`);
  await expectWaiting(bo.page, 'Written with the server dead');

  await roost.start();
  await expectArrived(bo.page, 'Written with the server dead');
  // Ann's device has to notice by itself, too.
  await expect(message(ann.page, 'Written with the server dead')).toBeVisible();
  const agreed = ['Before the storm', 'Written with the server dead'];
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
  await expect.poll(() => drawnTexts(ann.page)).toEqual(agreed);
});

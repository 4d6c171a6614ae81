import { expect, test, type Page } from '@playwright/test';
import { draftsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { composer, createRoom, drawnTexts, expectArrived, expectWaiting, message, send, signIn } from './person.ts';

test('[E2E-5] two tabs of one browser, offline and back: both show what either wrote, and each message exists once', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, line, room } = meeting;
  const left = bo.page;
  const right = await bo.context.newPage();
  await right.goto(`${line.url}/room/${room}`);
  await expect(composer(right)).toBeEnabled();
  await send(right, 'Online, right');
  await expectArrived(right, 'Online, right');
  await expectArrived(left, 'Online, right');

  await meeting.cut();
  await expect(right.getByText('Offline: messages are kept and will be sent')).toBeVisible();
  await send(left, 'Offline, left');
  await expectWaiting(left, 'Offline, left');
  await expectWaiting(right, 'Offline, left');
  await send(right, 'Offline, right');
  await expectWaiting(left, 'Offline, right');
  await expect.poll(() => draftsOnDisk(left)).toEqual([]);
  await composer(left).fill('a draft of both');
  await expect(composer(right)).toHaveValue('a draft of both');

  await Promise.all([left, right].map((tab) => watchFor(tab, 'Offline, left')));
  await meeting.restore();
  const agreed = ['Online, right', 'Offline, left', 'Offline, right'];
  for (const tab of [left, right]) {
    await expectArrived(tab, 'Offline, left');
    await expectArrived(tab, 'Offline, right');
    await expect.poll(() => sorted(tab)).toEqual([...agreed].sort());
  }
  for (const tab of [left, right]) expect(await tab.evaluate(() => window.wentMissing)).toBe(false);
  const order = await drawnTexts(left);
  await expect.poll(() => drawnTexts(right)).toEqual(order);
  await expect.poll(() => drawnTexts(ann.page)).toEqual(order);
  const ids = await meeting.historyIds();
  expect(new Set(ids).size).toBe(ids.length);
});

test('[E2E-6] a tab that is closed before the network is back: the other one sends what it wrote, once', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, line, room } = meeting;
  const writer = await bo.context.newPage();
  await writer.goto(`${line.url}/room/${room}`);
  await expect(composer(writer)).toBeEnabled();
  await meeting.cut();
  await send(writer, 'Left behind');
  await expectWaiting(writer, 'Left behind');
  await writer.close();

  await meeting.restore();
  await expect(message(ann.page, 'Left behind')).toBeVisible();
  await expectArrived(bo.page, 'Left behind');
  await expect.poll(() => drawnTexts(ann.page)).toEqual(['Left behind']);
});

test('[E2E-7] two browsers of one person: both hold the same, and what is read in one is read in the other', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo, roost, room } = meeting;
  await using second = await meeting.openDevice();
  await signIn(second.page, roost.url, 'Bo');
  await createRoom(second.page, 'Elsewhere');

  await meeting.cut();
  await send(bo.page, 'From the phone');
  await expectWaiting(bo.page, 'From the phone');
  await send(ann.page, 'One');
  await send(ann.page, 'Two');
  await expectArrived(ann.page, 'Two');
  const row = second.page.getByRole('link', { name: /Harbour crew/ });
  await expect(row).toContainText('2 unread');

  await meeting.restore();
  await expectArrived(bo.page, 'From the phone');
  await bo.page.bringToFront();
  await expect(message(bo.page, 'Two')).toBeVisible();
  await expect(row).not.toContainText('unread');

  await second.page.goto(`${roost.url}/room/${room}`);
  const agreed = ['One', 'Two', 'From the phone'];
  for (const page of [ann.page, bo.page, second.page]) await expect.poll(() => drawnTexts(page)).toEqual(agreed);
  await send(second.page, 'From the desk');
  for (const page of [ann.page, bo.page]) await expect(message(page, 'From the desk')).toBeVisible();
  await expect.poll(() => drawnTexts(bo.page)).toEqual([...agreed, 'From the desk']);
});

declare global {
  interface Window {
    wentMissing: boolean;
  }
}

/** From now on `wentMissing` tells whether the text was ever out of sight, be it for a moment. */
async function watchFor(page: Page, text: string): Promise<void> {
  await page.evaluate((wanted) => {
    window.wentMissing = false;
    const look = () => (window.wentMissing ||= !document.body.textContent.includes(wanted));
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, text);
}

async function sorted(page: Page): Promise<string[]> {
  return (await drawnTexts(page)).sort();
}

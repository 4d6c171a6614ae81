import { expect, test } from '@playwright/test';
import { draftsOnDisk } from './device-data.ts';
import { Meeting, untilOpen } from './meeting.ts';
import { composer, drawnTexts, expectArrived, expectWaiting, message, send } from './person.ts';

test('[E2E-2] 20 messages and a draft written offline, the browser killed: after the restart each arrives once, in one order, and the draft is there', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { keeps: true } });
  const { ann, bo, line, room } = meeting;
  await send(ann.page, 'Anybody there?');
  await expect(message(bo.page, 'Anybody there?')).toBeVisible();

  // Browsers write cookies to disk when they please, some half a minute later, but surely when they are closed:
  // who signed in a moment before the battery goes is asked to sign in again.
  await bo.close();
  await bo.start();
  await bo.page.goto(`${line.url}/room/${room}`);
  await expect(bo.page.getByText('Connected · all sent')).toBeVisible();

  await meeting.cut();
  const written = Array.from({ length: 20 }, (_, at) => `Log entry ${at + 1}`);
  for (const text of written) await send(bo.page, text);
  await expectWaiting(bo.page, written.at(-1)!);
  await composer(bo.page).fill('half a thought');
  await expect.poll(() => draftsOnDisk(bo.page)).toEqual(['half a thought']);
  await bo.kill();

  await send(ann.page, 'Said meanwhile');
  await expectArrived(ann.page, 'Said meanwhile');
  await bo.start();
  await bo.page.goto(`${line.url}/room/${room}`);
  await untilOpen(bo);
  await expectWaiting(bo.page, written.at(-1)!);
  await expect(composer(bo.page)).toHaveValue('half a thought');

  await meeting.restore();
  await expectArrived(bo.page, written.at(-1)!);
  const agreed = ['Anybody there?', 'Said meanwhile', ...written];
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
  await expect.poll(() => drawnTexts(ann.page)).toEqual(agreed);
  await expect(bo.page.getByText('Connected · all sent')).toBeVisible();
  const ids = await meeting.historyIds();
  expect(new Set(ids).size).toBe(ids.length);
  await expect(composer(bo.page)).toHaveValue('half a thought');
});

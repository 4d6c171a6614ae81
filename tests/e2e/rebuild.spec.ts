import { expect, test, type Page } from '@playwright/test';
import { Bot } from '../process/bot.ts';
import { breakWrites, makeBreakable, mendWrites } from './broken-storage.ts';
import { forgetUpdatesWith, isInPageOnDisk } from './device-data.ts';
import { Meeting, untilOpen } from './meeting.ts';
import { drawnTexts, expectArrived, expectWaiting, message, send } from './person.ts';

const STOLEN_ID = 1_234_567;

declare global {
  interface Window {
    drawsStolenId: boolean;
  }
}

/** The client ids that a page of the room is opened under, in order, from now on. */
function watchOpenings(page: Page, room: string): readonly number[] {
  const openedAs: number[] = [];
  const opening = new RegExp(`"room":"${room}".*"clientId":(\\d+)`);
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      const id = opening.exec(payload.toString())?.[1];
      if (id !== undefined) openedAs.push(Number(id));
    })
  );
  return openedAs;
}

test('[E2E-12] another client took the client id of this device: the page is fetched anew and what was written exists once', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann, bo, line, roost, room } = meeting;
  await send(ann.page, 'Before');
  await expect(message(bo.page, 'Before')).toBeVisible();
  await expect.poll(() => isInPageOnDisk(bo.page, 'Before')).toBe(true);

  // Yjs draws its client ids from here, and before each the name of its document.
  await bo.context.addInitScript((id) => {
    const getRandomValues = crypto.getRandomValues.bind(crypto);
    window.drawsStolenId = true;
    crypto.getRandomValues = <Values extends ArrayBufferView | null>(values: Values): Values => {
      getRandomValues(values as unknown as Uint8Array<ArrayBuffer>);
      if (values instanceof Uint32Array && values.length === 1 && window.drawsStolenId) values[0] = id;
      return values;
    };
  }, STOLEN_ID);
  const openedAs = watchOpenings(bo.page, room);
  await meeting.cut();
  await bo.page.goto(`${line.url}/room/${room}`);
  await untilOpen(bo);
  await send(bo.page, 'Written under the stolen id');
  await expectWaiting(bo.page, 'Written under the stolen id');

  const account = await meeting.account('Ann');
  using thief = new Bot({ url: () => roost.url.replace('http', 'ws'), ...account, room, clientId: STOLEN_ID });
  thief.say('The id is mine now');
  await thief.until(() => thief.pending.size === 0);

  await bo.page.evaluate(() => (window.drawsStolenId = false));
  await meeting.restore();
  await expectArrived(bo.page, 'Written under the stolen id');
  await expect.poll(() => openedAs[0]).toBe(STOLEN_ID);
  await expect.poll(() => openedAs.at(-1)).not.toBe(STOLEN_ID);
  await send(bo.page, 'And one more');
  await expectArrived(bo.page, 'And one more');
  const agreed = ['Before', 'The id is mine now', 'Written under the stolen id', 'And one more'];
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
  await expect.poll(() => drawnTexts(ann.page)).toEqual(agreed);
  const ids = await meeting.historyIds();
  expect(new Set(ids).size).toBe(ids.length);
});

test('[E2E-13] writes of the page’s copy that the disk aborted: a start without the network has what came after and before them, once', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann, bo, line, room } = meeting;
  await makeBreakable(bo.context);
  await bo.page.goto(`${line.url}/room/${room}`);
  await untilOpen(bo);
  await send(ann.page, 'Kept');
  await expect.poll(() => isInPageOnDisk(bo.page, 'Kept')).toBe(true);

  await breakWrites(bo.page, 'updates');
  await send(ann.page, 'Lost by the disk');
  await expect(message(bo.page, 'Lost by the disk')).toBeVisible();
  await expect(bo.page.getByRole('alert').filter({ hasText: 'Saving on this device failed' })).toBeVisible();
  await expect.poll(() => bo.page.evaluate(() => window.abortedWrites)).toBeGreaterThan(0);
  expect(await isInPageOnDisk(bo.page, 'Lost by the disk')).toBe(false);
  await mendWrites(bo.page);
  await send(bo.page, 'Written after');
  await expectArrived(bo.page, 'Written after');
  await expect.poll(() => isInPageOnDisk(bo.page, 'Lost by the disk')).toBe(true);
  await expect.poll(() => isInPageOnDisk(bo.page, 'Written after')).toBe(true);
  await expect(bo.page.getByRole('alert')).toHaveCount(0);

  line.cut();
  await bo.page.reload();
  await untilOpen(bo);
  const agreed = ['Kept', 'Lost by the disk', 'Written after'];
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
  await send(bo.page, 'Without a network');
  await expectWaiting(bo.page, 'Without a network');
  await meeting.restore();
  await expectArrived(bo.page, 'Without a network');
  await expect.poll(() => drawnTexts(bo.page)).toEqual([...agreed, 'Without a network']);
  await expect.poll(() => drawnTexts(ann.page)).toEqual([...agreed, 'Without a network']);
});

test('[E2E-15] a hole in the page’s copy on disk: the page is fetched anew, and what waited meanwhile exists once', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann, bo, line, room } = meeting;
  const said = ['One', 'Two', 'Three', 'Four'];
  for (const text of said) {
    await send(ann.page, text);
    await expect.poll(() => isInPageOnDisk(bo.page, text)).toBe(true);
  }
  await meeting.cut();
  await send(bo.page, 'Waiting');
  await expectWaiting(bo.page, 'Waiting');
  // As a write that was lost in silence leaves it: all that follows hangs in the air.
  expect(await forgetUpdatesWith(bo.page, 'Two')).toBeGreaterThan(0);
  await bo.page.reload();
  await expectWaiting(bo.page, 'Waiting');

  await meeting.restore();
  await expectArrived(bo.page, 'Waiting');
  await expect.poll(() => drawnTexts(bo.page)).toEqual([...said, 'Waiting']);
  await expect.poll(() => drawnTexts(ann.page)).toEqual([...said, 'Waiting']);
  for (const text of said) await expect.poll(() => isInPageOnDisk(bo.page, text)).toBe(true);
  await bo.page.goto(`${line.url}/room/${room}`);
  await expect.poll(() => drawnTexts(bo.page)).toEqual([...said, 'Waiting']);
});

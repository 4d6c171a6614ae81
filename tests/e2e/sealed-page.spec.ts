import { expect, test } from '@playwright/test';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { Bot } from '../process/bot.ts';
import { rowsOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { expectArrived, expectWaiting, message, send } from './person.ts';

test('[E2E-11] written offline on a page that is sealed meanwhile: it arrives on the next one, under the same ids, once', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { bo, roost, room } = meeting;
  await send(bo.page, 'On the first page');
  await expectArrived(bo.page, 'On the first page');
  await meeting.cut();
  const written = ['Held back one', 'Held back two', 'Held back three'];
  for (const text of written) {
    await send(bo.page, text);
    await expectWaiting(bo.page, text);
  }
  const ids = (await rowsOnDisk<{ id: string }>(bo.page, 'outbox')).map(({ id }) => id);
  expect(ids).toHaveLength(written.length);

  using bot = new Bot({ url: () => roost.url.replace('http', 'ws'), ...(await meeting.account('Ann')), room });
  await bot.until(() => bot.synced);
  for (let said = 0; said < PAGE_MAX_ENTRIES; said++) bot.say(`Ann talks ${said}`);
  await bot.until(() => bot.pending.size === 0 && bot.page === 1);

  await meeting.restore();
  await expectArrived(bo.page, written.at(-1)!);
  for (const text of written) await expect(message(bo.page, text)).toHaveCount(1);
  const arrived = (await meeting.history()).filter(({ id }) => ids.includes(id));
  expect(arrived.map(({ id, page }) => ({ id, page }))).toEqual(ids.map((id) => ({ id, page: 1 })));
});

// What people do to messages beside writing them: edit, answer, react; online, offline, and while somebody takes the
// message away.

import { expect, test, type Locator, type Page } from '@playwright/test';
import { Community } from '../process/community.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { Device } from './device.ts';
import { draftsOnDisk, isInPageOnDisk } from './device-data.ts';
import { Meeting } from './meeting.ts';
import { composer, expectArrived, expectWaiting, message, send, signIn, stopClock } from './person.ts';

/** A button of the tools that show while one is at the message. */
async function use(page: Page, text: string, name: 'React' | 'Reply' | 'Edit' | 'More'): Promise<void> {
  await message(page, text).hover();
  await message(page, text)
    .getByRole('group', { name: 'What to do with this message' })
    .getByRole('button', { name, exact: true })
    .click();
}

const strip = (page: Page, name: 'Editing' | 'Replying'): Locator => page.getByRole('group', { name });
const pill = (page: Page, text: string, emoji: string): Locator =>
  message(page, text).getByRole('group', { name: 'Reactions' }).getByRole('button', { name: emoji });

test('[EDIT-1] [EDIT-4] [EDIT-5] an edit made offline survives a reload, arrives once and shows as edited with what was before', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann, bo } = meeting;
  await send(bo.page, 'Low water at six');
  await expectArrived(bo.page, 'Low water at six');
  await meeting.cut();

  await composer(bo.page).fill('half a thought');
  await use(bo.page, 'Low water at six', 'Edit');
  await expect(composer(bo.page)).toHaveValue('Low water at six');
  await expect(composer(bo.page)).toBeFocused();
  await composer(bo.page).press('Escape');
  await expect(strip(bo.page, 'Editing')).toBeHidden();
  await expect(composer(bo.page)).toHaveValue('half a thought');

  await composer(bo.page).fill('');
  await composer(bo.page).press('ArrowUp');
  await composer(bo.page).fill('Low water at seven');
  // Nothing on the screen says when the last key is on the disk.
  await expect.poll(() => draftsOnDisk(bo.page)).toContainEqual(expect.stringContaining('Low water at seven'));
  await bo.page.reload();
  await expect(strip(bo.page, 'Editing')).toContainText('Low water at six');
  await expect(composer(bo.page)).toHaveValue('Low water at seven');
  await composer(bo.page).press('Enter');
  await expect(message(bo.page, 'Low water at seven')).toContainText('(edited)');
  await expect(composer(bo.page)).toHaveValue('');
  await expect(message(ann.page, 'Low water at six')).toBeVisible();

  await meeting.restore();
  await expect(message(ann.page, 'Low water at seven')).toContainText('(edited)');
  await expect(ann.page.getByRole('article')).toHaveCount(1);
  await use(ann.page, 'Low water at seven', 'More');
  const sheet = ann.page.getByRole('dialog', { name: 'Message' });
  await expect(sheet.getByRole('region', { name: 'Earlier versions' }).getByRole('listitem')).toHaveText([
    /Bo, .*Low water at six/
  ]);
});

test('[EDIT-2] an edit that leaves nothing removes the message, and can be undone', async ({ browserName }) => {
  await using meeting = await Meeting.open(browserName);
  const { bo } = meeting;
  await send(bo.page, 'Who has the keys?');
  await expectArrived(bo.page, 'Who has the keys?');
  await bo.page.clock.install();
  await bo.page.reload();
  await expect(message(bo.page, 'Who has the keys?')).toBeVisible();
  await composer(bo.page).press('ArrowUp');
  await composer(bo.page).fill('');
  await expect(strip(bo.page, 'Editing')).toContainText('this removes the message');
  // The five seconds for that do not pass meanwhile.
  await stopClock(bo.page);
  await bo.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await bo.page.getByRole('button', { name: 'Undo' }).focus();
  await bo.page.keyboard.press('Enter');
  await bo.page.clock.resume();
  await expect(message(bo.page, 'Who has the keys?')).toBeFocused();
  await expect(strip(bo.page, 'Editing')).toBeHidden();
});

test('[EDIT-9] of words that were changed in another window one chooses by keys which stay, and is back in the field', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { page } = meeting.bo;
  await send(page, 'Who has the keys?');
  await expectArrived(page, 'Who has the keys?');
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(message(other, 'Who has the keys?')).toBeVisible();
  await composer(page).press('ArrowUp');
  await composer(page).fill('Who has my keys?');
  await use(other, 'Who has the keys?', 'Edit');
  await composer(other).fill('Who has the boat keys?');
  await composer(other).press('Enter');
  await expect(strip(page, 'Editing')).toContainText('Changed elsewhere meanwhile: Who has the boat keys?');
  await composer(page).press('Enter');
  await expect(page.getByRole('button', { name: 'Save mine' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(strip(page, 'Editing')).toBeHidden();
  await expect(composer(page)).toBeFocused();
  await expect(composer(page)).toHaveValue('');
  await expect(message(page, 'Who has the boat keys?')).toContainText('(edited)');
});

test('[EDIT-3] [EDIT-7] a message taken away while it is edited, open or waiting: it is said, and no word is lost', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  for (const text of ['Low water at six', 'Bring boots']) {
    await send(bo.page, text);
    await expectArrived(bo.page, text);
    await expect(message(ann.page, text)).toBeVisible();
  }
  await use(bo.page, 'Bring boots', 'Edit');
  await composer(bo.page).fill('Bring boots and a torch');
  await remove(ann.page, 'Bring boots');
  await expect(strip(bo.page, 'Editing')).toContainText('removed meanwhile');
  await composer(bo.page).press('Enter');
  await expectArrived(bo.page, 'Bring boots and a torch');

  await meeting.cut();
  await use(bo.page, 'Low water at six', 'Edit');
  await composer(bo.page).fill('Low water at seven');
  await composer(bo.page).press('Enter');
  await expect(message(bo.page, 'Low water at seven')).toContainText('(edited)');
  await meeting.untilOnServer(() => remove(ann.page, 'Low water at six'));
  await meeting.restore();
  await expect(bo.page.getByText('You edited a message: Low water at seven')).toBeVisible();
  await expect(bo.page.getByText('is not there any more, so there was nothing to do')).toBeVisible();
  await expect(bo.page.getByRole('button', { name: 'Copy', exact: true })).toBeVisible();
  await bo.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(bo.page.getByText('You edited a message')).toBeHidden();
});

test('[REACT-1] [REACT-2] two people toggle a reaction, one of them offline; counts and names agree in the end', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  await send(ann.page, 'The epoxy has set');
  await expect(message(bo.page, 'The epoxy has set')).toBeVisible();
  await meeting.cut();

  await use(bo.page, 'The epoxy has set', 'React');
  await bo.page.getByRole('dialog', { name: 'React' }).getByRole('button', { name: '🎉' }).click();
  await expect(pill(bo.page, 'The epoxy has set', '🎉')).toHaveAttribute('aria-pressed', 'true');
  await use(ann.page, 'The epoxy has set', 'React');
  await ann.page.getByRole('dialog', { name: 'React' }).getByRole('button', { name: '🎉' }).click();
  await expect(pill(ann.page, 'The epoxy has set', '🎉')).toHaveAccessibleName('🎉 1: You');
  await expect(pill(bo.page, 'The epoxy has set', '🎉')).toHaveAccessibleName('🎉 1: You');

  await meeting.restore();
  await expect(pill(ann.page, 'The epoxy has set', '🎉')).toHaveAccessibleName('🎉 2: You and Bo');
  await expect(pill(bo.page, 'The epoxy has set', '🎉')).toHaveAccessibleName('🎉 2: You and Ann');
  await pill(ann.page, 'The epoxy has set', '🎉').click();
  await expect(pill(bo.page, 'The epoxy has set', '🎉')).toHaveAccessibleName('🎉 1: You');
  await pill(bo.page, 'The epoxy has set', '🎉').press('Enter');
  for (const { page } of [ann, bo])
    await expect(message(page, 'The epoxy has set').getByRole('group', { name: 'Reactions' })).toHaveCount(0);
});

test('[REPLY-1] a reply quotes, says so above the composer, is kept over a reload, and its quote jumps', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { ann, bo } = meeting;
  await send(ann.page, 'Who takes the van on Saturday?');
  await expect(message(bo.page, 'Who takes the van on Saturday?')).toBeVisible();
  await use(bo.page, 'Who takes the van on Saturday?', 'Reply');
  await expect(strip(bo.page, 'Replying')).toContainText('Who takes the van on Saturday?');
  await composer(bo.page).press('Escape');
  await expect(strip(bo.page, 'Replying')).toBeHidden();

  await meeting.cut();
  await use(bo.page, 'Who takes the van on Saturday?', 'Reply');
  await composer(bo.page).fill('I do');
  await expect.poll(() => draftsOnDisk(bo.page)).toContain('I do');
  await expect.poll(() => isInPageOnDisk(bo.page, 'Who takes the van on Saturday?')).toBe(true);
  await bo.page.reload();
  await expect(strip(bo.page, 'Replying')).toContainText('Who takes the van on Saturday?');
  await expect(composer(bo.page)).toHaveValue('I do');
  await bo.page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(strip(bo.page, 'Replying')).toBeHidden();
  await expectWaiting(bo.page, 'I do');
  await meeting.restore();
  await expect(message(ann.page, 'I do')).toBeVisible();
  await message(ann.page, 'I do').getByRole('button', { name: 'Ann Who takes the van' }).click();
  await expect(ann.page.locator('article.flashed')).toContainText('Who takes the van on Saturday?');
});

test('[EMOJI-3] [EMOJI-4] emoji come by name, by picker and by keyboard alone, also offline', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName, { bo: { worker: true } });
  const { bo } = meeting;
  await meeting.cut();
  await bo.page.reload();
  await composer(bo.page).pressSequentially('Done :tad');
  const offered = bo.page.getByRole('listbox', { name: 'Emoji' });
  await expect(offered.getByRole('option', { selected: true })).toHaveAccessibleName('party popper, :tada:');
  await expect(composer(bo.page)).toHaveAttribute('aria-activedescendant', /.+/);
  await composer(bo.page).press('Escape');
  await expect(offered).toBeHidden();
  await composer(bo.page).pressSequentially('a:');
  await expect(composer(bo.page)).toHaveValue('Done 🎉');
  await composer(bo.page).pressSequentially(' :sailb');
  await expect(offered.getByRole('option', { selected: true })).toHaveAccessibleName('sailboat, :sailboat:');
  await composer(bo.page).press('Tab');
  await expect(composer(bo.page)).toHaveValue('Done 🎉 ⛵ ');

  await bo.page.getByRole('button', { name: 'Emoji', exact: true }).click();
  const picker = bo.page.getByRole('dialog', { name: 'Emoji' });
  await picker.getByRole('searchbox', { name: 'Find an emoji' }).fill('thumbs up');
  await bo.page.keyboard.press('ArrowDown');
  await expect(picker.getByRole('button', { name: 'thumbs up' })).toBeFocused();
  await bo.page.keyboard.press('Enter');
  await expect(picker).toBeHidden();
  await expect(composer(bo.page)).toHaveValue('Done 🎉 ⛵ 👍');
  await composer(bo.page).press('Enter');
  await expectWaiting(bo.page, 'Done 🎉 ⛵ 👍');

  await message(bo.page, 'Done 🎉 ⛵ 👍').focus();
  await bo.page.keyboard.press('Enter');
  await expect(bo.page.getByRole('dialog', { name: 'Message' })).toBeVisible();
  await bo.page.keyboard.press('Escape');
  await expect(message(bo.page, 'Done 🎉 ⛵ 👍')).toBeFocused();
});

async function remove(page: Page, text: string): Promise<void> {
  await use(page, text, 'More');
  await page.getByRole('dialog', { name: 'Message' }).getByRole('button', { name: 'Remove for everybody' }).click();
}

test('[REPLY-2] a finger that draws a message far enough aside answers it; less, or a scroll, does not', async ({
  browserName
}) => {
  test.skip(browserName !== 'chromium', 'only Chromium lets a test move a finger');
  await using roost = await RoostProcess.start();
  using community = new Community(roost);
  const ann = await community.person('Ann');
  const bo = await community.person('Bo');
  const room = await community.room(ann, 'Harbour crew', 'private', [bo]);
  await community.write(bo, room, 'Who takes the van?');
  await using device = await Device.open('chromium', { viewport: { width: 360, height: 780 }, hasTouch: true });
  const { page } = device;
  await page.clock.install();
  await signIn(page, roost.url, 'Ann');
  await page.goto(`${roost.url}/room/${room}`);
  await expect(message(page, 'Who takes the van?')).toBeVisible();
  // However long it takes to draw it, the finger has not rested on the message.
  await stopClock(page);
  const finger = await page.context().newCDPSession(page);
  const draw = async (aside: number, down: number) => {
    const { x, y } = (await message(page, 'Who takes the van?').locator('p').boundingBox())!;
    const at = (part: number) => ({ touchPoints: [{ x: x + 10 + aside * part, y: y + 10 + down * part }] });
    await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', ...at(0) });
    for (const part of [0.25, 0.5, 0.75, 1])
      await finger.send('Input.dispatchTouchEvent', { type: 'touchMove', ...at(part) });
    await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  await draw(40, 0);
  await draw(-90, 0);
  await draw(20, 90);
  await expect(page.locator('.drawn')).toHaveCount(0);
  await expect(strip(page, 'Replying')).toBeHidden();
  await draw(90, 4);
  await page.clock.resume();
  await expect(strip(page, 'Replying')).toContainText('Who takes the van?');
  await expect(composer(page)).toBeFocused();
});

test('[PWA-10] a list drawn down, and a button in the room, try a line that is down at once', async ({
  browserName
}) => {
  test.skip(browserName !== 'chromium', 'only Chromium lets a test move a finger');
  await using roost = await RoostProcess.start();
  using community = new Community(roost);
  const room = await community.room(await community.person('Ann'), 'Harbour crew', 'private', []);
  await using device = await Device.open('chromium', { viewport: { width: 360, height: 780 }, hasTouch: true });
  const { page } = device;
  let tried = 0;
  page.on('websocket', () => (tried += 1));
  await page.clock.install();
  // Screens in motion would stand still with the clock.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn(page, roost.url, 'Ann');
  await page.goto(`${roost.url}/room/${room}`);
  await expect(composer(page)).toBeVisible();
  await roost.kill('SIGTERM');
  await expect(page.getByRole('button', { name: 'Try now' })).toBeVisible();
  // From here on nothing is tried by itself.
  await page.clock.pauseAt(Date.now() + 3_600_000);
  const triesWhen = async (act: () => Promise<unknown>) => {
    // What was tried before the clock stood has been told of by then.
    await page.evaluate(() => new Promise((resolve) => queueMicrotask(() => resolve(null))));
    const before = tried;
    await act();
    await expect.poll(() => tried).toBeGreaterThan(before);
  };
  await triesWhen(() => page.getByRole('button', { name: 'Try now' }).click());

  await page.clock.resume();
  await page.getByRole('link', { name: /^Back to rooms/ }).click();
  await expect(page.getByRole('link', { name: /^Harbour crew/ })).toBeVisible();
  await page.clock.pauseAt(Date.now() + 7_200_000);
  const finger = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove', y: number) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x: 180, y }] });
  // Hours that pass in a moment may end a write, of which a line above the list tells.
  const from = (await page.getByRole('link', { name: /^Harbour crew/ }).boundingBox())!.y + 20;
  const drawDown = async (by: number) => {
    await touch('touchStart', from);
    for (const part of [0.25, 0.5, 0.75, 1]) await touch('touchMove', from + by * part);
  };
  const letGo = () => finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await drawDown(60);
  await expect(page.getByText('Pull further to look for news')).toBeVisible();
  await letGo();
  await expect(page.getByText('Pull further to look for news')).toBeHidden();
  await drawDown(200);
  await expect(page.getByText('Let go to look for news')).toBeVisible();
  await triesWhen(letGo);
});

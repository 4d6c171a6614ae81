// A working day of three people, as one story: all that people do with each other's messages, one of them on a phone that
// is cut off twice. What one step leaves is what the next begins with; in the end everybody must have the same day.

import { expect, test, type Page } from '@playwright/test';
import type { Entry } from '#protocol/entry.ts';
import { Community, type Inhabitant } from '../process/community.ts';
import { CuttableLine } from '../process/cuttable-line.ts';
import { readHistory, type HistoryLine } from '../process/room-history.ts';
import { freePort, RoostProcess } from '../process/roost-process.ts';
import { ServerClock } from '../process/server-clock.ts';
import {
  drawnMessages,
  editByFinger,
  pastUndo,
  react,
  reactByFinger,
  reaction,
  removeByFinger,
  said,
  sheetOf,
  use
} from './acts.ts';
import { rowsOnDisk } from './device-data.ts';
import { Device, type BrowserName } from './device.ts';
import { composer, expectWaiting, send, signIn, untilControlled } from './person.ts';

const CREW = 'Harbour crew';
const RACE = 'Race committee';
const NIGHT = Array.from({ length: 40 }, (_, at) => `Night log ${at + 1}`);
const VAN = 'Who takes the van?';
const NINE = 'I do, at nine';
const TIDE = 'Low water at seven';
const SAIL = 'When do we sail?';
const OFFLINE = 'Offline: messages are kept and will be sent';
const HOUR_MS = 3_600_000;

const chat = (page: Page) => page.getByRole('main', { name: 'Conversation' });
const roomLink = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: new RegExp(name) });

/** The device says that it has a network, as it does to its pages. */
const online = (page: Page) => page.evaluate(() => dispatchEvent(new Event('online')));

/** What is done shows before it is on the disk, and a reload does not wait for that. */
const untilKept = (page: Page, words: readonly string[]) =>
  expect
    .poll(async () => {
      const rows = JSON.stringify(await rowsOnDisk(page, 'outbox'));
      return words.filter((word) => !rows.includes(word));
    })
    .toEqual([]);

/** So high that all of the day is drawn. */
const grow = async (page: Page) => page.setViewportSize({ width: page.viewportSize()!.width, height: 4_000 });

/** The room as its history tells it: the words of each message as they are now, '' where they were removed. */
function told(history: readonly HistoryLine[]): { id: string; text: string }[] {
  const texts = new Map<string, string>();
  const removed = new Set(history.map(({ entry }) => (entry?.type === 'redaction' ? field(entry, 'target') : '')));
  for (const { id, entry } of history) {
    if (removed.has(id)) texts.set(id, '');
    else if (entry?.type === 'message' && !('thread' in entry)) texts.set(id, field(entry, 'body'));
    else if (entry?.type === 'edit') texts.set(field(entry, 'target'), field(entry, 'body'));
  }
  return [...texts].map(([id, text]) => ({ id, text }));
}

const field = (entry: Entry, name: 'target' | 'body'): string =>
  (entry as unknown as Record<string, string>)[name] ?? '';

test('[DAY-1] a working day of three people, one cut off twice: all devices and the server end with the same', async ({
  browserName
}) => {
  // A whole day, in which one is cut off twice and the server dies once.
  test.setTimeout(600_000);
  await using opened = new AsyncDisposableStack();
  const port = await freePort();
  const line = opened.use(await CuttableLine.open(() => port));
  const clock = opened.use(new ServerClock());
  const roost = opened.use(await RoostProcess.start({ port, env: { ...clock.env, ROOST_URL: line.url } }));
  const { crew, owner } = await lastNight(roost);
  const openDevice = async (hasTouch: boolean): Promise<Page> => {
    const viewport = hasTouch ? { width: 360, height: 780 } : { width: 1_280, height: 800 };
    return opened.use(await Device.open(browserName as BrowserName, { viewport, hasTouch, worker: hasTouch })).page;
  };
  const [ann, bo, cy] = await Promise.all([openDevice(false), openDevice(false), openDevice(true)]);
  const all = [ann, bo, cy];

  const agree = async (): Promise<void> => {
    await expect(async () => {
      const [day, ...others] = await Promise.all(all.map(drawnMessages));
      for (const other of others) expect(other).toEqual(day);
    }).toPass();
    for (const page of all) await expect(page.getByText('waiting to be sent')).toHaveCount(0);
  };

  await test.step('Morning: what came in the night, who is here', async () => {
    await Promise.all([signIn(ann, roost.url, 'Ann'), signIn(bo, roost.url, 'Bo'), signIn(cy, line.url, 'Cy')]);
    for (const page of [ann, cy]) {
      await expect(roomLink(page, CREW)).toContainText(`${NIGHT.length} unread`);
      await expect(page).toHaveTitle(new RegExp(`^\\(${NIGHT.length}\\) `));
    }
    for (const page of all) await roomLink(page, CREW).click();
    for (const page of [ann, cy]) {
      await expect(page.getByRole('feed').getByText('New', { exact: true })).toBeInViewport();
      await expect(said(page, NIGHT[0]!)).toBeInViewport();
      await expect(said(page, NIGHT.at(-1)!)).not.toBeInViewport();
      await page.getByRole('button', { name: /Latest|new$/ }).click();
      await expect(said(page, NIGHT.at(-1)!)).toBeInViewport();
      await expect(page).toHaveTitle(`${CREW} · Roost`);
    }
    for (const page of all) {
      await expect(page.getByText('3 members, 3 here now')).toBeVisible();
      await grow(page);
    }
    await untilControlled(cy);
    expect(await cy.evaluate(() => matchMedia('(pointer: coarse)').matches)).toBe(true);
  });

  await test.step('A question, a reply with its quote, a reaction', async () => {
    await send(bo, VAN);
    await use(ann, VAN, 'Reply');
    await expect(ann.getByRole('group', { name: 'Replying' })).toContainText(VAN);
    await send(ann, NINE);
    await expect(said(bo, NINE).getByRole('button', { name: `Bo ${VAN}` })).toBeVisible();
    await reactByFinger(cy, NINE, '👍');
    // Named in the order in which they came.
    await expect(reaction(bo, NINE, '👍')).toHaveAccessibleName('👍 1: Cy');
    await react(bo, NINE, '👍');
    await expect(reaction(ann, NINE, '👍')).toHaveAccessibleName('👍 2: Cy and Bo');
    await expect(reaction(cy, NINE, '👍')).toHaveAccessibleName('👍 2: You and Bo');
  });

  await test.step('A mention calls who is elsewhere', async () => {
    await cy.getByRole('link', { name: /^Back to rooms/ }).click();
    await expect(roomLink(cy, CREW)).toBeVisible();
    await composer(ann).pressSequentially('@c');
    await expect(ann.getByRole('listbox', { name: 'People' }).getByRole('option', { selected: true })).toContainText(
      'Cy'
    );
    await composer(ann).press('Enter');
    await expect(composer(ann)).toHaveValue('@Cy ');
    await composer(ann).pressSequentially('bring the long ladder');
    await composer(ann).press('Enter');
    await expect(roomLink(cy, CREW)).toContainText('1 unread, one mentions you');
    await expect(cy).toHaveTitle(/^\(1\) /);
    await roomLink(cy, CREW).click();
    await expect(said(cy, '@Cy bring the long ladder')).toBeInViewport();
    await expect(cy).toHaveTitle(`${CREW} · Roost`);
  });

  await test.step('A message is put right, and what it said before is found', async () => {
    await send(ann, 'Low water at six');
    await expect(said(ann, 'Low water at six')).toBeVisible();
    await composer(ann).press('ArrowUp');
    await expect(ann.getByRole('group', { name: 'Editing' })).toContainText('Low water at six');
    await composer(ann).fill(TIDE);
    await composer(ann).press('Enter');
    await expect(said(bo, TIDE)).toContainText('(edited)');
    const sheet = await sheetOf(bo, TIDE);
    await expect(sheet.getByRole('region', { name: 'Earlier versions' }).getByRole('listitem')).toHaveText([
      /Ann, .*Low water at six/
    ]);
    await bo.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
  });

  await test.step('A thread of two', async () => {
    const panel = (page: Page) => page.getByRole('complementary', { name: 'Thread' });
    const reply = async (page: Page, words: string) => {
      await panel(page).getByRole('textbox', { name: 'Reply in thread' }).fill(words);
      await panel(page).getByRole('textbox', { name: 'Reply in thread' }).press('Enter');
    };
    await said(bo, TIDE).hover();
    await said(bo, TIDE).getByRole('link', { name: 'Reply in thread' }).click();
    await reply(bo, 'Who says so?');
    await said(ann, TIDE)
      .getByRole('link', { name: /^Thread: 1 reply/ })
      .click();
    await expect(panel(ann)).toContainText('Who says so?');
    await reply(ann, 'The almanac');
    await expect(panel(bo)).toContainText('The almanac');
    for (const page of [ann, bo]) await panel(page).getByRole('button', { name: 'Close the thread' }).click();
    await expect(said(cy, TIDE).getByRole('link', { name: /^Thread: 2 replies/ })).toBeVisible();
  });

  await test.step('A pin, a poll, a star', async () => {
    await (await sheetOf(ann, TIDE)).getByRole('button', { name: 'Pin to this room' }).click();
    await cy.getByRole('button', { name: 'Pinned messages' }).click();
    const pinned = cy.getByRole('dialog', { name: 'Pinned messages' });
    await expect(pinned).toContainText(TIDE);
    await cy.keyboard.press('Escape');
    await expect(pinned).toBeHidden();

    await composer(bo).fill(`/poll ${SAIL}`);
    await composer(bo).press('Enter');
    const poll = bo.getByRole('dialog', { name: 'New poll' });
    await poll.getByLabel('Option 1').fill('At six');
    await poll.getByLabel('Option 2').fill('Tomorrow');
    await poll.getByRole('button', { name: 'Send poll' }).click();
    await said(ann, SAIL)
      .getByRole('button', { name: /^At six/ })
      .click();

    await (await sheetOf(ann, NINE)).getByRole('button', { name: 'Star', exact: true }).click();
    await ann.getByRole('link', { name: 'Starred messages' }).click();
    await expect(ann.getByRole('main').getByRole('link', { name: new RegExp(NINE) })).toBeVisible();
    await roomLink(ann, CREW).click();
  });

  await test.step('Cy in a tunnel: votes, writes, puts right, reacts, removes; the reload finds all of it', async () => {
    await send(cy, 'Wrong room');
    await send(cy, 'The fender is torn');
    await expect(said(ann, 'The fender is torn')).toBeVisible();
    line.cut();
    await expect(cy.getByText(OFFLINE)).toBeVisible();
    await said(cy, SAIL)
      .getByRole('button', { name: /^Tomorrow/ })
      .click();
    await removeByFinger(cy, 'Wrong room');
    await send(cy, 'Never mind');
    await removeByFinger(cy, 'Never mind');
    await send(cy, 'From teh tunnel');
    await editByFinger(cy, 'From teh tunnel', 'From the tunnel');
    await reactByFinger(cy, TIDE, '🎉');

    await react(ann, TIDE, '🎉');
    await send(bo, 'Meanwhile on the quay');
    await expect(said(ann, 'Meanwhile on the quay')).toBeVisible();
    await expect(said(ann, 'Wrong room')).toBeVisible();

    await pastUndo(cy);
    await untilKept(cy, ['From the tunnel', '🎉']);
    await cy.reload();
    await expectWaiting(cy, 'From the tunnel');
    await expect(said(cy, SAIL).getByRole('button', { name: 'Tomorrow, 1 vote' })).toHaveAttribute(
      'aria-pressed',
      'true'
    );
    await expect(reaction(cy, TIDE, '🎉')).toHaveAccessibleName('🎉 1: You');
    // What was never sent is not there at all, once its removal is done.
    await expect(chat(cy).getByText('You removed this message')).toHaveCount(1);
    await expect(cy.getByText('Never mind')).toHaveCount(0);
    await expect(said(cy, NIGHT[0]!)).toHaveCount(1);
  });

  await test.step('Back in the light: all three have the same', async () => {
    line.restore();
    await online(cy);
    for (const page of [ann, bo]) {
      await expect(said(page, 'From the tunnel')).toBeVisible();
      await expect(chat(page).getByText('Message removed')).toBeVisible();
      await expect(said(page, SAIL).getByRole('button', { name: 'Tomorrow, 1 vote' })).toBeVisible();
    }
    await expect(said(cy, 'Meanwhile on the quay')).toBeVisible();
    await expect(reaction(cy, TIDE, '🎉')).toHaveAccessibleName('🎉 2: You and Ann');
    await agree();
  });

  await test.step('For oneself: a favourite, a muted room, unread by hand, a draft; the other device has them', async () => {
    await roomLink(bo, RACE).click();
    await expect(said(bo, 'The course is set')).toBeVisible();
    await expect(roomLink(bo, RACE)).not.toContainText('unread');
    await composer(bo).fill('half a thought');
    await roomLink(bo, CREW).click();
    const choose = async (room: string, act: string) => {
      await roomLink(bo, room).click({ button: 'right' });
      await bo.getByRole('menuitem', { name: act, exact: true }).click();
    };
    await choose(RACE, 'Mark as unread');
    await choose(RACE, 'Mute');
    await choose(CREW, 'Add to favourites');

    const phone = await openDevice(true);
    await signIn(phone, roost.url, 'Bo');
    await expect(roomLink(phone, RACE)).toContainText(/Muted.*half a thought.*1 unread/s);
    await expect(phone.getByRole('navigation', { name: 'Rooms' }).getByRole('heading', { level: 2 })).toHaveText([
      'Favourites',
      'Rooms'
    ]);
    await roomLink(phone, RACE).click();
    await expect(composer(phone)).toHaveValue('half a thought');
    await expect(roomLink(bo, RACE)).not.toContainText('unread');
    await phone.close();
  });

  await test.step('Something is scheduled, and the server dies over lunch; all go on writing', async () => {
    await composer(ann).fill('Supper at eight');
    await ann.getByRole('button', { name: 'Send later' }).click();
    await ann
      .getByRole('dialog', { name: 'Send later' })
      .getByRole('button', { name: /^In 1 hour/ })
      .click();
    await ann.getByRole('button', { name: /^1 scheduled/ }).click();
    const scheduled = ann.getByRole('dialog', { name: 'Scheduled messages' });
    await expect(scheduled).toContainText('Supper at eight');
    await expect(scheduled).not.toContainText('On this device');
    await ann.keyboard.press('Escape');

    await roost.kill('SIGKILL');
    for (const page of all) await expect(page.getByText(OFFLINE)).toBeVisible();
    await removeByFinger(cy, 'From the tunnel');
    await send(cy, 'Cy, in the dark');
    await editByFinger(cy, 'The fender is torn', 'The fender is mended');
    await reactByFinger(cy, 'Meanwhile on the quay', '👍');
    await send(ann, 'Ann, by lamplight');
    await send(bo, 'Bo, all the same');
    await react(bo, TIDE, '🎉');

    await pastUndo(cy);
    await untilKept(cy, ['Cy, in the dark', 'The fender is mended', '👍']);
    await cy.reload();
    await expectWaiting(cy, 'Cy, in the dark');
    await expect(said(cy, 'The fender is mended')).toContainText('(edited)');
    await expect(reaction(cy, 'Meanwhile on the quay', '👍')).toHaveAccessibleName('👍 1: You');
    await expect(chat(cy).getByText('You removed this message')).toHaveCount(2);
  });

  await test.step('Evening: the server is back two hours later, and what was scheduled has come', async () => {
    clock.setOffset(2 * HOUR_MS);
    await roost.start();
    await Promise.all(all.map(online));
    for (const page of all) {
      for (const text of ['Supper at eight', 'Cy, in the dark', 'Ann, by lamplight', 'Bo, all the same'])
        await expect(said(page, text)).toHaveCount(1);
      await expect(said(page, 'The fender is mended')).toBeVisible();
      await expect(reaction(page, TIDE, '🎉')).toHaveAccessibleName(/^🎉 3/);
    }
    await agree();
    await expect(said(ann, 'Ann, by lamplight')).toContainText('read by Bo and Cy');
    await expect(said(bo, 'Bo, all the same')).toContainText('read by Ann and Cy');
    await expect(said(cy, 'Cy, in the dark')).toContainText('read by Ann and Bo');
    for (const page of all) await expect(page).toHaveTitle(`${CREW} · Roost`);
  });

  await test.step('The server’s history is what all have: nothing lost, nothing twice', async () => {
    const history = await readHistory(roost.url, { user: owner.id, token: owner.token, room: crew });
    expect(new Set(history.map(({ id }) => id)).size).toBe(history.length);
    const day = await drawnMessages(ann);
    expect(day.map(({ id, text }) => ({ id, text }))).toEqual(told(history));
    expect(history.filter(({ entry }) => JSON.stringify(entry).includes('Never mind'))).toEqual([]);
    const texts = day.map(({ text }) => text);
    expect(texts.slice(0, NIGHT.length)).toEqual(NIGHT);
    expect(texts.filter((text) => text === '')).toHaveLength(2);
    expect(day.find(({ text }) => text === TIDE)).toMatchObject({
      edited: true,
      reactions: ['🎉 3'],
      thread: '2 replies'
    });
    expect(day.find(({ text }) => text === SAIL)?.votes).toEqual(['At six, 1 vote', 'Tomorrow, 1 vote']);
  });
});

/** Ann, Bo and Cy, a room of all three in which Bo wrote all night, and a quiet one of the first two. */
async function lastNight(roost: RoostProcess): Promise<{ crew: string; owner: Inhabitant }> {
  using community = new Community(roost, undefined, { signing: true });
  const owner = await community.person('Ann');
  const bo = await community.person('Bo');
  const cy = await community.person('Cy');
  const crew = await community.room(owner, CREW, 'private', [bo, cy]);
  await community.write(owner, await community.room(owner, RACE, 'private', [bo]), 'The course is set');
  for (const text of NIGHT) await community.write(bo, crew, text);
  return { crew, owner };
}

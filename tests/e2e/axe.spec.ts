// Every screen as people with other eyes and hands have it: axe finds nothing serious, in both themes, wide and
// narrow.

import { expect, test, type Locator, type Page } from '@playwright/test';
import { Community, PASSWORD } from '../process/community.ts';
import { Harbour, timeOf } from '../process/harbour.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { ServerClock } from '../process/server-clock.ts';
import { graveInBothThemes, graveViolations } from './accessibility.ts';
import { isInPageOnDisk } from './device-data.ts';
import { Device } from './device.ts';
import { photo } from './png.ts';
import { composer, expectWaiting, invitationLink, message, send, signIn, untilControlled } from './person.ts';
import { feed } from './reading.ts';

const WIDTHS = [
  { name: 'wide', viewport: { width: 1_440, height: 900 }, hasTouch: false },
  { name: 'narrow', viewport: { width: 360, height: 780 }, hasTouch: true }
] as const;
const DAY = Date.parse('2026-03-12T00:00:00+01:00');

test.skip(({ browserName }) => browserName !== 'chromium', 'what axe reads is the same in every browser');

/** Looks at what is on the screen now, in both themes, and names what is wrong. */
async function look(page: Page, screen: string): Promise<void> {
  expect.soft(await graveInBothThemes(page), screen).toEqual([]);
}

for (const { name, viewport, hasTouch } of WIDTHS) {
  test(`[A11Y-1] at the door and in the first rooms, ${name}`, async () => {
    await using roost = await RoostProcess.start();
    await using device = await Device.open('chromium', { viewport, hasTouch });
    const { page } = device;
    await page.goto(roost.setupLink);
    await expect(page.getByRole('button', { name: 'Create the owner’s account' })).toBeVisible();
    await look(page, 'set-up');
    await page.goto(`${roost.url}/setup`);
    await expect(page.getByText('Its first account is made with the set-up link')).toBeVisible();
    await look(page, 'set-up without its link');

    using community = new Community(roost);
    const ann = await community.person('Ann');
    await page.goto(`${roost.url}/signin`);
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await look(page, 'sign-in');
    await page.getByLabel('Your name').fill('Ann');
    await page.getByLabel('Password').first().fill('not her password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await look(page, 'sign-in refused');
    await page.goto(`${roost.url}/recover`);
    await expect(page.getByRole('button', { name: 'Set password and sign in' })).toBeVisible();
    await look(page, 'lost access');
    await page.goto(`${roost.url}/signup`);
    await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible();
    await look(page, 'sign-up');
    await page.goto(`${roost.url}/i#AAAAAAAAAAAAAAAAAAAAAA`);
    await expect(page.getByRole('heading', { name: 'This invitation does not work' })).toBeVisible();
    await look(page, 'invitation that has ended');

    await signIn(page, roost.url, 'Ann');
    await expect(page.getByText(/Make your first room|No rooms yet/).first()).toBeVisible();
    await look(page, 'no rooms');
    await page.goto(`${roost.url}/directory`);
    await expect(page.getByText('There are no public rooms')).toBeVisible();
    await look(page, 'no public rooms');
    const room = await community.room(ann, 'Harbour crew', 'private');
    await page.goto(`${roost.url}/room/${room}`);
    const link = await invitationLink(page);
    await look(page, 'empty room with its invitation');

    await using guest = await Device.open('chromium', { viewport, hasTouch });
    await guest.page.goto(link);
    await expect(guest.page.getByRole('link', { name: 'Create an account and join' })).toBeVisible();
    await look(guest.page, 'invitation');
  });

  test(`[A11Y-2] in rooms full of life, ${name}`, async () => {
    // Axe reads some twenty full screens, each in two themes.
    test.slow();
    using clock = new ServerClock();
    clock.setTo(timeOf('-6 10:00', DAY));
    await using roost = await RoostProcess.start({ env: clock.env });
    using harbour = await Harbour.found(roost, clock, DAY);
    await harbour.goOn();
    const { rooms, people, community } = harbour;
    const closing = await community.room(people.ann, 'Key holders', 'private', [people.nora]);
    await using device = await Device.open('chromium', { viewport, hasTouch, worker: true });
    const { page } = device;
    await signIn(page, roost.url, people.nora.name);
    const open = async (path: string) => {
      await page.goto(`${roost.url}${path}`);
      await expect(page.getByText('Connected · all sent')).toBeAttached();
    };

    await expect(
      page
        .getByRole('navigation', { name: 'Rooms' })
        .getByText(/\d unread/)
        .first()
    ).toBeAttached();
    await look(page, 'rooms with unread ones');
    await open(`/room/${rooms.harbour}`);
    await expect(page.getByText('New', { exact: true })).toBeVisible();
    await look(page, 'lively room at its first unread message');
    const newest = page.getByRole('article').filter({ hasText: 'Epoxy is in the second locker' });
    // Rows that come into sight are measured then, and may be higher than they were taken for.
    await expect(async () => {
      await feed(page).evaluate((scroller) => (scroller.scrollTop = scroller.scrollHeight));
      await expect(newest).toBeInViewport({ timeout: 1_000 });
    }).toPass();
    await expect(page.getByText(/is typing…$/)).toBeVisible();
    await look(page, 'lively room at its newest message');

    await page.keyboard.press('Control+k');
    await expect(page.getByRole('option').first()).toBeVisible();
    await page.getByRole('combobox', { name: 'Find a room' }).fill('a');
    await look(page, 'switcher');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+/');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
    await look(page, 'keys');
    await page.keyboard.press('Escape');
    if (hasTouch) {
      await restFingerOn(newest);
      await expect(page.getByRole('dialog', { name: 'Message' })).toBeVisible();
      await look(page, 'what can be done with a message');
      await page.keyboard.press('Escape');
    }

    await open(`/room/${rooms.night}/details`);
    // Beside the conversation on a wide screen, a screen of its own on a narrow one.
    const details = page.getByRole(viewport.width < 720 ? 'main' : 'complementary', { name: 'Room details' });
    for (const part of ['Invite', 'Manage', 'Edit', 'Leave']) {
      await details.getByRole('button', { name: part, exact: true }).click();
      await look(page, `details, ${part}`);
      if (part === 'Edit') await details.getByRole('button', { name: 'Cancel' }).click();
    }
    await open(`/room/${rooms.harbour}/details`);
    await expect(details.getByText('Sakura').or(details.getByText('山田さくら'))).toBeVisible();
    await look(page, 'details with members');
    await details.getByRole('region', { name: 'Members' }).getByRole('button').nth(1).click();
    await expect(page.getByRole('dialog', { name: /^Profile of/ })).toBeVisible();
    await look(page, 'profile of a member');
    await page.keyboard.press('Escape');
    for (const [path, screen] of [
      ['/new', 'new room'],
      ['/new/message', 'new message'],
      ['/directory', 'public rooms'],
      ['/room/AAAAAAAAAAAAAAAAAAAAAA', 'room that is not here']
    ] as const) {
      await open(path);
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
      await look(page, screen);
    }

    await open(`/room/${closing}`);
    await expect(composer(page)).toBeVisible();
    // An open socket only falls silent when the network goes; a page that starts without one knows at once.
    await untilControlled(page);
    await expect.poll(() => isInPageOnDisk(page, 'Key holders')).toBe(true);
    await device.context.setOffline(true);
    await page.reload();
    await send(page, 'I have the spare ones');
    await expectWaiting(page, 'I have the spare ones');
    await expect(page.getByText('Offline: messages are kept and will be sent')).toBeVisible();
    await look(page, 'offline, with a message that waits');
    await community.remove(people.ann, closing, people.nora);
    await device.context.setOffline(false);
    await expect(page.getByRole('button', { name: 'Retry' })).toBeVisible();
    await expect(message(page, 'I have the spare ones')).toContainText('not sent');
    await look(page, 'a message that was refused');
  });
}

for (const { name, viewport, hasTouch } of WIDTHS) {
  test(`[A11Y-3] in the settings, ${name}`, async () => {
    await using roost = await RoostProcess.start();
    using community = new Community(roost);
    await community.person('Ann');
    await using device = await Device.open('chromium', { viewport, hasTouch });
    const { page } = device;
    await signIn(page, roost.url, 'Ann');
    await page.goto(`${roost.url}/settings`);
    await expect(page.getByRole('navigation', { name: 'Settings' })).toBeVisible();
    await look(page, 'settings');
    for (const part of ['profile', 'appearance', 'notifications', 'privacy', 'storage', 'about']) {
      await page.goto(`${roost.url}/settings/${part}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
      await look(page, `settings, ${part}`);
    }
    await page.goto(`${roost.url}/settings/security`);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByLabel('New password').fill('tide');
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByText('Type the password that you have now.')).toBeVisible();
    await page.getByRole('button', { name: 'Make codes' }).click();
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Show new codes' }).click();
    await expect(page.getByRole('region', { name: 'Your recovery codes' })).toBeVisible();
    await look(page, 'settings, security');
    await page.goto(`${roost.url}/settings/account`);
    await page.getByRole('button', { name: 'Delete account…' }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await expect(page.getByText('This is not your user name.')).toBeVisible();
    await look(page, 'settings, account');
    await page.goto(`${roost.url}/settings/profile`);
    await page
      .getByLabel('Picture file')
      .setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: photo(60, 40, '') });
    await expect(page.getByRole('dialog', { name: 'Choose the part to show' }).getByRole('application')).toBeVisible();
    await look(page, 'settings, cropping a picture');
  });
}

for (const { name, viewport, hasTouch } of WIDTHS) {
  test(`[A11Y-4] while one edits, answers, reacts and looks for an emoji, ${name}`, async () => {
    await using roost = await RoostProcess.start();
    using community = new Community(roost);
    const ann = await community.person('Ann');
    const bo = await community.person('Bo');
    const room = await community.room(ann, 'Harbour crew', 'private', [bo]);
    await community.write(bo, room, 'Who takes the van on Saturday?');
    await using device = await Device.open('chromium', { viewport, hasTouch });
    const { page } = device;
    await signIn(page, roost.url, 'Ann');
    await page.goto(`${roost.url}/room/${room}`);
    await send(page, 'I do, if it starts');
    await expect(message(page, 'I do, if it starts')).toContainText('on the server');
    const openSheet = async (text: string) => {
      await message(page, text).focus();
      await page.keyboard.press('Enter');
      await expect(page.getByRole('dialog', { name: 'Message' })).toBeVisible();
    };

    await openSheet('Who takes the van on Saturday?');
    await page.getByRole('button', { name: '👍' }).click();
    await expect(message(page, 'Who takes the van on Saturday?').getByRole('button', { name: /^👍 1/ })).toBeVisible();
    await look(page, 'a message with a reaction');
    await page.getByRole('group', { name: 'Reactions' }).getByRole('button', { name: 'React', exact: true }).click();
    await expect(page.getByRole('dialog', { name: 'React' })).toBeVisible();
    await look(page, 'the usual reactions');
    await page.getByRole('button', { name: 'More emoji' }).click();
    await expect(page.getByRole('button', { name: 'grinning face', exact: true })).toBeVisible();
    await look(page, 'all emoji');
    await page.getByRole('searchbox', { name: 'Find an emoji' }).fill('boat');
    await expect(page.getByRole('button', { name: 'sailboat' })).toBeVisible();
    await look(page, 'emoji that were looked for');
    await page.getByRole('searchbox', { name: 'Find an emoji' }).fill('');
    await page.keyboard.press('Escape');

    await openSheet('Who takes the van on Saturday?');
    await page.getByRole('button', { name: 'Reply', exact: true }).click();
    await expect(page.getByRole('group', { name: 'Replying' })).toBeVisible();
    await look(page, 'answering');
    await composer(page).press('Escape');
    await composer(page).press('ArrowUp');
    await expect(page.getByRole('group', { name: 'Editing' })).toBeVisible();
    await look(page, 'editing');
    await composer(page).fill('');
    await expect(page.getByRole('button', { name: 'Remove', exact: true })).toBeVisible();
    await look(page, 'an edit that leaves nothing');
    await composer(page).fill('I do, if it starts at all');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await openSheet('I do, if it starts at all');
    await expect(page.getByRole('region', { name: 'Earlier versions' })).toBeVisible();
    await look(page, 'what a message said before');
    await page.keyboard.press('Escape');
    await composer(page).pressSequentially('Done :tad');
    await expect(page.getByRole('listbox', { name: 'Emoji' })).toBeVisible();
    await look(page, 'emoji for a shortcode');
  });

  test(`[A11Y-4] while one reads threads, ${name}`, async () => {
    await using roost = await RoostProcess.start();
    using community = new Community(roost);
    const ann = await community.person('Ann');
    const bo = await community.person('Bo');
    const room = await community.room(ann, 'Harbour crew', 'private', [bo]);
    const root = await community.write(bo, room, 'And who brings the trailer back?');
    await community.write(ann, room, 'Not me', { thread: root });
    await community.write(bo, room, 'You, @ann?', { thread: root, mentions: [ann.id] });
    await using device = await Device.open('chromium', { viewport, hasTouch });
    const { page } = device;
    await signIn(page, roost.url, 'Ann');
    await page.goto(`${roost.url}/threads`);
    const line = page.getByRole('main').getByRole('link', { name: /1 new reply, you are mentioned/ });
    await expect(line).toContainText('You, @ann?');
    await look(page, 'threads');
    await line.click();
    await expect(page.getByRole('textbox', { name: 'Reply in thread' })).toBeVisible();
    await look(page, 'a thread');
  });
}

for (const { name, viewport, hasTouch } of WIDTHS) {
  test(`[A11Y-4] with people to mention, the menu of a room and a notice open, ${name}`, async () => {
    await using roost = await RoostProcess.start();
    using community = new Community(roost);
    const ann = await community.person('Ann');
    const bo = await community.person('Bo');
    const room = await community.room(ann, 'Harbour crew', 'private', [bo]);
    await community.write(bo, room, 'Who takes the van on Saturday?');
    await using device = await Device.open('chromium', { viewport, hasTouch });
    const { page } = device;
    await signIn(page, roost.url, 'Ann');
    const more = page.getByRole('button', { name: 'More for Harbour crew' });
    await more.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem').first()).toBeFocused();
    await look(page, 'menu of a room');
    await page.getByRole('menuitemradio', { name: 'All messages' }).click();
    await expect(page.getByRole('menu')).toBeHidden();

    await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Harbour crew' }).click();
    // Until it has come, the screen may still be changing.
    await expect(message(page, 'Who takes the van on Saturday?')).toBeVisible();
    await composer(page).click();
    await composer(page).pressSequentially('Ask @b');
    await expect(page.getByRole('listbox', { name: 'People' })).toBeVisible();
    await look(page, 'people to mention');

    await page.goto(`${roost.url}/starred`);
    await expect(page.getByText('Connected · all sent')).toBeAttached();
    // They come in a part of their own: before it is there nobody is told.
    await expect(page.locator('.notices')).toBeAttached();
    const notice = page.getByRole('status').getByRole('link', { name: /Bo.*The van is back/ });
    // Whoever points at it keeps it there.
    await Promise.all([notice.hover(), community.write(bo, room, 'The van is back')]);
    await look(page, 'a notice');
  });
}

async function restFingerOn(row: Locator): Promise<void> {
  const page = row.page();
  const box = (await row.locator('p').boundingBox())!;
  const protocol = await page.context().newCDPSession(page);
  const touchPoints = [{ x: box.x + 20, y: box.y + 10 }];
  await protocol.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await expect(page.getByRole('dialog')).toBeVisible();
  await protocol.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
}

test('[A11Y-1] axe would say so: a button without a name and text hard to read are found', async ({ page }) => {
  await page.setContent('<main><button></button><p style="color: #bbb; background: #fff">Hard to read</p></main>');
  const grave = (await graveViolations(page)).map(({ rule }) => rule);
  expect(grave).toContain('button-name');
  expect(grave).toContain('color-contrast');
});

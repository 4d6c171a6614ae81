// Every screen at the sizes that people have: nothing lies outside the window, nothing spills over what it stands in.

import { expect, test, type Page } from '@playwright/test';
import { Harbour, timeOf } from '../process/harbour.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { ServerClock } from '../process/server-clock.ts';
import { Device } from './device.ts';
import { signIn } from './person.ts';

const DAY = Date.parse('2026-03-12T00:00:00+01:00');
const SIZES = [
  { name: 'phone', viewport: { width: 360, height: 780 }, hasTouch: true },
  { name: 'tablet', viewport: { width: 768, height: 1_024 }, hasTouch: true },
  { name: 'desk', viewport: { width: 1_440, height: 900 }, hasTouch: false }
] as const;

test.skip(({ browserName }) => browserName !== 'chromium', 'boxes are the same in every browser');

for (const { name, viewport, hasTouch } of SIZES) {
  test(`[LOOK-1] nothing lies outside the window or spills over its cell or panel, ${name}`, async () => {
    // Some forty screens, each loaded anew.
    test.slow();
    using clock = new ServerClock();
    clock.setTo(timeOf('-6 10:00', DAY));
    await using roost = await RoostProcess.start({ env: clock.env });
    using harbour = await Harbour.found(roost, clock, DAY);
    await harbour.goOn();
    const { rooms, people, community } = harbour;
    const hubert = await community.person('Hubert Blaine Wolfeschlegelsteinhausen');
    await community.room(hubert, 'Sportbootführerscheinverlängerungsantragsbearbeitung', 'public', [people.nora]);
    await using device = await Device.open('chromium', { viewport, hasTouch });
    const { page } = device;
    // What slides in is outside the window for a moment.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    for (const path of ['/signin', '/signup', '/recover', '/i#of-no-room']) {
      await page.goto(`${roost.url}${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      expect.soft(await misplaced(page), path).toEqual([]);
    }
    await signIn(page, roost.url, people.nora.name);
    const details = `/room/${rooms.night}/details`;
    for (const [path, opened] of [
      ['/', null],
      [`/room/${rooms.harbour}`, null],
      [`/room/${rooms.harbour}/details`, null],
      [details, null],
      [details, 'Invite'],
      [details, 'Manage'],
      [details, 'Edit'],
      [details, 'Leave'],
      [`/person/${people.ann.id}`, null],
      ['/new', null],
      ['/new/message', null],
      ['/directory', null],
      ['/threads', null],
      ['/settings', null],
      ...['profile', 'appearance', 'notifications', 'privacy', 'security', 'storage', 'account', 'about'].map(
        (part) => [`/settings/${part}`, null] as const
      ),
      ...['people', 'rooms', 'invitations', 'settings', 'storage', 'log'].map(
        (part) => [`/admin/${part}`, null] as const
      )
    ] as const) {
      await page.goto(`${roost.url}${path}`);
      await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
      await expect(page.getByText(/^(Loading|Counting)…$/)).toHaveCount(0);
      if (opened) await page.getByRole('button', { name: opened, exact: true }).click();
      if (opened === 'Invite')
        await expect(page.getByRole('list', { name: 'People' }).getByRole('button').first()).toBeVisible();
      expect.soft(await misplaced(page), `${path} ${opened ?? ''}`).toEqual([]);
    }
  });
}

/** What can be seen and lies beyond the window's sides, or is wider than the cell, panel or part of a header that it is in. */
async function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    /** Kept for screen readers alone. */
    const clipped = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).clipPath !== 'none' || clipped(element.parentElement));
    for (const element of document.querySelectorAll('#app *, body > div *')) {
      if (element.closest('.skip, svg')) continue;
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || clipped(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const name = `${element.tagName.toLowerCase()}.${element.classList[0] ?? ''} “${element.textContent.trim().slice(0, 40)}”`;
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`${name} lies outside the window`);
      const holder = element.parentElement?.closest('td, th, .panel, header > *');
      const held = holder?.getBoundingClientRect();
      if (held && (box.left < held.left - 1 || box.right > held.right + 1)) found.push(`${name} spills over`);
    }
    return found;
  });
}

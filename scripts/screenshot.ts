// `npm run screenshot`: draws the pictures of the README from a real server full of life, always at the same moment.
// `npm run screenshot -- matrix` draws every size and theme of the screens that break most easily, to look at.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { writeSeededCorpus } from '../tests/corpus.ts';
import { Harbour, timeOf, type HarbourRoom } from '../tests/process/harbour.ts';
import { PASSWORD } from '../tests/process/community.ts';
import { RoostProcess } from '../tests/process/roost-process.ts';
import { ServerClock } from '../tests/process/server-clock.ts';
import { chromiumLaunch } from './browsers.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const ZONE = 'Europe/Oslo';
/** A Thursday, at midnight in that zone. */
const DAY = Date.parse('2026-03-12T00:00:00+01:00');
const BEFORE = timeOf('0 18:12', DAY);
const NOW = timeOf('0 18:53', DAY);
const LONG_HISTORY = 4_000;

const SIZES = [
  { width: 360, height: 780 },
  { width: 768, height: 1_024 },
  { width: 1_440, height: 900 }
] as const;
const THEMES = ['light', 'dark'] as const;

await main(process.argv[2] === 'matrix');

async function main(matrix: boolean): Promise<void> {
  using clock = new ServerClock();
  clock.setTo(timeOf('-6 10:00', DAY));
  await using roost = await RoostProcess.start({ env: { ...clock.env, TZ: ZONE } });
  using harbour = await Harbour.found(roost, clock, DAY);
  const browser = await chromium.launch(chromiumLaunch);
  try {
    const desk = await browser.newContext(options({ width: 1_440, height: 900 }));
    const page = await signedIn(desk, roost.url, BEFORE);
    await readEverything(page);
    await harbour.goOn();
    await page.clock.setSystemTime(NOW);
    if (matrix) await drawMatrix(page, harbour);
    else await drawForReadme(page, harbour);
  } finally {
    await browser.close();
  }
}

async function drawForReadme(page: Page, harbour: Harbour): Promise<void> {
  // The manifest shows two of them, too.
  const shots = path.join(ROOT, 'static/screenshots');
  await openRoom(page, harbour, 'harbour');
  await page.getByText(/is typing…$/).waitFor();
  await draw(page, path.join(shots, 'wide.png'));
  await page.emulateMedia({ colorScheme: 'dark' });
  await draw(page, path.join(ROOT, 'docs/screenshot-dark.png'));

  const phone = await page
    .context()
    .browser()!
    .newContext({
      ...options({ width: 360, height: 780 }),
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true
    });
  const pocket = await signedIn(phone, harbour.roost.url, NOW);
  await openRoom(pocket, harbour, 'harbour');
  await phone.setOffline(true);
  for (const text of ['Bow is done, the port cleat is loose', 'No bars down here. Goes when I’m back up']) {
    await pocket.getByRole('textbox', { name: /^Write to / }).fill(text);
    await pocket.getByRole('button', { name: 'Send', exact: true }).click();
  }
  await pocket.getByText('Offline: messages are kept and will be sent').waitFor();
  await pocket.getByRole('textbox', { name: /^Write to / }).blur();
  await draw(pocket, path.join(shots, 'narrow.png'));
}

async function drawMatrix(page: Page, harbour: Harbour): Promise<void> {
  const folder = path.join(ROOT, 'test-results/screens');
  await mkdir(folder, { recursive: true });
  const { nora } = harbour.people;
  const { community, roost } = harbour;
  const one = await community.room(nora, 'One message', 'private');
  await community.write(nora, one, 'Hello, is anybody here?');
  const long = await community.room(nora, 'Long ago', 'public');
  const scratch = await mkdtemp(path.join(tmpdir(), 'roost-screens-'));
  try {
    const file = path.join(scratch, 'history.jsonl.gz');
    await writeSeededCorpus(file, LONG_HISTORY, 1);
    await community.importFile(file, 'Long ago');
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  const { rooms } = harbour;
  const screens = {
    empty: `/room/${rooms.night}`,
    one: `/room/${one}`,
    thousands: `/room/${long}`,
    lively: `/room/${rooms.harbour}`,
    details: `/room/${rooms.harbour}/details`,
    gallery: `/room/${rooms.harbour}/details/files`,
    rooms: '/',
    directory: '/directory',
    new: '/new',
    'new-message': '/new/message',
    person: `/person/${harbour.people.ann.id}`,
    settings: '/settings',
    ...sections('settings', ['profile', 'appearance', 'notifications', 'security', 'storage', 'account', 'about']),
    ...sections('admin', ['people', 'rooms', 'invitations', 'settings', 'storage', 'log']),
    missing: '/nowhere',
    absent: '/room/AAAAAAAAAAAAAAAAAAAAAA'
  };
  for (const [name, address] of Object.entries(screens)) {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.goto(`${roost.url}${address}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
      // Settings and administration have their own list in the place of the rooms, and no foot.
      const parts = page.getByRole('navigation', { name: /^(Settings|Administration)$/ });
      const inStep = page.getByText('Connected · all sent').or(parts).or(page.getByText('There is nothing here'));
      if (size.width >= 720) await inStep.first().waitFor({ state: 'attached' });
      await page.getByText(/^(Loading|Counting)…$/).waitFor({ state: 'detached' });
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        await draw(page, path.join(folder, `${name}-${size.width}-${colorScheme}.png`));
      }
    }
  }
}

/** A picture for each part of the settings or of administration. */
function sections(under: string, parts: readonly string[]): Record<string, string> {
  return Object.fromEntries(parts.map((part) => [`${under}-${part}`, `/${under}/${part}`]));
}

function options(viewport: { readonly width: number; readonly height: number }) {
  return { viewport, locale: 'en-GB', timezoneId: ZONE, colorScheme: 'light', reducedMotion: 'reduce' } as const;
}

async function signedIn(context: BrowserContext, origin: string, now: number): Promise<Page> {
  const page = await context.newPage();
  await page.clock.install({ time: now });
  await page.goto(`${origin}/signin`);
  await page.getByLabel('Your name').fill('Nora Kvist');
  await page.getByLabel('Password').first().fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link').nth(4).waitFor();
  return page;
}

/** Opens room after room, until nothing is unread, and leaves a draft in one. */
async function readEverything(page: Page): Promise<void> {
  const rooms = page.getByRole('navigation', { name: 'Rooms' });
  const unread = rooms.getByRole('link').filter({ hasText: /\d unread/ });
  while ((await unread.count()) > 0) {
    const name = await unread.first().getAttribute('href');
    const link = rooms.locator(`a[href="${name}"]`);
    await link.click();
    await link.filter({ hasNotText: /\d unread/ }).waitFor();
  }
  await rooms.getByRole('link', { name: /Kitchen/ }).click();
  await page.getByRole('textbox', { name: /^Write to Kitchen/ }).fill('two crates of oranges and the');
  await rooms.getByRole('link', { name: /Night watch/ }).click();
  await rooms.getByText('Draft:').waitFor();
}

async function openRoom(page: Page, { rooms }: Harbour, room: HarbourRoom): Promise<void> {
  await page.getByRole('navigation', { name: 'Rooms' }).locator(`a[href="/room/${rooms[room]}"]`).click();
  await page.getByRole('article').last().waitFor();
  await page.getByRole('textbox', { name: /^Write to / }).waitFor();
}

async function draw(page: Page, file: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  // Nothing hovered, and the day that shows while one scrolls is gone.
  await page.mouse.move(0, 0);
  await page.locator('.floating').waitFor({ state: 'detached' });
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
  console.log(path.relative(ROOT, file));
}

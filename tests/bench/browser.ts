// What people wait for, in a real Chromium: opening rooms short and long, the cold start without a network at two
// CPU speeds, and the time from Send to paint.

import type { CDPSession, Page } from '@playwright/test';
import type { Corpus } from '../corpus.ts';
import { Device } from '../e2e/device.ts';
import { composer, createRoom, expectArrived, send, signIn, untilControlled } from '../e2e/person.ts';
import type { Account } from '../process/account.ts';
import { Bot } from '../process/bot.ts';
import type { RoostProcess } from '../process/roost-process.ts';
import { median, type Figure } from './figure.ts';

const RUNS = 5;
const SHORT_ROOM_MESSAGES = 1_000;

interface Marks {
  /** When the first message was painted, ms since navigation began. */
  firstMessageMs?: number;
}

/** Runs in the page before anything else: notes the frame after the first message is there and can be seen. */
function watchFirstMessage(): void {
  const marks = window as unknown as Marks;
  const look = (): void => {
    const row = document.querySelector('article[data-row]');
    if (!row?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) {
      requestAnimationFrame(look);
      return;
    }
    requestAnimationFrame(() => (marks.firstMessageMs = performance.now()));
  };
  requestAnimationFrame(look);
}

async function timeToFirstMessage(page: Page, url: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(url);
  const handle = await page.waitForFunction(() => (window as unknown as Marks).firstMessageMs);
  return (await handle.jsonValue())!;
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let run = 0; run < RUNS; run++) values.push(await measure());
  return median(values);
}

const heapMB = async (cdp: CDPSession): Promise<number> => {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
};

/** @param account an administrator whose password is person.ts's */
export async function measureBrowser(roost: RoostProcess, account: Account, corpus: Corpus): Promise<Figure[]> {
  const figures: Figure[] = [];
  const roomOf = async (name: string): Promise<string> => {
    const { stdout, code, stderr } = await roost.roost(['room', 'add', name]);
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const short = await roomOf('Short');
  await fill(roost, { ...account, room: short }, SHORT_ROOM_MESSAGES);
  const long = await roomOf('Long');
  const importedAt = performance.now();
  const imported = await roost.roost(['import', corpus.file, '--room', 'Long']);
  if (imported.code !== 0) throw new Error(imported.stderr);
  const seconds = (performance.now() - importedAt) / 1_000;
  figures.push({ name: 'import', value: corpus.messages / seconds, unit: 'per second', note: corpus.description });

  await using device = await Device.open('chromium', { viewport: { width: 1440, height: 900 }, keeps: true });
  await device.context.addInitScript(watchFirstMessage);
  const { page } = device;
  await signIn(page, roost.url, 'ann');
  await untilControlled(page);
  for (const [label, room] of [
    [`${SHORT_ROOM_MESSAGES.toLocaleString('en')} messages`, short],
    [`${corpus.messages.toLocaleString('en')} messages`, long]
  ] as const) {
    const url = `${roost.url}/room/${room}`;
    const first = await timeToFirstMessage(page, url);
    figures.push({ name: `open a room of ${label}, first time`, value: first, unit: 'ms' });
    const again = await medianOf(() => timeToFirstMessage(page, url));
    figures.push({ name: `open a room of ${label}, again`, value: again, unit: 'ms', budget: 1_000 });
  }
  figures.push(await measureScrollBack(page, device));

  const own = await createRoom(page, 'Painting');
  await send(page, 'first');
  await expectArrived(page, 'first');
  figures.push({ name: 'send to paint', value: await sendToPaint(page), unit: 'ms', budget: 50 });

  await roost.kill('SIGKILL');
  await device.close();
  await device.start();
  await device.context.addInitScript(watchFirstMessage);
  const cdp = await device.context.newCDPSession(device.page);
  for (const [rate, budget] of [
    [1, 1_000],
    [4, 2_500]
  ] as const) {
    await cdp.send('Emulation.setCPUThrottlingRate', { rate });
    const value = await medianOf(() => timeToFirstMessage(device.page, own));
    figures.push({ name: `offline cold start to readable room, CPU ${rate}×`, value, unit: 'ms', budget });
  }
  return figures;
}

/** Wheels up through the long room that is open; the heap afterwards is what it costs to have looked back. */
async function measureScrollBack(page: Page, device: Device): Promise<Figure> {
  const cdp = await device.context.newCDPSession(page);
  await page.mouse.move(720, 400);
  for (let turn = 0; turn < 120; turn++) {
    await page.mouse.wheel(0, -2_500);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  const drawn = await page.getByRole('article').count();
  return { name: 'heap after scrolling back', value: await heapMB(cdp), unit: 'MB', note: `${drawn} rows in the page` };
}

async function sendToPaint(page: Page): Promise<number> {
  return medianOf(async () => {
    const body = `painted ${Math.random()}`;
    await composer(page).fill(body);
    return page.evaluate(async (text) => {
      const startedAt = performance.now();
      document.querySelector<HTMLButtonElement>('button[aria-label="Send"]')!.click();
      for (;;) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const rows = document.querySelectorAll('article[data-row]');
        if ([...rows].some((row) => row.textContent.includes(text))) return performance.now() - startedAt;
      }
    }, body);
  });
}

async function fill(roost: RoostProcess, account: Account, messages: number): Promise<void> {
  using bot = new Bot({ url: () => roost.url.replace('http', 'ws'), ...account });
  await bot.until(() => bot.synced);
  for (let index = 0; index < messages; index++) bot.say(`message ${index} of a room that is filled for the bench`);
  await bot.until(() => bot.pending.size === 0);
}

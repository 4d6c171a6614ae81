// A room of 200 pictures, scrolled through in a real Chromium, beside a room of as many lines of text: the longest task on
// the page's thread, as pictures come from the server and once they are on the device, at two speeds of the processor.

import type { Page } from '@playwright/test';
import { Device } from '../e2e/device.ts';
import {
  composer,
  createRoom,
  expectArrived,
  message,
  send,
  signIn,
  untilAllThere,
  untilControlled
} from '../e2e/person.ts';
import type { RoostProcess } from '../process/roost-process.ts';
import type { Figure } from './figure.ts';
import { tasksOf } from './main-thread.ts';

const MESSAGES = 50;
/** As many as are shown of a message. */
const PICTURES_PER_MESSAGE = 4;
const PICTURES = MESSAGES * PICTURES_PER_MESSAGE;
/** One or the other may pass by between two looks. */
const SEEN_MIN = 0.9 * PICTURES;
/** What browsers count as a long task: beyond it a finger feels it. */
const LONG_TASK_MS = 50;
const WHEEL_PX = 400;

/** @param name an administrator's, whose password is person.ts's */
export async function* measurePictures(roost: RoostProcess, name: string): AsyncGenerator<Figure> {
  const { lines, pictures } = await fillRooms(roost, name);
  {
    await using reader = await openReader(roost, name);
    yield await scrollThrough(reader, 1, '200 lines', lines);
    yield await scrollThrough(reader, 1, '200 pictures as they come', pictures, SEEN_MIN);
    yield await scrollThrough(reader, 1, '200 pictures kept here', pictures, SEEN_MIN);
    // A slow page passes by what is not decoded yet.
    yield await scrollThrough(reader, 4, '200 lines', lines);
    yield await scrollThrough(reader, 4, '200 pictures kept here', pictures, 1);
  }
  await using reader = await openReader(roost, name);
  yield await scrollThrough(reader, 4, '200 pictures as they come', pictures, 1);
}

async function openReader(roost: RoostProcess, name: string): Promise<Device> {
  const reader = await Device.open('chromium', { viewport: { width: 1440, height: 900 }, keeps: true });
  await signIn(reader.page, roost.url, name);
  await untilControlled(reader.page);
  await untilAllThere(reader.page);
  return reader;
}

/** @returns the addresses of both rooms */
async function fillRooms(roost: RoostProcess, name: string): Promise<{ lines: string; pictures: string }> {
  await using writer = await Device.open('chromium', { viewport: { width: 1440, height: 900 }, keeps: true });
  const { page } = writer;
  await signIn(page, roost.url, name);
  const lines = await createRoom(page, 'Lines');
  for (let at = 0; at < PICTURES; at += 1) await send(page, `Line ${at}`);
  await expectArrived(page, `Line ${PICTURES - 1}`, 60_000);
  const pictures = await createRoom(page, 'Pictures');
  for (let at = 0; at < MESSAGES; at += 1) {
    await page.locator('[data-files=any]').setInputFiles(await photographs(page, at));
    await composer(page).fill(`Pictures ${at}`);
    await composer(page).press('Enter');
    await message(page, `Pictures ${at}`).waitFor({ timeout: 120_000 });
    await expectArrived(page, `Pictures ${at}`, 60_000);
  }
  return { lines, pictures };
}

/** Each another one, with as much in it as a camera sees. */
async function photographs(page: Page, seed: number) {
  const made = await page.evaluate(
    async ([first, count]) => {
      const all: string[] = [];
      for (let at = 0; at < count; at += 1) {
        const canvas = new OffscreenCanvas(1_600, 1_200);
        const context = canvas.getContext('2d')!;
        for (let block = 0; block < 600; block += 1) {
          context.fillStyle = `hsl(${(first * 37 + at * 11 + block * 7) % 360} 60% ${20 + ((block * 13) % 60)}%)`;
          context.fillRect((block * 97) % 1_600, (block * 61) % 1_200, 120, 90);
        }
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer());
        all.push(bytes.toBase64());
      }
      return all;
    },
    [seed, PICTURES_PER_MESSAGE] as const
  );
  return made.map((bytes, at) => ({
    name: `IMG_${seed}_${at}.jpg`,
    mimeType: 'image/jpeg',
    buffer: Buffer.from(bytes, 'base64')
  }));
}

/**
 * From the newest to the oldest, back down and up again, as fast as a wheel goes.
 * @param rate how many times slower than it is the page's thread is made
 * @param least pictures that must have been seen
 */
async function scrollThrough(device: Device, rate: number, what: string, room: string, least = 0): Promise<Figure> {
  const { page } = device;
  const name = `scroll through ${what}, longest task, CPU ${rate}×`;
  await page.goto(room);
  await page.getByRole('article').last().waitFor();
  await untilAllThere(page);
  const cdp = await device.context.newCDPSession(page);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate });
  await page.mouse.move(720, 400);
  const seen = new Set<string>();
  const tasks = await tasksOf(page, async () => {
    for (const direction of [-1, 1, -1])
      for (let atEnd = 0; atEnd < 3;) {
        await page.mouse.wheel(0, direction * WHEEL_PX);
        const { above, below, shown } = await page.evaluate(look);
        for (const picture of shown) seen.add(picture);
        atEnd = (direction < 0 ? above : below) < 1 ? atEnd + 1 : 0;
      }
  });
  await cdp.detach();
  if (seen.size < least) throw new Error(`${name}: ${seen.size} pictures were seen, not ${least}`);
  const { processorMs, clockMs, chief } = tasks[0]!;
  const long = tasks.filter((task) => task.clockMs > LONG_TASK_MS).length;
  return {
    ...{ name, value: processorMs, unit: 'ms' },
    // Slowed down it is told, to see what a weak phone has.
    ...(rate === 1 && { budget: LONG_TASK_MS }),
    note: `${least > 0 ? `${seen.size} seen, ` : ''}${Math.round(clockMs)} ms on the clock of this machine, ${long} over ${LONG_TASK_MS} there; ${chief}`
  };
}

/** Two frames on: how far there is to scroll, px, and the pictures of messages that are drawn and there. */
async function look(): Promise<{ above: number; below: number; shown: string[] }> {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const rows = [...document.querySelectorAll('article[data-row]')];
  const images = rows.flatMap((row) => [...row.querySelectorAll<HTMLImageElement>('button img')]);
  const shown = images.filter(({ complete, naturalWidth }) => complete && naturalWidth > 0).map(({ alt }) => alt);
  let scroller = rows[0]?.parentElement ?? null;
  while (scroller && scroller.scrollHeight <= scroller.clientHeight) scroller = scroller.parentElement;
  const { scrollTop, scrollHeight, clientHeight } = scroller!;
  return { above: scrollTop, below: scrollHeight - clientHeight - scrollTop, shown };
}

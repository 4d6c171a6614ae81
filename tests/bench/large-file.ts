// A file of 200 MB from a real tab to a server of its own, each of the two killed three times on the way: what it takes of
// the memory of both. Invariant: what arrives is what was chosen, byte for byte, or there is no figure.

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Device } from '../e2e/device.ts';
import { composer, createRoom, message, PASSWORD, signIn, untilControlled } from '../e2e/person.ts';
import { memoryKib, ownMemoryKib } from '../process/process-memory.ts';
import type { RoostProcess } from '../process/roost-process.ts';
import type { Figure } from './figure.ts';

const MB = 1_000_000;
const BYTES = 200 * MB;
const KILLS_EACH = 3;
const LOOK_EVERY_MS = 20;
/** Far more than any part of it takes: what stands still is no figure. */
const GIVE_UP_MS = 10 * 60_000;
/** Half of the file, so that neither side can hold it: what is let go of is collected when the engine pleases. */
const FLAT_MB = 100;

/** @param name an administrator's, whose password is person.ts's @param scratch a folder for the file */
export async function measureLargeFile(roost: RoostProcess, name: string, scratch: string): Promise<Figure[]> {
  const file = path.join(scratch, 'Survey.bin');
  const hash = await writeFile(file);
  await using device = await Device.open('chromium', { keeps: true });
  await signIn(device.page, roost.url, name);
  const room = await createRoom(device.page, 'Charts');
  await untilControlled(device.page);
  // Browsers write cookies to their disk when they please, but surely when they are closed.
  await device.close();
  await device.start();
  await device.page.goto(room);
  await composer(device.page).waitFor();

  const tabKib = (): number => Math.max(...device.tabProcesses.map(ownMemoryKib), 0);
  const rest = { tab: tabKib(), server: memoryKib(roost.pid) };
  const peak = { ...rest };
  const watch = async (what: string, until: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + GIVE_UP_MS;
    while (!(await until())) {
      if (performance.now() > deadline) throw new Error(`never came: ${what}`);
      peak.tab = Math.max(peak.tab, tabKib());
      peak.server = Math.max(peak.server, memoryKib(roost.pid));
      await pause(LOOK_EVERY_MS);
    }
  };

  const startedAt = performance.now();
  await device.page.locator('[data-files=any]').setInputFiles(file);
  const remove = device.page.getByRole('button', { name: 'Remove Survey.bin' });
  await watch('the file in the composer', () => remove.isVisible());
  const chosenMs = performance.now() - startedAt;
  await composer(device.page).fill('The survey');
  await composer(device.page).press('Enter');
  await message(device.page, 'The survey').waitFor();
  for (let kill = 1; kill <= 2 * KILLS_EACH; kill += 1) {
    const limit = (BYTES * kill) / (2 * KILLS_EACH + 1);
    await watch(`${limit} bytes at the server`, async () => (await uploaded(roost)) >= limit);
    if (kill % 2 === 0) await roost.restart('SIGKILL');
    else {
      await device.kill();
      await device.start();
      await device.page.goto(room);
      await composer(device.page).waitFor();
    }
    await device.page.evaluate(() => dispatchEvent(new Event('online')));
  }
  const said = message(device.page, 'The survey');
  await watch('its arrival', async () => ((await said.textContent()) ?? '').includes('on the server'));
  const seconds = (performance.now() - startedAt) / 1_000;

  const arrived = await hashAtServer(roost, name, new URL(room).pathname.split('/').at(-1)!, hash);
  if (arrived !== hash) throw new Error(`what arrived is another file: ${arrived} instead of ${hash}`);
  const overMB = (side: 'tab' | 'server'): number => ((peak[side] - rest[side]) * 1_024) / MB;
  const what = `200 MB up over ${KILLS_EACH} kills of tab and of server`;
  const note = (side: 'tab' | 'server'): string => `at rest ${Math.round((rest[side] * 1_024) / MB)} MB`;
  return [
    { name: `${what}, tab's memory above rest`, value: overMB('tab'), unit: 'MB', budget: FLAT_MB, note: note('tab') },
    {
      ...{ name: `${what}, server's memory above rest`, value: overMB('server'), unit: 'MB', budget: FLAT_MB },
      note: note('server')
    },
    {
      ...{ name: `${what}, from choosing to arrival`, value: seconds * 1_000, unit: 'ms' },
      note: `kept on the device after ${Math.round(chosenMs)} ms; byte-identical`
    }
  ];
}

/** Bytes that the server has of what is on its way. */
async function uploaded(roost: RoostProcess): Promise<number> {
  const folder = path.join(roost.dataDir, 'uploads');
  const sizes = (await readdir(folder)).map((name) => stat(path.join(folder, name)).catch(() => ({ size: 0 })));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

/** @returns its hash */
async function writeFile(file: string): Promise<string> {
  await using handle = await open(file, 'w');
  for (let written = 0; written < BYTES; written += MB) await handle.write(randomBytes(MB));
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('base64url');
}

async function hashAtServer(roost: RoostProcess, name: string, room: string, file: string): Promise<string> {
  const headers = { 'content-type': 'application/json', origin: roost.url };
  const signedIn = await fetch(`${roost.url}/api/session`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ name, password: PASSWORD }) }
  });
  const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!;
  const answer = await fetch(`${roost.url}/api/rooms/${room}/blobs/${file}`, { headers: { cookie } });
  const hash = createHash('sha256');
  for await (const piece of answer.body!) hash.update(piece);
  return hash.digest('base64url');
}

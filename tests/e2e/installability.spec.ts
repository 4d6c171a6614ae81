// What a browser asks of a page before it offers to install it.

import { expect, test } from '@playwright/test';
import { RoostProcess } from '../process/roost-process.ts';
import { violations } from './accessibility.ts';
import { draftsOnDisk, isInPageOnDisk, rowsOnDisk } from './device-data.ts';
import { Device } from './device.ts';
import { composer, createRoom, setUp, untilControlled } from './person.ts';

interface Picture {
  readonly src: string;
  readonly sizes: string;
  readonly type: string;
  readonly purpose?: string;
  readonly form_factor?: string;
}

test.skip(
  ({ browserName }) => browserName !== 'chromium',
  'only Chromium tells what keeps a page from being installed'
);

test('[PWA-1] nothing keeps the app from being installed', async () => {
  await using roost = await RoostProcess.start();
  // Installability is judged for a profile that lasts, which a device has.
  await using device = await Device.open('chromium', { keeps: true });
  await setUp(device.page, roost.setupLink, 'Ann');
  await untilControlled(device.page);

  const protocol = await device.context.newCDPSession(device.page);
  await expect.poll(async () => (await protocol.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([]);
  const { appId } = await protocol.send('Page.getAppId');
  expect(appId).toBe(`${roost.url}/`);
  const { errors } = await protocol.send('Page.getAppManifest');
  expect(errors).toEqual([]);
});

test('[PWA-2] the manifest names the app and icons that are what it says they are', async ({ request }) => {
  await using roost = await RoostProcess.start();
  const response = await request.get(`${roost.url}/manifest.webmanifest`);
  expect(response.headers()['content-type']).toMatch(/^application\/manifest\+json/);
  const manifest = (await response.json()) as Record<string, unknown> & {
    readonly icons: readonly Picture[];
    readonly screenshots: readonly Picture[];
    readonly shortcuts: readonly { readonly url: string; readonly icons: readonly Picture[] }[];
  };
  expect(manifest).toMatchObject({ id: '/', name: 'Roost', start_url: '/', scope: '/', display: 'standalone' });

  for (const purpose of ['any', 'maskable'])
    expect(manifest.icons.some((icon) => icon.purpose === purpose && icon.sizes === '512x512')).toBe(true);
  expect(manifest.screenshots.map(({ form_factor }) => form_factor).sort()).toEqual(['narrow', 'wide']);
  expect(manifest.shortcuts.map(({ url }) => url)).toEqual(['/?to=unread', '/?to=last', '/new/message']);
  const ofShortcuts = manifest.shortcuts.flatMap(({ icons }) => icons);
  for (const { src, sizes, type } of [...manifest.icons, ...manifest.screenshots, ...ofShortcuts]) {
    const icon = await request.get(`${roost.url}${src}`);
    expect(icon.status(), src).toBe(200);
    expect(icon.headers()['content-type'], src).toContain(type);
    if (type === 'image/png') expect(pngSize(await icon.body()), src).toBe(sizes);
  }
});

test('[PWA-3] the worker controls the page from the first visit on, deep links included', async () => {
  await using roost = await RoostProcess.start();
  await using device = await Device.open('chromium', { keeps: true });
  await device.page.goto(`${roost.url}/room/AAAAAAAAAAAAAAAAAAAAAA`);
  await untilControlled(device.page);
  const scope = await device.page.evaluate(async () => (await navigator.serviceWorker.ready).scope);
  expect(scope).toBe(`${roost.url}/`);
});

test('[PWA-7] [PWA-8] what another app shares stands in the composer of the room one chooses, without a network', async () => {
  await using roost = await RoostProcess.start();
  await using device = await Device.open('chromium', { keeps: true });
  const { page } = device;
  await setUp(page, roost.setupLink, 'Ann');
  await createRoom(page, 'Harbour');
  const harbour = new URL(page.url()).pathname;
  await untilControlled(page);
  await expect(page.getByText('Connected · all sent')).toBeVisible();
  // A screen shows before the disk has it, and where one is.
  await expect.poll(() => isInPageOnDisk(page, 'Harbour')).toBe(true);
  const places = async () => (await rowsOnDisk<{ path?: unknown } | null>(page, 'meta')).map((row) => row?.path);
  await expect.poll(places).toContain(harbour);
  await device.context.setOffline(true);

  await page.goto(`${roost.url}/?to=last`);
  await expect(page).toHaveURL(`${roost.url}${harbour}`);

  await composer(page).fill('Look at this');
  await expect.poll(() => draftsOnDisk(page)).toEqual(['Look at this']);
  await page.evaluate(share, { text: 'Low water at six', file: 'Tides.txt' });
  await expect(page.getByRole('heading', { name: 'Share to a room' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Shared files' })).toContainText('Tides.txt');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('link', { name: 'Harbour', exact: true }).click();
  await expect(composer(page)).toHaveValue('Look at this\nLow water at six');
  const files = page.getByRole('list', { name: 'Files of this message' }).getByRole('listitem');
  await expect(files.getByRole('button', { name: 'Remove Tides.txt' })).toBeVisible();
  await expect(files).toHaveCount(1);
  await expect(page).toHaveURL(`${roost.url}${harbour}`);
  // It is let go a moment after the file is shown, once that is on disk; who leaves before is offered it again.
  await expect.poll(() => page.evaluate(() => caches.has('roost-shared'))).toBe(false);

  await page.goto(`${roost.url}/share`);
  await expect(page.getByText('Nothing to share.')).toBeVisible();
});

/** As the system posts it to the address that the manifest names. */
function share({ text, file }: { readonly text: string; readonly file: string }): void {
  const form = document.createElement('form');
  Object.assign(form, { action: '/share', method: 'post', enctype: 'multipart/form-data' });
  const words = Object.assign(document.createElement('textarea'), { name: 'text', value: text });
  const files = Object.assign(document.createElement('input'), { type: 'file', name: 'files' });
  const chosen = new DataTransfer();
  chosen.items.add(new File(['Slack water at six'], file, { type: 'text/plain' }));
  files.files = chosen.files;
  form.append(words, files);
  document.body.append(form);
  form.submit();
}

/** PNG (RFC 2083): width and height are the first fields of the first chunk. */
const pngSize = (bytes: Buffer): string => `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;

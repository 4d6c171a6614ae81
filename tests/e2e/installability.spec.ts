// What a browser asks of a page before it offers to install it.

import { expect, test } from '@playwright/test';
import { RoostProcess } from '../process/roost-process.ts';
import { Device } from './device.ts';
import { setUp, untilControlled } from './person.ts';

interface Icon {
  readonly src: string;
  readonly sizes: string;
  readonly type: string;
  readonly purpose: string;
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
  const manifest = (await response.json()) as Record<string, unknown> & { readonly icons: readonly Icon[] };
  expect(manifest).toMatchObject({ id: '/', name: 'Roost', start_url: '/', scope: '/', display: 'standalone' });

  for (const purpose of ['any', 'maskable'])
    expect(manifest.icons.some((icon) => icon.purpose === purpose && icon.sizes === '512x512')).toBe(true);
  for (const { src, sizes, type } of manifest.icons) {
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

/** PNG (RFC 2083): width and height are the first fields of the first chunk. */
const pngSize = (bytes: Buffer): string => `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;

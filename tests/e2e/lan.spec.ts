// Roost on a local network: over HTTPS with an authority of its own, and over plain http with what is left there.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { expect, test } from '@playwright/test';
import { RoostProcess, freePort } from '../process/roost-process.ts';
import { Device } from './device.ts';
import {
  createRoom,
  drawnTexts,
  expectArrived,
  expectWaiting,
  invitationLink,
  message,
  send,
  setUp,
  signUpByInvitation,
  untilControlled
} from './person.ts';

test.skip(({ browserName }) => browserName !== 'chromium', 'only Chromium can be told to trust one certificate');

test('[LAN-1] over HTTPS: set-up, invitation, second device, chat both ways, one offline', async () => {
  await using roost = await RoostProcess.start({ args: ['--lan'] });
  const origin = lanOrigin(roost);
  const trusting = { args: [`--ignore-certificate-errors-spki-list=${await leafKeyHash(origin)}`] };
  await using ann = await Device.open('chromium', trusting);
  await using bo = await Device.open('chromium', { ...trusting, worker: true });

  await setUp(ann.page, `${origin}/setup${new URL(roost.setupLink).hash}`, 'Ann');
  expect(await ann.page.evaluate(() => isSecureContext)).toBe(true);
  await createRoom(ann.page, 'Harbour crew');
  const link = await invitationLink(ann.page);
  expect(new URL(link).origin).toBe(origin);
  await signUpByInvitation(bo.page, link, 'Bo');

  await send(ann.page, 'Hello Bo');
  await expect(message(bo.page, 'Hello Bo')).toBeVisible();
  await send(bo.page, 'Hello Ann');
  await expect(message(ann.page, 'Hello Ann')).toBeVisible();

  await untilControlled(bo.page);
  await bo.context.setOffline(true);
  await send(bo.page, 'From the cellar');
  await expectWaiting(bo.page, 'From the cellar');
  await bo.page.reload();
  await expectWaiting(bo.page, 'From the cellar');
  await send(ann.page, 'Meanwhile upstairs');
  await expectArrived(ann.page, 'Meanwhile upstairs');
  await bo.context.setOffline(false);
  await expectArrived(bo.page, 'From the cellar');

  const agreed = ['Hello Bo', 'Hello Ann', 'Meanwhile upstairs', 'From the cellar'];
  await expect.poll(() => drawnTexts(ann.page)).toEqual(agreed);
  await expect.poll(() => drawnTexts(bo.page)).toEqual(agreed);
});

test('[LAN-2] the trust page explains each system and gives the certificate that vouches for the server', async () => {
  await using roost = await RoostProcess.start({ args: ['--lan'] });
  await using phone = await Device.open('chromium', { viewport: { width: 360, height: 780 } });
  const trustPage = /http:\/\/\S+\/trust/.exec(roost.output)![0];

  await phone.page.goto(trustPage);
  for (const system of ['iPhone and iPad', 'Android', 'Windows', 'macOS', 'Linux, and Firefox anywhere']) {
    await phone.page.getByText(system, { exact: true }).click();
    await expect(phone.page.locator('details[open] li').first()).toBeVisible();
  }
  await expect(phone.page.locator('body')).toContainText(/[0-9A-F]{2}(:[0-9A-F]{2}){31}/);
  expect(await phone.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);

  const downloading = phone.page.waitForEvent('download');
  await phone.page.getByRole('link', { name: 'Download the certificate' }).first().click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('roost-ca.crt');
  const authority = await readFile(await download.path());
  const printed = /Fingerprint: (\S+)/.exec(roost.output)![1];
  expect(createHash('sha256').update(authority).digest('hex').toUpperCase()).toBe(printed!.replaceAll(':', ''));
  expect(await statusTrusting(`${lanOrigin(roost)}/healthz`, authority)).toBe(200);
});

test('[LAN-3] over plain http the chat works without a secure context, and a banner says what is missing', async () => {
  const port = await freePort();
  const origin = `http://roost.test:${port}`;
  await using roost = await RoostProcess.start({ port, env: { ROOST_URL: origin } });
  const named = { args: ['--host-resolver-rules=MAP roost.test 127.0.0.1'] };
  await using ann = await Device.open('chromium', named);
  await using bo = await Device.open('chromium', named);

  await setUp(ann.page, `${origin}/setup${new URL(roost.setupLink).hash}`, 'Ann');
  expect(await ann.page.evaluate(() => [isSecureContext, 'serviceWorker' in navigator, 'locks' in navigator])).toEqual([
    false,
    false,
    false
  ]);
  const notice = ann.page.getByText('This page is not on HTTPS');
  await expect(notice).toContainText('installing, notifications and starting without the server do not work here');
  await createRoom(ann.page, 'Harbour crew');
  await signUpByInvitation(bo.page, await invitationLink(ann.page), 'Bo');

  await send(ann.page, 'Hello Bo');
  await expect(message(bo.page, 'Hello Bo')).toBeVisible();
  await bo.context.setOffline(true);
  await send(bo.page, 'From the cellar');
  await expectWaiting(bo.page, 'From the cellar');
  await bo.context.setOffline(false);
  await expectArrived(bo.page, 'From the cellar');
  await expect(message(ann.page, 'From the cellar')).toBeVisible();

  // What is kept on the device is there after a reload, worker or not.
  await bo.page.reload();
  await expect.poll(() => drawnTexts(bo.page)).toEqual(['Hello Bo', 'From the cellar']);

  await ann.page.getByRole('button', { name: 'Hide this notice' }).click();
  await expect(notice).toBeHidden();
});

/** Where devices of the network open it; a machine without a network has its own name alone. */
function lanOrigin(roost: RoostProcess): string {
  return /On your network: (https:\/\/\S+)/.exec(roost.output)?.[1] ?? `https://localhost:${roost.port}`;
}

/** SHA-256 of the public key of the server's certificate, as Chromium takes it. */
async function leafKeyHash(origin: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const key = socket.getPeerX509Certificate()!.publicKey.export({ type: 'spki', format: 'der' });
  socket.destroy();
  return createHash('sha256').update(key).digest('base64');
}

/** The status of an address for a client that trusts this authority and no other; rejects where that is not enough. */
async function statusTrusting(url: string, authority: Buffer): Promise<number> {
  const pem = `-----BEGIN CERTIFICATE-----\n${authority.toString('base64')}\n-----END CERTIFICATE-----`;
  return new Promise((resolve, reject) => {
    const request = get(url, { ca: pem, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
  });
}

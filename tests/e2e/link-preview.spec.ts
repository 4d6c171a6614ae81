// A link preview in a real browser: asked for while one writes, made small, carried in the message.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { violations } from './accessibility.ts';
import { Meeting } from './meeting.ts';
import { composer, expectArrived, message } from './person.ts';
import { photo } from './png.ts';

test('[PREVIEW-15] [PREVIEW-13] a link goes with a card and its picture made small, and the reader asks nobody', async ({
  browserName
}) => {
  const asked: string[] = [];
  const site = createServer(({ url }, response) => {
    asked.push(url!);
    if (url === '/p.png') return response.writeHead(200, { 'content-type': 'image/png' }).end(photo(1_200, 630, 'x'));
    const words = `<title>Tide tables</title><meta property="og:image" content="/p.png">`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(words);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  await using closing = new AsyncDisposableStack();
  closing.defer(() => void site.close());
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  await using meeting = await Meeting.open(browserName, { env: { ROOST_PREVIEW_SITES: origin } });
  const [ann, bo] = [meeting.ann.page, meeting.bo.page];
  const strip = bo.getByRole('group', { name: 'Preview of the linked page' });

  await composer(bo).fill(`**Low water** ${origin}/today`);
  await expect(strip).toContainText('Tide tables');
  await expect(strip.locator('img')).toHaveJSProperty('naturalWidth', 240);
  expect(await violations(bo)).toEqual([]);
  await composer(bo).press('Enter');
  await expect(strip).toBeHidden();
  await expectArrived(bo, 'Low water');
  const card = message(ann, 'Low water').getByRole('link', { name: /Preview of the linked page.*Tide tables/ });
  await expect(card).toHaveAttribute('href', `${origin}/today`);
  await expect(card).toHaveAttribute('rel', 'noopener noreferrer');
  await expect(card.locator('img')).toHaveJSProperty('naturalWidth', 240);
  expect(await violations(ann)).toEqual([]);
  // Whose site it is stands at the end of a host: what does not fit is cut before that.
  const edges = await card.locator('.host').evaluate((host) => {
    const name = host.querySelector('bdi')!;
    name.textContent = `accounts.google.com.${'a'.repeat(60)}.${'b'.repeat(60)}.evil.example`;
    const [cut, whole] = [host.getBoundingClientRect(), name.getBoundingClientRect()];
    return { beginning: whole.left - cut.left, end: whole.right - cut.right };
  });
  expect(edges.beginning).toBeLessThan(-10);
  expect(Math.abs(edges.end)).toBeLessThan(2);

  // Left away, the words go alone.
  await composer(bo).fill(`**High water** ${origin}/night`);
  await strip.getByRole('button', { name: 'Send without the preview' }).click();
  await expect(strip).toBeHidden();
  await expect(composer(bo)).toBeFocused();
  await composer(bo).press('Enter');
  await expectArrived(bo, 'High water');
  await expect(message(ann, 'High water')).toBeVisible();
  await expect(message(ann, 'High water').getByRole('link', { name: /Preview/ })).toHaveCount(0);
  expect(asked.filter((path) => path !== '/p.png')).toEqual(['/today', '/night']);
});

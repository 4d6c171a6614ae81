// Files that are meant to do harm: chosen by a person, and sent past the app by somebody who writes their own. Nothing of
// them runs, nothing crashes, and whoever chose one reads what is the matter with it.

import { deflateSync } from 'node:zlib';
import { expect, test, type Page } from '@playwright/test';
import type { Attachment } from '#protocol/attachment.ts';
import { newEntryId } from '#protocol/ids.ts';
import type { MessageEntry } from '#protocol/message-entries.ts';
import { PICTURES } from '#protocol/media/testing/pictures.ts';
import { makeAccount } from '../process/account.ts';
import { Bot } from '../process/bot.ts';
import { readHistory, type HistoryLine } from '../process/room-history.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { attachmentOf, FileClient, hashOf } from '../sync/file-client.ts';
import { watchForAttacks } from './attack-watch.ts';
import { Device } from './device.ts';
import { pngOf } from './png.ts';
import { composer, expectArrived, message, signIn } from './person.ts';

/** Marks the document that it runs in, wherever that is. */
const SCRIPT = 'document.documentElement.setAttribute("data-pwned", ""); top.pwned()';
const text = (content: string): Buffer<ArrayBuffer> => Buffer.from(content);
const polyglot = Buffer.concat([PICTURES.gif, text(`/*<script>${SCRIPT}</script>*/`)]);
const SIDE = 9_999;
/** A few kilobytes that are 100 million pixels. */
const bomb = pngOf({ width: SIDE, height: SIDE, depth: 1, colour: 0 }, [
  ['IDAT', deflateSync(Buffer.alloc(SIDE * (1 + Math.ceil(SIDE / 8))), { level: 9 })]
]);

const FILES: readonly (readonly [name: string, bytes: Buffer<ArrayBuffer>])[] = [
  ['Tides.html', text(`<!doctype html><title>Tides</title><script>${SCRIPT}</script>`)],
  ['Photo.png', text(`<!doctype html><html><body onload='${SCRIPT}'></body></html>`)],
  ['"><img src=x onerror=pwned()>.svg', text(`<svg xmlns="http://www.w3.org/2000/svg" onload='${SCRIPT}'/>`)],
  ['Logo.svg', text(`<svg xmlns="http://www.w3.org/2000/svg"><script>${SCRIPT}</script></svg>`)],
  ['Feed.xml', text(`<x xmlns="urn:x"><s:script xmlns:s="http://www.w3.org/1999/xhtml">${SCRIPT}</s:script></x>`)],
  ['Report.pdf', text(`%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(${SCRIPT})>>>>endobj`)],
  ['Song.mp3', text(`ID3\x04\0\0<script>${SCRIPT}</script>`)],
  ['Film.webm', text(`\x1a\x45\xdf\xa3\x42\x82\x84webm<script>${SCRIPT}</script>`)],
  ['invoice.pdf.exe', text(`MZ\0<script>${SCRIPT}</script>`)]
];

const pwned = (page: Page) => page.evaluate(() => document.documentElement.hasAttribute('data-pwned'));

test('[FILE-11] [FILE-33] hostile files run nothing and crash nothing, opened by their address too, and who chooses one is told why not', async () => {
  await using roost = await RoostProcess.start();
  const { token, user, room } = await makeAccount(roost);
  const client = new FileClient(roost.url, { token });
  using bot = new Bot({ url: () => roost.url.replace('http', 'ws'), token, user, room });
  await bot.until(() => bot.synced);
  const bombs = Array.from({ length: 4 }, (_, at) =>
    pngOf({ width: SIDE - at, height: SIDE, depth: 1, colour: 0 }, [
      ['IDAT', deflateSync(Buffer.alloc(SIDE * (1 + Math.ceil((SIDE - at) / 8))), { level: 9 })]
    ])
  );
  for (const bytes of [...FILES.map(([, one]) => one), ...bombs]) expect((await client.upload(bytes)).status).toBe(204);
  const say = (body: string, attachments: readonly object[]) =>
    bot.append({ id: newEntryId(Date.now()), type: 'message', author: user, sentAt: Date.now(), body, attachments });
  say(
    'Look at these',
    FILES.map(([name, bytes]) => attachmentOf(bytes, { name }))
  );
  say(
    'And at these',
    bombs.map((bytes, at) => attachmentOf(bytes, { width: SIDE - at, height: SIDE }))
  );
  await bot.until(() => bot.pending.size === 0);

  await using device = await Device.open('chromium');
  const { page } = device;
  const attacksSeen = await watchForAttacks(page);
  let crashed = false;
  page.on('crash', () => (crashed = true));
  await signIn(page, roost.url, 'ann');
  await page.goto(`${roost.url}/room/${room}`);

  // As they came: what could run is something to save, under the name it was given, as text.
  const rows = message(page, 'Look at these');
  const downloads = rows.getByRole('link', { name: /^Download / });
  await expect(downloads).toHaveCount(FILES.length);
  await expect(rows.getByText('"><img src=x onerror=pwned()>', { exact: false }).first()).toBeVisible();
  // A press before there is a line asks for it, and saves nothing.
  await expect(page.getByText('Connected · all sent')).toBeVisible();
  const saved = page.waitForEvent('download');
  await rows.getByRole('link', { name: /^Download Tides.html/ }).click();
  expect((await saved).suggestedFilename()).toBe('Tides.html');
  const large = message(page, 'And at these').getByRole('img');
  await expect(large).toHaveCount(bombs.length);
  await expect
    .poll(() => large.evaluateAll((all) => all.every((img) => (img as HTMLImageElement).complete)))
    .toBe(true);

  // As somebody opens them who knows where they are; the marker would tell.
  const other = await device.context.newPage();
  await other.setContent(FILES[0]![1].toString());
  expect(await pwned(other)).toBe(true);
  for (const [name, bytes] of FILES) {
    await other.goto(`${roost.url}/room/${room}`);
    // Where it is only saved, there is no page to go to.
    await other.goto(`${roost.url}/api/rooms/${room}/blobs/${hashOf(bytes)}`).catch(() => null);
    expect(await pwned(other), name).toBe(false);
  }
  await other.close();

  // As a person chooses them.
  const choose = (name: string, buffer: Buffer) =>
    page.locator('[data-files=any]').setInputFiles({ name, mimeType: 'image/png', buffer });
  for (const [name, bytes, words] of [
    ['Empty.png', Buffer.alloc(0), '“Empty.png” is empty.'],
    ['Half.webp', Buffer.from(PICTURES.webp.slice(0, 40)), '“Half.webp” is damaged and cannot be sent as a picture.'],
    [
      'Huge.png',
      Buffer.from(PICTURES.png).fill(0x7f, 16, 24),
      '“Huge.png” has more than 100 megapixels. Make it smaller, then add it again.'
    ]
  ] as const) {
    await choose(name, bytes);
    await expect(page.getByText(words, { exact: false }).first()).toBeVisible();
  }
  // What else is in a picture is not in what is made of it.
  await choose('../../etc/passwd.gif', polyglot);
  await choose('Bomb.png', bomb);
  await expect(page.getByRole('button', { name: /^Remove/ })).toHaveCount(2);
  await composer(page).fill('Two that are harmless');
  await composer(page).press('Enter');
  await expectArrived(page, 'Two that are harmless');
  const [{ entry }] = (await readHistory(roost.url, { user, token, room })).slice(-1) as [HistoryLine];
  const { attachments } = entry as unknown as MessageEntry & { attachments: readonly Attachment[] };
  expect(attachments.map(({ name }) => name)).not.toContainEqual(expect.stringMatching(/[/\\]/));
  for (const { hash } of attachments)
    expect((await client.get(room, hash)).bytes.toString('latin1')).not.toContain('<script>');

  expect(crashed).toBe(false);
  expect(await attacksSeen()).toEqual([]);
});

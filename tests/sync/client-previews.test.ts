// Link previews by the whole client: asked for by who writes, carried in the message, dropped with the link.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isKnown } from '#protocol/entry.ts';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { allArrived, messages, until } from './client-fixture.ts';
import { shareRoom, startServer, takeSeat, takeSeats } from './seats.ts';

async function setup() {
  const asked: string[] = [];
  const site = createServer(({ url }, response) => {
    asked.push(url!);
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>Page ${url}</title>`);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  onTestFinished(() => void site.close());
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const server = await startServer({ ROOST_PREVIEW_SITES: origin });
  const { id, seats } = await shareRoom(await takeSeats(server, 'ann', 'bo'));
  const [ann, bo] = seats;
  return { server, id, ann, bo, anns: ann.room, bos: bo.room, asked, link: `${origin}/tide` };
}

const newest = (room: RoomModel): MessageItem | undefined => messages(room).at(-1);

/** As the composer does while somebody writes. */
async function write(room: RoomModel, words: string): Promise<void> {
  room.setDraft(words);
  room.preview.look(words);
  await until(() => room.preview.card !== null);
}

test('[PREVIEW-15] goes with the message, is there offline, and no reader asks the page', async () => {
  const { asked, link, anns, bo, bos, id } = await setup();
  await write(anns, `See ${link}`);
  await anns.send(`See ${link}`);
  expect(anns.preview.card).toBeNull();
  const card = { url: link, title: 'Page /tide' };
  await until(() => newest(bos)?.preview?.title === card.title && allArrived(anns));
  expect([newest(anns)!.preview, newest(bos)!.preview]).toEqual([card, card]);
  await until(() => newest(bos)!.proof === 'signed');

  bo.device.unplug();
  const { app } = await bo.device.tab();
  const again = app.openRoom(id);
  await until(() => newest(again)?.preview?.title === card.title);
  expect(asked).toEqual(['/tide']);
});

test('[PREVIEW-12] what is not there at the time is never there, offline and in step', async () => {
  const { asked, link, ann, anns, bos } = await setup();
  anns.preview.look(link);
  await anns.send(link);
  ann.device.unplug();
  await until(() => ann.tab.app.connection.status !== 'connected');
  anns.preview.look(`${link}/offline`);
  await anns.send(`${link}/offline`);
  ann.device.plugIn();
  await until(() => messages(bos).length === 2 && allArrived(anns) && allArrived(bos));
  expect([...messages(anns), ...messages(bos)].map(({ preview }) => preview)).toEqual([null, null, null, null]);
  expect(asked).toEqual([]);
});

test('[PREVIEW-12] what stands in a thread that is shown twice keeps its preview when one of the two closes', async () => {
  const { link, anns } = await setup();
  await anns.send('Where does it say so?');
  await until(() => allArrived(anns));
  const root = newest(anns)!.id;
  const shown = anns.threads.open(root);
  await until(() => shown.status === 'ready');
  await write(shown.room, link);
  anns.threads.open(root).close();
  expect(shown.room.preview.card).toMatchObject({ title: 'Page /tide' });
  shown.close();
  expect(shown.room.preview.card).toBeNull();
});

test('[PREVIEW-16] it goes where the words go: an edit drops it, forwarding, threads and later messages carry it, taking away takes it', async () => {
  const { link, server, id, ann, bo, anns, bos } = await setup();
  await write(anns, link);
  await anns.send(link);
  await until(() => newest(bos)?.preview?.title === 'Page /tide');

  const other = await bo.tab.app.createRoom('Another', 'private');
  expect(await bo.tab.app.forward({ item: newest(bos)!, from: id, to: [other], comment: '' })).toMatchObject({
    ok: true
  });
  const forwarded = bo.tab.app.openRoom(other);
  await until(() => newest(forwarded)?.preview?.title === 'Page /tide' && allArrived(forwarded));
  expect(newest(forwarded)!.forwarded).toMatchObject({ author: { id: ann.account.id } });

  const thread = anns.threads.open(newest(anns)!.id);
  await until(() => thread.status === 'ready');
  await write(thread.room, `${link}/reply`);
  expect(anns.preview.card).toBeNull();
  await thread.room.send(`${link}/reply`);
  const bosThread = bos.threads.open(newest(bos)!.id);
  await until(() => newest(bosThread.room)?.preview?.title === 'Page /tide/reply');

  await write(anns, `${link}/later`);
  expect(await anns.schedule.add(`${link}/later`, null, Date.now() + 86_400_000)).toMatchObject({ ok: true });
  expect(anns.preview.card).toBeNull();
  await until(() => anns.schedule.items[0]?.state === 'server');
  const [later] = await server.core.scheduled.of(ann.account.id);
  const { entry } = later!;
  expect(isKnown(entry) && entry.type === 'message' && entry.preview?.title).toBe('Page /tide/later');

  const item = newest(anns)!;
  await anns.acts.edit(item, `now ${link}`);
  await until(() => newest(bos)?.body === `now ${link}`);
  expect(newest(bos)!.preview?.title).toBe('Page /tide');
  await anns.acts.edit(item, 'no link');
  await until(() => newest(bos)?.body === 'no link' && newest(anns)?.body === 'no link');
  expect([newest(anns)!.preview, newest(bos)!.preview]).toEqual([null, null]);

  await anns.acts.edit(item, link);
  await until(() => newest(bos)?.preview !== null);
  anns.acts.redact(newest(anns)!);
  await until(() => newest(bos)?.redacted !== null && newest(anns)?.redacted !== null);
  expect([newest(anns)!.preview, newest(bos)!.preview]).toEqual([null, null]);
});

test('[PREVIEW-20] whether links are previewed is on all devices of the person', async () => {
  const { asked, link, server, ann, anns } = await setup();
  const { app } = (await takeSeat(server, ann.account)).tab;
  expect(app.preferences.linkPreviews).toBe(true);
  app.preferences.setLinkPreviews(false);
  await until(() => !ann.tab.app.preferences.linkPreviews);
  anns.preview.look(link);
  await anns.send(link);
  await until(() => allArrived(anns) && messages(anns).length === 1);
  ann.tab.app.preferences.setLinkPreviews(true);
  await until(() => app.preferences.linkPreviews);
  await write(anns, `${link}/on`);
  expect(asked).toEqual(['/tide/on']);
});

import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import type { ArrivedEntry, SealedPage } from '#protocol/api/sealed-page.ts';
import { eventually } from '../../../tests/eventually.ts';
import { ApiClient } from '../session/api-client.ts';
import { UserDb } from '../storage/user-db.ts';
import { SealedPages } from './sealed-pages.ts';

const REF = { room: 'r'.repeat(22), page: 3 };
const AUTHOR = `u${'a'.repeat(22)}`;
let databases = 0;

const arrivedEntry = (body: string): ArrivedEntry => ({
  entry: { id: 'entry-001', type: 'message', author: AUTHOR, sentAt: 1, body },
  at: 2,
  n: 1
});
const page = (revision: number, body: string): SealedPage => ({
  ...REF,
  revision,
  entries: [arrivedEntry(body)],
  erased: [],
  late: []
});

/** A server with one sealed page, and a device that has nothing of it. */
function setup() {
  const server = {
    body: page(1, 'as it was'),
    status: 200,
    reachable: true,
    /** If-None-Match of each request. */
    asked: [] as (string | null)[],
    answering: Promise.resolve()
  };
  const fetch = async (_path: string, init: RequestInit = {}): Promise<Response> => {
    if (!server.reachable) throw new TypeError('fetch failed');
    const known = new Headers(init.headers).get('if-none-match');
    server.asked.push(known);
    const { body, status } = server;
    await server.answering;
    if (status !== 200) return Response.json({ code: 'not-found' }, { status });
    const etag = `"${body.revision}"`;
    if (known === etag) return new Response(null, { status: 304 });
    return Response.json(body, { headers: { etag } });
  };
  const clock = { nowMs: 1_000, provenMs: 1_000 };
  const noted: number[] = [];
  const gone: string[] = [];
  databases += 1;
  const db = new UserDb(`sealed${databases}`, () => undefined);
  onTestFinished(() => db.close());
  const open = () =>
    new SealedPages(db, new ApiClient({ fetch }), {
      time: { now: () => clock.nowMs, proven: () => clock.provenMs },
      fleeting: (_, until) => void noted.push(until),
      erased: (_, entries) => void gone.push(...entries)
    });
  return { server, pages: open(), open, db, clock, noted, gone };
}

test('[CLIENT-5] a page is fetched once, by two that want it at a time, and is there without a line after', async () => {
  const { server, pages, open } = setup();
  const expected = { kind: 'page', body: page(1, 'as it was') };
  expect(await Promise.all([pages.load(REF), pages.load(REF)])).toEqual([expected, expected]);
  server.reachable = false;
  expect(await open().load(REF)).toEqual(expected);
  expect(server.asked).toEqual([null]);
});

test('a page with a newer revision is asked for again, so that what was erased does not live on here', async () => {
  const { server, pages } = setup();
  await pages.load(REF);
  server.body = page(2, 'erased');
  await pages.markChanged(REF, 2);
  expect(await pages.load(REF)).toEqual({ kind: 'page', body: page(2, 'erased') });
  await pages.markChanged(REF, 2);
  await pages.load(REF);
  expect(server.asked).toEqual([null, '"1"']);
});

test('a newer revision that is told of while an older one is on its way is asked for at the next look', async () => {
  const { server, pages } = setup();
  const line = Promise.withResolvers<void>();
  server.answering = line.promise;
  const loading = pages.load(REF);
  await eventually(() => expect(server.asked).toHaveLength(1));
  await pages.markChanged(REF, 2);
  server.body = page(2, 'erased');
  line.resolve();
  await loading;
  expect(await pages.load(REF)).toEqual({ kind: 'page', body: page(2, 'erased') });
});

test('without a line a page that may be older is shown; one that is closed to this person is not', async () => {
  const { server, pages } = setup();
  server.reachable = false;
  expect(await pages.load(REF)).toEqual({ kind: 'offline' });
  server.reachable = true;
  await pages.load(REF);
  await pages.markChanged(REF, 2);
  server.reachable = false;
  expect(await pages.load(REF)).toEqual({ kind: 'page', body: page(1, 'as it was') });
  server.reachable = true;
  server.status = 404;
  expect(await pages.load(REF)).toEqual({ kind: 'absent' });
});

test('a page that is as it was is trusted again', async () => {
  const { server, pages } = setup();
  await pages.load(REF);
  await pages.markChanged(REF, 2);
  expect(await pages.load(REF)).toEqual({ kind: 'page', body: page(1, 'as it was') });
  await pages.load(REF);
  expect(server.asked).toEqual([null, '"1"']);
});

test('[ERASE-21] a page that has changed is fetched anew with the next line, over a restart, though nobody looks', async () => {
  const { server, pages, open, db } = setup();
  await pages.load(REF);
  server.reachable = false;
  server.body = page(2, 'erased');
  await pages.markChanged(REF, 2);
  await pages.refresh();
  const later = open();
  await later.start();
  server.reachable = true;
  await later.refresh();
  expect((await db.sealedPage(REF.room, REF.page))!.body).toEqual(page(2, 'erased'));
  await later.refresh();
  expect(server.asked).toEqual([null, '"1"']);
});

test('[ERASE-21] a changed page that is closed to this person by now leaves the device', async () => {
  const { server, pages, db } = setup();
  await pages.load(REF);
  server.status = 404;
  await pages.markChanged(REF, 2);
  await pages.refresh();
  expect(await db.sealedPage(REF.room, REF.page)).toBe(undefined);
});

test('[GONE-14] [FILES-4] what has disappeared is taken off a kept page, without a line too, and its place stays', async () => {
  const { server, pages, open, db, clock, noted, gone: erased } = setup();
  const [gone, stays] = [arrivedEntry('canary'), { ...arrivedEntry('stays'), n: 2 }];
  const [entry, until] = [{ ...gone.entry, id: 'entry-000' }, 5_000];
  server.body = { ...page(1, ''), entries: [{ ...gone, entry, until }, stays], late: [{ ...gone, until }] };
  await pages.load(REF);
  expect(noted).toEqual([until]);
  server.reachable = false;
  clock.nowMs = until - 1;
  expect(await open().load(REF)).toEqual({ kind: 'page', body: server.body });
  clock.nowMs = until;
  const body = { ...page(1, ''), entries: [stays], erased: [{ id: 'entry-000', at: 2, n: 1, until }], late: [] };
  expect(await open().load(REF)).toEqual({ kind: 'page', body });
  // By a clock that may be wrong: it is out of sight, and not lost.
  expect(await pages.expire(REF)).toBe(until);
  expect((await db.sealedPage(REF.room, REF.page))!.body).toEqual(server.body);
  expect(erased).toEqual([]);
  clock.provenMs = until;
  expect(await pages.expire(REF)).toBe(Infinity);
  expect(erased).toEqual(['entry-000']);
  expect((await db.sealedPage(REF.room, REF.page))!.body).toEqual(body);
  expect(await open().load(REF)).toEqual({ kind: 'page', body });
});

test('[ERASE-21] what could not be had on a line that went is asked for on the next, also while the one before still ends', async () => {
  const { server, pages } = setup();
  await pages.load(REF);
  server.body = page(2, 'erased');
  await pages.markChanged(REF, 2);
  const hanging = Promise.withResolvers<void>();
  server.answering = hanging.promise;
  const asked = server.asked.length;
  const before = pages.refresh();
  await eventually(() => expect(server.asked).toHaveLength(asked + 1));
  const next = pages.refresh();
  server.answering = Promise.resolve();
  hanging.reject(new TypeError('fetch failed'));
  await Promise.all([before, next]);
  expect(await pages.cached(REF)).toMatchObject({ revision: 2 });
});

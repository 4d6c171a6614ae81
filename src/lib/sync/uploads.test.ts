import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { eventually } from '../../../tests/eventually.ts';
import { BlobDb, blobDbName } from '../storage/blob-db.ts';
import { blobHash, sha256With } from '../storage/blob-hash.ts';
import { UserDb } from '../storage/user-db.ts';
import { Outbox } from './outbox.ts';
import { FakeTus } from './testing/fake-tus.ts';
import { Tus } from './tus.ts';
import { Uploads, type UploadNews } from './uploads.ts';

const ROOM = 'r'.repeat(22);
const UNSIGNED = { isCurrent: () => true, sign: (_room: string, entry: Entry) => Promise.resolve(entry) };
let devices = 0;

/** A device: what another one with its name finds is what the first left on disk. */
async function setup({ server = new FakeTus(), name = `uploads-${(devices += 1)}`, leads = true } = {}) {
  const userDb = new UserDb(name, () => undefined);
  const db = new BlobDb(blobDbName(name), () => Date.now());
  const outbox = new Outbox(userDb, 'tab', UNSIGNED, () => undefined, Date.now);
  await outbox.load();
  const told: UploadNews[] = [];
  let readies = 0;
  const state = { leads };
  const later = new Map<string, Entry>();
  const failedLater: string[] = [];
  const uploads = new Uploads({
    ...{ db, outbox, tus: new Tus(server.fetch, sha256With(crypto.subtle)) },
    scheduled: {
      waiting: () =>
        [...later.values()].map((entry) => ({
          ...{ room: ROOM, id: entry.id, entry },
          ...{ state: 'device' as const, code: null, told: false }
        })),
      fail: async (_room, id, code) => {
        later.delete(id);
        failedLater.push(`${id} ${code}`);
      }
    },
    now: () => Date.now(),
    random: () => 0.001,
    leads: () => state.leads,
    announce: (news) => told.push(news),
    ready: () => (readies += 1)
  });
  await uploads.load();
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await uploads.close();
    userDb.close();
    db.close();
  };
  onTestFinished(close);
  return { name, server, db, outbox, uploads, told, state, later, failedLater, close, readies: () => readies };
}
type Device = Awaited<ReturnType<typeof setup>>;

async function message(device: Device, number: number, bytes: Blob, sentAt = number): Promise<Entry> {
  const entry = await entryWith(device, number, bytes, sentAt);
  await device.outbox.add(ROOM, entry, 0);
  return entry;
}

async function entryWith(device: Device, number: number, bytes: Blob, sentAt: number): Promise<Entry> {
  const hash = await blobHash(bytes, null);
  const entry: Entry = {
    id: `message-${number}`,
    type: 'message',
    author: `u${'a'.repeat(22)}`,
    sentAt,
    body: '',
    attachments: [{ hash, name: 'a.bin', type: 'application/octet-stream', size: bytes.size }]
  };
  await device.db.put([{ hash, bytes }], [{ room: ROOM, entry: entry.id, hash }]);
  return entry;
}

const random = (length: number): Blob =>
  new Blob([Uint8Array.from({ length }, (_, at) => (at * 2_654_435_761) >>> 24)]);
const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

test('[UPLOAD-4] a file goes up piece by piece, and its message is ready when all of it is there', async () => {
  const device = await setup();
  const film = random(1_500_000);
  const entry = await message(device, 1, film);
  expect(device.uploads.ready(entry)).toBe(false);
  expect(device.uploads.progress({ id: entry.id, entry })).toEqual({ sent: 0, total: 1_500_000, state: 'waiting' });
  expect(device.server.requests).toEqual([]);
  device.uploads.lineUp();
  await eventually(() => expect(device.readies()).toBe(1));
  expect(device.uploads.ready(entry)).toBe(true);
  expect([...device.server.files.values()]).toEqual([await bytesOf(film)]);
  expect(device.server.requests.filter((method) => method === 'PATCH').length).toBeGreaterThan(1);
  expect(device.uploads.progress({ id: entry.id, entry })).toBeNull();
});

test('[UPLOAD-4] after a restart it goes on where the server has come to', async () => {
  const device = await setup();
  const film = random(900_000);
  // The line breaks after the first piece.
  device.server.problem = (method, offset) => {
    if (method === 'PATCH' && offset > 0) device.server.online = false;
    return null;
  };
  const entry = await message(device, 1, film);
  device.uploads.lineUp();
  await eventually(() => expect(device.server.online).toBe(false));
  await device.close();
  device.server.problem = () => null;
  device.server.online = true;
  const before = [...device.server.uploads.values()][0]!.bytes.length;
  expect(before).toBeGreaterThan(0);
  const offsets: number[] = [];
  device.server.problem = (method, offset) => {
    if (method === 'PATCH') offsets.push(offset);
    return null;
  };
  const again = await setup({ server: device.server, name: device.name });
  again.uploads.lineUp();
  await eventually(() => expect(again.uploads.ready(entry)).toBe(true));
  expect(Math.min(...offsets)).toBeGreaterThanOrEqual(before);
  expect([...device.server.files.values()]).toEqual([await bytesOf(film)]);
});

test('[UPLOAD-4] a piece that was damaged goes again, and an upload that the server dropped begins anew', async () => {
  const device = await setup();
  let damaged = 0;
  device.server.problem = (method) => {
    if (method === 'PATCH' && damaged < 2) {
      damaged += 1;
      return damaged === 1 ? 'upload-checksum' : 'not-found';
    }
    return null;
  };
  const entry = await message(device, 1, random(300_000));
  device.uploads.lineUp();
  await eventually(() => expect(device.uploads.ready(entry)).toBe(true));
  expect(damaged).toBe(2);
});

test('[UPLOAD-5] a file that two messages name goes up once', async () => {
  const device = await setup();
  const film = random(200_000);
  const entries = [await message(device, 1, film), await message(device, 2, film)];
  device.uploads.lineUp();
  await eventually(() => expect(entries.every((entry) => device.uploads.ready(entry))).toBe(true));
  expect(device.server.requests.filter((method) => method === 'POST')).toHaveLength(1);
});

test('[UPLOAD-5] only the tab that leads uploads; the others learn how far it is', async () => {
  const leading = await setup();
  const other = await setup({ server: leading.server, name: leading.name, leads: false });
  const entry = await message(leading, 1, random(600_000));
  await other.outbox.reload(ROOM);
  other.uploads.lineUp();
  expect(leading.server.requests).toEqual([]);
  leading.uploads.lineUp();
  await eventually(() => expect(leading.uploads.ready(entry)).toBe(true));
  const sent = leading.told.find((news) => news.type === 'upload-sent' && news.sent > 0)!;
  other.uploads.heard(sent);
  expect(other.uploads.progress({ id: entry.id, entry })?.sent).toBeGreaterThan(0);
  other.uploads.heard({ type: 'upload-done' });
  await eventually(() => expect(other.readies()).toBe(1));
  expect(other.uploads.ready(entry)).toBe(true);
});

test('[UPLOAD-6] what the server refuses for good fails its message with the reason, and a retry uploads anew', async () => {
  const device = await setup();
  device.server.problem = (method) => (method === 'POST' ? 'quota' : null);
  const entry = await message(device, 1, random(10));
  device.uploads.lineUp();
  await eventually(() =>
    expect(device.outbox.of(ROOM)).toMatchObject([{ state: 'failed', code: 'upload-quota', entry: { id: entry.id } }])
  );
  device.server.problem = () => null;
  await device.outbox.retry(ROOM, entry.id, entry, 0);
  await eventually(() => expect(device.uploads.ready(entry)).toBe(true));
});

test('[UPLOAD-6] a message whose file is not on the device any more says so', async () => {
  const device = await setup();
  const entry = await message(device, 1, random(10));
  await device.db.erase(ROOM, [entry.id]);
  device.uploads.lineUp();
  await eventually(() => expect(device.outbox.of(ROOM)).toMatchObject([{ state: 'failed', code: 'upload-lost' }]));
});

test('[UPLOAD-6] a disk that cannot be read now is asked again; nothing fails for it', async () => {
  const device = await setup();
  const get = device.db.get.bind(device.db);
  let reads = 0;
  device.db.get = (...wanted) => {
    reads += 1;
    return reads === 1 ? Promise.reject(new DOMException('ended', 'AbortError')) : get(...wanted);
  };
  const entry = await message(device, 1, random(1_000));
  device.uploads.lineUp();
  await eventually(() => expect(device.uploads.ready(entry)).toBe(true));
  expect(device.outbox.of(ROOM)).toMatchObject([{ state: 'kept', code: null }]);
});

test('[UPLOAD-6] a server that cannot now is asked again; nothing fails for it', async () => {
  const device = await setup();
  let refused = 0;
  device.server.problem = () => ((refused += 1) < 4 ? 'storage' : null);
  const entry = await message(device, 1, random(10));
  device.uploads.lineUp();
  await eventually(() => expect(device.uploads.ready(entry)).toBe(true));
  expect(device.outbox.of(ROOM)).toMatchObject([{ state: 'kept' }]);
});

test('[UPLOAD-7] paused it stays where it is and lets others go first; a message that is taken back ends its upload', async () => {
  const device = await setup();
  const entry = await message(device, 1, random(400_000));
  device.uploads.setPaused(entry.id, true);
  const other = await message(device, 2, random(10));
  device.uploads.lineUp();
  await eventually(() => expect(device.uploads.ready(other)).toBe(true));
  expect(device.uploads.progress({ id: entry.id, entry })?.state).toBe('paused');
  expect(device.server.uploads.size).toBe(0);
  // Stopped half way.
  device.server.problem = (method, offset) => {
    if (method === 'PATCH' && offset > 0) device.uploads.setPaused(entry.id, true);
    return method === 'PATCH' && offset > 0 ? 'storage' : null;
  };
  device.uploads.setPaused(entry.id, false);
  await eventually(() => expect(device.server.uploads.size).toBe(1));
  await eventually(() => expect(device.uploads.progress({ id: entry.id, entry })?.state).toBe('paused'));
  await device.outbox.remove(ROOM, [entry.id]);
  await eventually(() => expect(device.server.uploads.size).toBe(0));
  expect(device.server.files.size).toBe(1);
});

test('[UPLOAD-8] what the server lacks after all goes up again', async () => {
  const device = await setup();
  const entry = await message(device, 1, random(10));
  device.uploads.lineUp();
  await eventually(() => expect(device.uploads.ready(entry)).toBe(true));
  device.server.files.clear();
  device.uploads.missing(entry);
  expect(device.uploads.ready(entry)).toBe(false);
  await eventually(() => expect(device.uploads.ready(entry)).toBe(true));
  expect(device.server.files.size).toBe(1);
});

test('[UPLOAD-9] what waits for its turn does not say that it waits for the network', async () => {
  const device = await setup();
  const entries = await Promise.all([1, 2, 3].map((at) => message(device, at, random(400_000 + at))));
  const states = () => entries.map((entry) => device.uploads.progress({ id: entry.id, entry })?.state);
  expect(states()).toEqual(['waiting', 'waiting', 'waiting']);
  const { promise, resolve } = Promise.withResolvers<void>();
  device.server.gate = promise;
  onTestFinished(() => resolve());
  device.uploads.lineUp();
  await eventually(() => expect(states()).toEqual(['sending', 'sending', 'queued']));
  device.uploads.lineDown();
  expect(states()).toEqual(['waiting', 'waiting', 'waiting']);
});

test('[UPLOAD-7] an upload that is cancelled stops at once, and goes on when that is called back', async () => {
  const device = await setup();
  const { promise, resolve } = Promise.withResolvers<void>();
  device.server.gate = promise;
  onTestFinished(() => resolve());
  const entry = await message(device, 1, random(900_000));
  const state = () => device.uploads.progress({ id: entry.id, entry })?.state;
  device.uploads.lineUp();
  await eventually(() => expect(state()).toBe('sending'));
  const removal: Entry = {
    id: 'removal-1',
    type: 'redaction',
    author: entry.author,
    sentAt: 2,
    target: entry.id,
    of: entry.author
  };
  await device.outbox.hold(ROOM, removal, 0);
  resolve();
  await eventually(() => expect(state()).toBe('queued'));
  const { requests } = device.server;
  const before = requests.length;
  device.uploads.lineUp();
  expect(requests.length).toBe(before);
  await device.outbox.remove(ROOM, [removal.id]);
  await eventually(() => expect(device.uploads.ready(entry)).toBe(true));
});

test('[SCHED-16] files of what is to be sent later go up after those of what is to be sent now, and are remembered until it is handed over', async () => {
  const device = await setup();
  const film = random(300_000);
  const later = await entryWith(device, 1, film, Date.now() + 3_600_000);
  device.later.set(later.id, later);
  device.uploads.lineUp();
  await eventually(() => expect(device.uploads.ready(later)).toBe(true));
  expect([...device.server.files.values()]).toEqual([await bytesOf(film)]);
  // Something else changes meanwhile.
  await message(device, 2, random(10));
  await eventually(() => expect(device.readies()).toBe(2));
  expect(device.uploads.ready(later)).toBe(true);
  device.later.delete(later.id);
  device.uploads.check();
  await eventually(async () => expect(await device.db.uploads()).toHaveLength(1));
});

test('[SCHED-16] what is to be sent later fails with the reason where one of its files cannot go up', async () => {
  const device = await setup();
  const bytes = random(100);
  const later = await entryWith(device, 1, bytes, Date.now() + 3_600_000);
  await device.db.erase(ROOM, [later.id]);
  device.later.set(later.id, later);
  device.uploads.lineUp();
  await eventually(() => expect(device.failedLater).toEqual(['message-1 upload-lost']));
});

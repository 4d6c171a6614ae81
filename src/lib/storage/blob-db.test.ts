import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import type { Attachment } from '#protocol/attachment.ts';
import { isBlobHash } from '#protocol/ids.ts';
import { BlobDb, blobDbName } from './blob-db.ts';
import { blobHash } from './blob-hash.ts';
import { breakWrites } from './testing/broken-writes.ts';

const ROOM = 'r'.repeat(22);
const OTHER = 'o'.repeat(22);
let databases = 0;

function setup(name = blobDbName(`blobs-${(databases += 1)}`)) {
  let now = 1_000;
  const db = new BlobDb(name, () => (now += 1));
  onTestFinished(() => db.close());
  return { db, name };
}

async function file(
  words: string,
  name = `${words}.txt`
): Promise<{ attachment: Attachment; bytes: Blob; hash: string }> {
  const bytes = new Blob([words]);
  const hash = await blobHash(bytes, null);
  return { attachment: { hash, name, type: 'text/plain', size: bytes.size }, bytes, hash };
}

test('[UPLOAD-1] a file in a composer is on disk with its bytes and its name, over a restart', async () => {
  const { db, name } = setup();
  const plan = await file('plan');
  expect(await db.compose(ROOM, () => [plan.attachment], [plan])).toEqual({ ok: true, files: [plan.attachment] });
  db.close();
  const again = setup(name).db;
  expect(await again.files()).toEqual([{ of: ROOM, files: [plan.attachment] }]);
  expect(await (await again.get(plan.hash))!.text()).toBe('plan');
  expect(await again.has([plan.hash])).toBe(true);
});

test('[UPLOAD-1] of a file that does not fit nothing is left, neither bytes nor name', async () => {
  const { db, name } = setup();
  const plan = await file('plan');
  const mend = breakWrites((database, store) => database === name && store === 'files');
  expect(await db.compose(ROOM, () => [plan.attachment], [plan])).toEqual({
    ok: false,
    failure: 'quota'
  });
  mend();
  expect(await db.files()).toEqual([]);
  expect(await db.has([plan.hash])).toBe(false);
});

test('[UPLOAD-2] a file goes with the last message that it belongs to, and no sooner', async () => {
  const { db } = setup();
  const plan = await file('plan');
  const uses = [
    { room: ROOM, entry: 'message-1', hash: plan.hash },
    { room: OTHER, entry: 'message-2', hash: plan.hash }
  ];
  await db.put([plan], uses);
  await db.erase(ROOM, ['message-1', 'message-9']);
  expect(await db.has([plan.hash])).toBe(true);
  expect(await db.rooms()).toEqual([OTHER]);
  await db.eraseRoom(OTHER);
  expect(await db.has([plan.hash])).toBe(false);
  expect(await db.get(plan.hash)).toBeNull();
});

test('[UPLOAD-2] what stands in a composer stays, though a message with it was erased', async () => {
  const { db } = setup();
  const plan = await file('plan');
  const use = { room: ROOM, entry: 'message-1', hash: plan.hash };
  await db.compose(ROOM, () => [plan.attachment], [plan]);
  await db.use([use]);
  await db.erase(ROOM, ['message-1']);
  expect(await db.has([plan.hash])).toBe(true);
  // Taken out of it, it is nobody's.
  await db.compose(ROOM, () => []);
  expect(await db.files()).toEqual([]);
  expect(await db.has([plan.hash])).toBe(false);
});

test('a hash is the same read at once and piece by piece', async () => {
  const bytes = new Blob([new Uint8Array(9 * 1024 * 1024).fill(7)]);
  const whole = await crypto.subtle.digest('SHA-256', await bytes.arrayBuffer());
  const hash = await blobHash(bytes, crypto.subtle);
  expect(hash).toBe(Buffer.from(whole).toString('base64url'));
  expect(await blobHash(bytes, null)).toBe(hash);
  expect(isBlobHash(hash)).toBe(true);
});

test('[UPLOAD-3] another generation takes files and composers over, and asks the server anew what it has', async () => {
  const { db } = setup();
  const plan = await file('plan');
  const use = { room: ROOM, entry: 'message-1', hash: plan.hash };
  await db.compose(ROOM, () => [plan.attachment], [plan]);
  await db.use([use]);
  await db.putUpload({ hash: plan.hash, id: 'upload', doneAt: 5 });
  await db.recordings.put(piece(0));
  const chosen = { of: ROOM, id: 'chosen-1', name: 'plan.txt', tab: 'tab-1', ended: 0 };
  await db.chosen.put(chosen, new Blob(['raw']));
  const next = setup().db;
  await next.adopt(db);
  expect(await next.has([plan.hash])).toBe(true);
  expect(await next.files()).toHaveLength(1);
  expect(await next.rooms()).toEqual([ROOM]);
  expect(await next.uploads()).toEqual([]);
  expect(await next.recordings.of(ROOM)).toHaveLength(1);
  expect(await next.chosen.of(ROOM)).toEqual([chosen]);
  expect(await (await next.chosen.bytes('chosen-1'))!.text()).toBe('raw');
});

const piece = (part: number, of = ROOM) => ({
  ...{ of, recording: 'recording-1', part, tab: 'tab-1' },
  ...{ bytes: new Blob(['sound']), duration: 1_000, levels: [0.5] }
});

test('[VOICE-1] pieces of a recording are on disk in order, each composer for itself', async () => {
  const { db } = setup();
  for (const part of [0, 10, 2, 1]) await db.recordings.put(piece(part));
  await db.recordings.put(piece(0, OTHER));
  expect((await db.recordings.of(ROOM)).map(({ part }) => part)).toEqual([0, 1, 2, 10]);
  await db.recordings.drop(ROOM, 'recording-1');
  expect(await db.recordings.of(ROOM)).toEqual([]);
  expect(await db.recordings.of(OTHER)).toHaveLength(1);
});

test('[VOICE-1] a database from before keeps what it has', async () => {
  const name = blobDbName(`blobs-${(databases += 1)}`);
  const before = await openDB(name, 1, {
    upgrade: (db) => {
      db.createObjectStore('blobs', { keyPath: 'hash' });
      db.createObjectStore('bytes');
      db.createObjectStore('uses', { keyPath: ['room', 'entry', 'hash'] }).createIndex('hash', 'hash');
      db.createObjectStore('uploads', { keyPath: 'hash' });
      db.createObjectStore('files', { keyPath: 'of' });
    }
  });
  const { attachment } = await file('plan');
  await before.put('files', { of: ROOM, files: [attachment] });
  before.close();
  const { db } = setup(name);
  expect(await db.composed(ROOM)).toEqual([attachment]);
  expect(await db.recordings.put(piece(0))).toEqual({ ok: true });
});

test('[FILES-1] what is looked at, or was fetched, waits for no disk: only what is nowhere else does', async () => {
  const { db } = setup();
  const { prototype } = IDBDatabase;
  const whole = Object.getOwnPropertyDescriptors(prototype).transaction;
  const asked: (string | undefined)[] = [];
  prototype.transaction = function (this: IDBDatabase, ...args: Parameters<IDBDatabase['transaction']>) {
    if (args[1] === 'readwrite') asked.push(args[2]?.durability);
    return whole.value!.apply(this, args);
  };
  onTestFinished(() => void Object.defineProperty(prototype, 'transaction', whole));
  const plan = await file('plan');
  const use = { room: ROOM, entry: 'message-1', hash: plan.hash };
  await db.use([use]);
  await db.putWanted(plan);
  await db.get(plan.hash, use);
  expect(asked).toEqual(['relaxed', 'relaxed', 'relaxed']);
  await db.put([plan], [use]);
  expect(asked.at(-1)).toBe('strict');
});

import 'fake-indexeddb/auto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { BlobDb } from '../storage/blob-db.ts';
import { blobHash } from '../storage/blob-hash.ts';
import { Files } from './files.ts';

const ROOM = 'r'.repeat(22);
let databases = 0;

function setup(keepMost = 1_000) {
  let now = 0;
  const db = new BlobDb(`files-${(databases += 1)}-blobs`, () => (now += 1));
  onTestFinished(() => db.close());
  const server = {
    online: true,
    files: new Map<string, string>(),
    asked: 0,
    /** Requests that were ended by who asked. */
    ended: 0,
    before: (): Promise<unknown> => Promise.resolve(),
    /** Of an answer that has a body. */
    body: (words: string): BodyInit => words
  };
  const unsent: Entry[] = [];
  const onDisk: Entry[] = [];
  const files = new Files({
    db,
    outbox: { rooms: () => [ROOM], of: () => unsent.map((entry) => ({ entry })) as never },
    environment: {
      subtle: crypto.subtle,
      fetch: async (path, { signal } = {}) => {
        signal?.addEventListener('abort', () => (server.ended += 1));
        if (!server.online) throw new TypeError('fetch failed');
        server.asked += 1;
        await server.before();
        const words = server.files.get(path.split('/').at(-1)!);
        return words === undefined ? new Response(null, { status: 404 }) : new Response(server.body(words));
      }
    },
    unsent: () => Promise.resolve(onDisk),
    keepMost: () => keepMost
  });
  const claim = async (words: string) => {
    const hash = await blobHash(new Blob([words]), null);
    return { hash, type: 'text/plain', size: words.length };
  };
  return { db, server, unsent, onDisk, files, claim };
}

test('[FILES-1] a file is fetched once, kept, and there without a network', async () => {
  const { server, files, claim } = setup();
  const plan = await claim('plan');
  server.files.set(plan.hash, 'plan');
  const both = await Promise.all([files.fetch(ROOM, 'message-1', plan), files.fetch(ROOM, 'message-1', plan)]);
  expect(both.map(({ kind }) => kind)).toEqual(['here', 'here']);
  server.online = false;
  expect(await (await files.kept(ROOM, null, plan.hash))!.text()).toBe('plan');
  expect(server.asked).toBe(1);
});

test('[FILES-1] without a network, or closed, it says which; bytes that are not what the message says are not kept', async () => {
  const { server, files, claim } = setup();
  const plan = await claim('plan');
  expect(await files.fetch(ROOM, 'message-1', plan)).toEqual({ kind: 'absent' });
  server.files.set(plan.hash, 'evil');
  expect(await files.fetch(ROOM, 'message-1', plan)).toEqual({ kind: 'absent' });
  server.online = false;
  expect(await files.fetch(ROOM, 'message-1', plan)).toEqual({ kind: 'offline' });
  expect(await files.kept(ROOM, null, plan.hash)).toBeNull();
});

test('[FILES-1] a file of which nothing comes any more is given up, and can be fetched anew', async () => {
  const { server, files, claim } = setup();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const plan = await claim('plan');
  server.files.set(plan.hash, 'plan');
  const begun = Promise.withResolvers<void>();
  const whole = server.body;
  server.body = () =>
    new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode('pl'))
    });
  const fetched = files.fetch(ROOM, 'message-1', plan, () => begun.resolve());
  await begun.promise;
  await vi.advanceTimersByTimeAsync(59_000);
  server.body = whole;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await fetched).toEqual({ kind: 'offline' });
  expect(server.ended).toBe(1);
  expect((await files.fetch(ROOM, 'message-1', plan)).kind).toBe('here');
});

test('[FILES-1] a request that is never answered is given up, too', async () => {
  const { server, files, claim } = setup();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const plan = await claim('plan');
  server.files.set(plan.hash, 'plan');
  const asked = Promise.withResolvers<void>();
  server.before = () => {
    asked.resolve();
    return new Promise(() => undefined);
  };
  const fetched = files.fetch(ROOM, 'message-1', plan);
  await asked.promise;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await fetched).toEqual({ kind: 'offline' });
  expect(server.ended).toBe(1);
  server.before = () => Promise.resolve();
  expect((await files.fetch(ROOM, 'message-1', plan)).kind).toBe('here');
});

test('[FILES-2] beyond the bound, what was looked at longest ago goes; what is unsent or in a composer stays', async () => {
  const { db, files, unsent, claim } = setup(10);
  const words = ['unsent--', 'composed', 'old-----', 'new-----'];
  const claims = await Promise.all(words.map(claim));
  for (const [at, one] of claims.entries())
    await db.put(
      [{ hash: one.hash, bytes: new Blob([words[at]!]) }],
      [{ room: ROOM, entry: `message-${at}`, hash: one.hash }]
    );
  const attachments = [{ ...claims[0]!, name: 'a.txt' }];
  unsent.push({ id: 'message-0', type: 'message', author: `u${'a'.repeat(22)}`, sentAt: 1, body: '', attachments });
  await db.compose(ROOM, () => [{ ...claims[1]!, name: 'b.txt' }]);
  expect(await files.size()).toEqual({ all: 32, free: 16 });
  expect(await files.trim()).toBe(8);
  const left = await Promise.all(claims.map(({ hash }) => db.has([hash])));
  expect(left).toEqual([true, true, false, true]);
  expect(await files.trim(0)).toBe(0);
  expect(await files.size()).toEqual({ all: 16, free: 0 });
});

test('[FILES-3] a room that closes takes its files along, but for those that could not be sent', async () => {
  const { db, files, unsent, claim } = setup();
  const plan = await claim('plan');
  await db.put([{ hash: plan.hash, bytes: new Blob(['plan']) }], [{ room: ROOM, entry: 'message-1', hash: plan.hash }]);
  unsent.push({ id: 'message-1', type: 'message', author: `u${'a'.repeat(22)}`, sentAt: 1, body: 'x' });
  await files.closed(ROOM);
  expect(await db.has([plan.hash])).toBe(true);
  unsent.pop();
  await files.closed(ROOM);
  // Writes of one database come one after the other.
  await db.use([]);
  expect(await db.has([plan.hash])).toBe(false);
});

test('[FILES-4] a file that comes after its message was erased is not kept', async () => {
  const { db, server, files, claim } = setup();
  const plan = await claim('plan');
  server.files.set(plan.hash, 'plan');
  const under = files.fetch(ROOM, 'message-1', plan);
  files.erased(ROOM, ['message-1']);
  await under;
  expect(await db.has([plan.hash])).toBe(false);
  // Nor asked for again.
  const { asked } = server;
  expect(await files.fetch(ROOM, 'message-1', plan)).toEqual({ kind: 'absent' });
  expect(server.asked).toBe(asked);
});

test('[FILES-4] a file that comes after another tab erased its message is not kept', async () => {
  const { db, server, files, claim } = setup();
  const plan = await claim('plan');
  server.files.set(plan.hash, 'plan');
  server.before = () => db.erase(ROOM, ['message-1']);
  await files.fetch(ROOM, 'message-1', plan);
  expect(await db.has([plan.hash])).toBe(false);
});

test('[UPLOAD-2] a file that two messages show stays while one of them does, whichever fetched it', async () => {
  const { db, server, files, claim } = setup();
  const plan = await claim('plan');
  server.files.set(plan.hash, 'plan');
  await files.fetch(ROOM, 'message-1', plan);
  await files.fetch(ROOM, 'message-2', plan);
  await files.kept(ROOM, 'message-3', plan.hash);
  for (const id of ['message-1', 'message-2']) {
    files.erased(ROOM, [id]);
    await db.use([]);
    expect(await db.has([plan.hash])).toBe(true);
  }
  files.erased(ROOM, ['message-3']);
  await db.use([]);
  expect(await db.has([plan.hash])).toBe(false);
});

test('[FILES-3] something unsent in a room that closes does not keep the files of other messages', async () => {
  const { db, server, unsent, files, claim } = setup();
  const plan = await claim('plan');
  server.files.set(plan.hash, 'plan');
  await files.fetch(ROOM, 'message-1', plan);
  unsent.push({ id: 'message-2', type: 'message', author: `u${'a'.repeat(22)}`, sentAt: 1, body: 'x' });
  await files.closed(ROOM);
  await db.use([]);
  expect(await db.has([plan.hash])).toBe(false);
});

test('[FILES-2] making room takes nothing that came into use meanwhile, here or in another tab', async () => {
  const { db, onDisk, files, claim } = setup();
  const [shown, composed, sent] = await Promise.all(['shown', 'composed', 'sent'].map(claim));
  for (const [at, one] of [shown!, composed!, sent!].entries())
    await db.put([{ hash: one.hash, bytes: new Blob([['shown', 'composed', 'sent'][at]!]) }], []);
  const rows = db.rows.bind(db);
  // Right after what can go was looked through.
  db.rows = async () => {
    const found = await rows();
    db.rows = rows;
    await db.get(shown!.hash, { room: ROOM, entry: 'message-1', hash: shown!.hash });
    await db.compose(ROOM, () => [{ ...composed!, name: 'b.txt' }]);
    // From a composer into the outbox, which this tab has not read yet.
    const attachments = [{ ...sent!, name: 'c.txt' }];
    onDisk.push({ id: 'message-2', type: 'message', author: `u${'a'.repeat(22)}`, sentAt: 1, body: '', attachments });
    return found;
  };
  await files.trim(0);
  expect(await db.has([shown!.hash, composed!.hash, sent!.hash])).toBe(true);
});

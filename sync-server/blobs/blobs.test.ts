// When a file goes and when it stays, and what is asked of one that goes just then.

import { randomBytes, createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test, expect } from 'vitest';
import type { BlobHash } from '#protocol/ids.ts';
import { eventually } from '../../tests/eventually.ts';
import type { KeyValue } from '../store/key-value.ts';
import { blobKey } from './blob-keys.ts';
import { blobHost, ann, DAY_MS, HOUR_MS, bo } from './testing/blob-host.ts';

/** Does something first, once, where the record of a file is about to be deleted. */
function atErasure(kv: KeyValue, hash: BlobHash, first: () => Promise<void>): void {
  const batch = kv.batch.bind(kv);
  kv.batch = async (operations, options) => {
    if (operations.some(({ type, key }) => type === 'del' && key === blobKey(hash))) {
      kv.batch = batch;
      await first();
    }
    return batch(operations, options);
  };
}

test('[FILE-29] a commit that may name a file keeps it from going, and one that comes too late is told', async () => {
  const host = await blobHost();
  const { hash } = await host.bring(randomBytes(500));
  const claim = { hash, type: 'application/octet-stream', size: 500 };
  await host.refer(hash);
  const held = await host.blobs.hold([{ author: ann, hash }]);
  await host.drop(hash);
  await host.blobs.collect();
  expect(await host.isThere(hash)).toBe(true);
  expect(held.admits(ann, claim)).toBe(true);
  await host.refer(hash, 'entry-002');
  held.release();
  await host.blobs.settled();
  expect(await host.isThere(hash)).toBe(true);

  await host.drop(hash, 'entry-002');
  // It is going when the commit asks.
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  atErasure(host.kv, hash, () => {
    begun.resolve();
    return goOn.promise;
  });
  const going = host.blobs.collect();
  await begun.promise;
  const asked = host.blobs.hold([{ author: ann, hash }]);
  for (let turns = 0; turns < 5; turns++) await nextTurn();
  goOn.resolve();
  await going;
  const late = await asked;
  expect([late.admits(ann, claim), await host.isThere(hash)]).toEqual([false, false]);
  late.release();
  await host.blobs.settled();
  expect(await host.isThere(hash)).toBe(false);
  const none = await host.blobs.hold([{ author: ann, hash }]);
  expect(none.admits(ann, claim)).toBe(false);
  none.release();
});

test('[FILE-29] what the disk would not let go is looked at again', async () => {
  const host = await blobHost();
  const { hash } = await host.bring(randomBytes(500));
  await host.refer(hash);
  await host.drop(hash);
  atErasure(host.kv, hash, () => Promise.reject(new Error('the disk would not')));
  host.blobs.dropped();
  await host.blobs.settled();
  expect([host.errors.length, await host.isThere(hash)]).toEqual([1, true]);
  host.timers.advance(30_000);
  await host.blobs.settled();
  expect(await host.isThere(hash)).toBe(false);
});

test('[FILE-29] a file that was let go of goes as soon as its own commit is over, whatever else is under way', async () => {
  const host = await blobHost();
  const [{ hash }, { hash: other }] = [await host.bring(randomBytes(500)), await host.bring(randomBytes(500))];
  await host.refer(hash);
  const [held, long] = [
    await host.blobs.hold([{ author: ann, hash }]),
    await host.blobs.hold([{ author: ann, hash: other }])
  ];
  await host.drop(hash);
  host.blobs.dropped();
  await host.blobs.settled();
  expect(await host.isThere(hash)).toBe(true);
  held.release();
  await host.blobs.settled();
  expect(await host.isThere(hash)).toBe(false);
  long.release();
});

test('[FILE-18] a file that is brought again has its day anew, whatever became of it before', async () => {
  const host = await blobHost();
  const bytes = randomBytes(500);
  const { hash } = await host.bring(bytes);
  await host.refer(hash);
  await host.drop(hash);
  await host.blobs.collect();
  expect(await host.isThere(hash)).toBe(false);
  host.timers.advance(DAY_MS - HOUR_MS);
  await host.bring(bytes);
  // The day of the first time is over.
  host.timers.advance(2 * HOUR_MS);
  await host.blobs.collect();
  expect(await host.isThere(hash)).toBe(true);
  // Offered once more instead of sent: the same.
  host.timers.advance(DAY_MS - 3 * HOUR_MS);
  expect(await host.uploads.create(ann, hash, 500)).toMatchObject({ ok: true, state: { offset: 500 } });
  host.timers.advance(2 * HOUR_MS);
  await host.blobs.collect();
  expect(await host.isThere(hash)).toBe(true);
  host.timers.advance(DAY_MS);
  await host.blobs.collect();
  expect([await host.isThere(hash), await host.blobs.owns(ann, hash)]).toEqual([false, false]);
});

test('[FILE-18] what came on a line that broke has its day too', async () => {
  const host = await blobHost();
  const bytes = randomBytes(500);
  const created = await host.uploads.create(ann, createHash('sha256').update(bytes).digest('base64url'), bytes.length);
  if (!created?.ok) throw new Error('no upload');
  const { id } = created.state;
  host.timers.advance(DAY_MS - HOUR_MS);
  const line = new PassThrough();
  const broken = host.uploads.append(ann, id, 0, line, null);
  line.write(bytes.subarray(0, 200));
  await eventually(async () => expect((await host.folder.upload(id))?.size).toBe(200));
  line.destroy(new Error('broken'));
  await expect(broken).rejects.toThrow('broken');
  host.timers.advance(2 * HOUR_MS);
  await host.uploads.collect();
  expect(await host.uploads.state(ann, id)).toMatchObject({ ok: true, state: { offset: 200 } });
  // A line that brings nothing keeps nothing.
  host.timers.advance(DAY_MS - 2 * HOUR_MS);
  const silent = new PassThrough();
  const nothing = host.uploads.append(ann, id, 200, silent, null);
  silent.destroy(new Error('broken'));
  await expect(nothing).rejects.toThrow('broken');
  await host.uploads.collect();
  expect(await host.uploads.state(ann, id)).toBeNull();
});

test('[FILE-18] a file that is brought time and again leaves one mark of it', async () => {
  const host = await blobHost();
  const bytes = randomBytes(500);
  const marks = async () => (await Array.fromAsync(host.kv.range({ gte: 'blob-fresh/', lt: 'blob-fresh0' }))).length;
  const { hash } = await host.bring(bytes);
  for (let again = 0; again < 3; again++) {
    host.timers.advance(HOUR_MS);
    expect(await host.blobs.bringAgain(ann, hash, bytes.length)).toBe(true);
  }
  expect(await marks()).toBe(1);
  host.timers.advance(DAY_MS - 1);
  await host.blobs.collect();
  expect(await host.isThere(hash)).toBe(true);
  host.timers.advance(1);
  await host.blobs.collect();
  expect([await host.isThere(hash), await marks()]).toEqual([false, 0]);
});

test('[FILE-18] brought again just as a message of it goes, it stays', async () => {
  const host = await blobHost();
  const bytes = randomBytes(500);
  const { hash } = await host.bring(bytes);
  await host.refer(hash);
  await host.drop(hash);
  await host.bring(bytes);
  await host.blobs.collect();
  expect([await host.isThere(hash), await host.blobs.owns(ann, hash)]).toEqual([true, true]);
});

test('[FILE-17] whose file the disk has lost is asked for its bytes again, and the file is whole after that', async () => {
  const host = await blobHost();
  const bytes = randomBytes(500);
  const { hash } = await host.bring(bytes);
  await host.refer(hash);
  await rm(host.folder.blobPath(hash));
  expect(await host.uploads.create(ann, hash, 500)).toMatchObject({ ok: true, state: { offset: 0 } });
  expect((await host.bring(bytes)).error).toBeNull();
  expect(await host.isThere(hash)).toBe(true);
  expect(await host.blobs.usedBy(ann)).toBe(4_096);
});

test.for<[space: string, quotaBytes: number]>([
  ['with', 100_000],
  ['without', 60_000]
])(
  '[FILE-31] a file whose owner’s account is over is paid for by one who still names it, %s space',
  async ([, quotaBytes]) => {
    const host = await blobHost();
    host.quotaBytes = quotaBytes;
    await host.open();
    const { hash: own } = await host.bring(randomBytes(20_000), bo);
    await host.refer(own, 'entry-own', bo);
    const { hash } = await host.bring(randomBytes(50_000));
    const { hash: alone } = await host.bring(randomBytes(5_000));
    await host.refer(hash);
    await host.refer(hash, 'entry-002', bo);
    // The account is over when its files go; its messages may stay.
    host.deleted.add(ann);
    await host.blobs.erase(ann);
    expect([await host.isThere(hash), await host.isThere(alone)]).toEqual([true, false]);
    expect(await Promise.all([ann, bo].map((user) => host.blobs.usedBy(user)))).toEqual([0, 70_000]);
    expect(await host.blobs.owns(ann, hash)).toBe(false);
    await host.drop(hash);
    await host.drop(hash, 'entry-002', bo);
    await host.blobs.collect();
    expect([await host.isThere(hash), await host.blobs.usedBy(bo)]).toEqual([false, 20_000]);
  }
);

test('[FILE-29] an update that names thousands of files asks the store a few times, not thousands', async () => {
  const host = await blobHost();
  const { hash } = await host.bring(randomBytes(500));
  const wishes = Array.from({ length: 20_000 }, () => ({ author: ann, hash: randomBytes(32).toString('base64url') }));
  host.reads = 0;
  const held = await host.blobs.hold([...wishes, { author: ann, hash }]);
  expect(host.reads).toBeLessThan(50);
  expect(held.admits(ann, { hash, type: 'application/octet-stream', size: 500 })).toBe(true);
  held.release();
});

// Whose space files take, how much of it there is, and what goes where there is too little.

import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { test, expect } from 'vitest';
import type { BlobHash } from '#protocol/ids.ts';
import { freshKey } from './blob-keys.ts';
import { blobHost, ann, bo, DAY_MS, HOUR_MS } from './testing/blob-host.ts';

test('[FILE-16] what open uploads may still write is not given to others', async () => {
  const host = await blobHost();
  const free = 128 * 1024 * 1024 + 1_500_000;
  host.folder.freeBytes = () => Promise.resolve(free);
  const create = (user: string) =>
    host.uploads.create(user, createHash('sha256').update(randomBytes(8)).digest('base64url'), 900_000);
  const first = await create(ann);
  if (!first?.ok) throw new Error('no upload');
  expect(await create(bo)).toEqual({ ok: false, code: 'disk-full' });
  // What has come takes its place on the disk, and none beside it.
  await host.uploads.append(ann, first.state.id, 0, Readable.from([randomBytes(500_000)]), null);
  host.folder.freeBytes = () => Promise.resolve(free - 500_000);
  expect(await create(bo)).toEqual({ ok: false, code: 'disk-full' });
  await host.open();
  host.folder.freeBytes = () => Promise.resolve(free - 500_000 + 300_000);
  expect(await create(bo)).toMatchObject({ ok: true });
  expect(await create(bo)).toEqual({ ok: false, code: 'disk-full' });
  await host.uploads.remove(ann, first.state.id);
  host.folder.freeBytes = () => Promise.resolve(free + 300_000);
  expect(await create(ann)).toMatchObject({ ok: true });
});

test('[FILE-16] a disk that is full as an upload begins is told as one', async () => {
  const host = await blobHost();
  const hash = createHash('sha256').update('x').digest('base64url');
  const createUpload = host.folder.createUpload.bind(host.folder);
  host.folder.createUpload = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
  expect(await host.uploads.create(ann, hash, 1)).toEqual({ ok: false, code: 'disk-full' });
  expect(host.uploads.reserved(ann)).toBe(0);
  host.folder.createUpload = createUpload;
  expect(await host.uploads.create(ann, hash, 1)).toMatchObject({ ok: true });
});

test('[FILE-31] two people together have no more than both their quotas, whoever names what and takes it away', async () => {
  const host = await blobHost();
  host.quotaBytes = 20_000;
  await host.open();
  const there: BlobHash[] = [];
  const full: string[] = [];
  for (let round = 0; round < 8; round++) {
    const { hash } = await host.bring(randomBytes(9_000)).catch((error: unknown) => {
      full.push(String(error));
      return { hash: null };
    });
    if (!hash) continue;
    there.push(hash);
    await host.refer(hash, `entry-a${round}`);
    await host.refer(hash, `entry-b${round}`, bo);
    await host.drop(hash, `entry-a${round}`);
    await host.blobs.collect();
    expect(await host.isThere(hash)).toBe(true);
  }
  expect([there.length, full.length]).toEqual([4, 4]);
  expect(full[0]).toContain('quota');
  expect(await Promise.all([ann, bo].map((user) => host.blobs.usedBy(user)))).toEqual([18_000, 18_000]);
  // The last word of it takes the file away at once, and its place in everybody's space.
  for (const [round, hash] of there.entries()) await host.drop(hash, `entry-b${round}`, bo);
  await host.blobs.collect();
  expect(await host.left()).toEqual([]);
  for (const round of ['live', 'from disk']) {
    expect(await Promise.all([ann, bo].map((user) => host.blobs.usedBy(user))), round).toEqual([0, 0]);
    await host.open();
  }
});

test('[FILE-31] who pays for what others name is let go as soon as one of them has the space', async () => {
  const host = await blobHost();
  host.quotaBytes = 20_000;
  await host.open();
  const { hash: own } = await host.bring(randomBytes(15_000), bo);
  await host.refer(own, 'entry-own', bo);
  const { hash } = await host.bring(randomBytes(9_000));
  await host.refer(hash);
  await host.refer(hash, 'entry-002', bo);
  await host.drop(hash);
  await host.blobs.collect();
  expect(await host.blobs.usedBy(ann)).toBe(9_000);
  await host.drop(own, 'entry-own', bo);
  host.timers.advance(DAY_MS + HOUR_MS);
  await host.blobs.collect();
  expect(await Promise.all([ann, bo].map((user) => host.blobs.usedBy(user)))).toEqual([0, 9_000]);
});

test('[FILE-31] a file whose owner’s account is over, and that messages of theirs alone name, stays with these', async () => {
  const host = await blobHost();
  const { hash } = await host.bring(randomBytes(50_000));
  await host.refer(hash);
  host.deleted.add(ann);
  await host.blobs.erase(ann);
  expect([await host.isThere(hash), await host.blobs.usedBy(ann)]).toEqual([true, 0]);
  await host.drop(hash);
  await host.blobs.collect();
  expect(await host.isThere(hash)).toBe(false);
});

test('[FILE-31] a file that another’s message for later alone names is paid for by them, or by its owner, and goes with it', async () => {
  for (const [own, charged] of [
    [10_000, [0, 60_000]],
    [60_000, [50_000, 60_000]]
  ] as const) {
    const host = await blobHost();
    host.quotaBytes = 100_000;
    await host.open();
    const { hash: others } = await host.bring(randomBytes(own), bo);
    await host.refer(others, 'entry-own', bo);
    const { hash } = await host.bring(randomBytes(50_000));
    await host.refer(hash);
    host.scheduled.set(hash, new Set([bo]));
    await host.drop(hash);
    await host.blobs.collect();
    expect(await host.isThere(hash)).toBe(true);
    expect(await Promise.all([ann, bo].map((user) => host.blobs.usedBy(user)))).toEqual(charged);
    // Taken back, and a day is over.
    host.scheduled.clear();
    const mark = freshKey(host.timers.nowMs(), hash, bo);
    await host.kv.batch([{ type: 'put', key: mark, value: new Uint8Array() }], { sync: true });
    host.timers.advance(DAY_MS + HOUR_MS);
    await host.blobs.collect();
    expect(await host.isThere(hash)).toBe(false);
    expect(await Promise.all([ann, bo].map((user) => host.blobs.usedBy(user)))).toEqual([0, own]);
  }
});

test('[FILE-31] who has uploads under way is left no file that does not fit in beside these', async () => {
  const host = await blobHost();
  host.quotaBytes = 100_000;
  await host.open();
  const { hash } = await host.bring(randomBytes(90_000));
  await host.refer(hash);
  await host.refer(hash, 'entry-002', bo);
  expect(await host.uploads.create(bo, 'B'.repeat(42) + 'A', 90_000)).toMatchObject({ ok: true });
  await host.drop(hash);
  await host.blobs.collect();
  expect(await Promise.all([ann, bo].map((user) => host.uploads.usedBy(user)))).toEqual([90_000, 90_000]);
});

test('[FILE-31] the smallest file counts as what it takes on a disk, and the sum is kept rather than read each time', async () => {
  const host = await blobHost();
  for (let at = 0; at < 50; at++) await host.bring(randomBytes(9));
  expect(await host.blobs.usedBy(ann)).toBe(50 * 4_096);
  host.reads = 0;
  await host.blobs.usedBy(ann);
  expect(host.reads).toBe(0);
  // What is kept is what is there.
  await host.open();
  expect(await host.blobs.usedBy(ann)).toBe(50 * 4_096);
  host.timers.advance(DAY_MS + 1);
  await host.blobs.collect();
  expect(await host.blobs.usedBy(ann)).toBe(0);
  // Scheduled messages were read once for all of them.
  expect(host.keptAsked).toBe(1);
});

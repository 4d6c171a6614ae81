// Where a process may die while a file comes in or goes.

import { randomBytes } from 'node:crypto';
import { writeFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { test, expect } from 'vitest';
import { blobHost, ann } from './testing/blob-host.ts';

test('[FILE-28] killed before the file was moved: the next process has all of it, and finishes', async () => {
  const host = await blobHost();
  host.diesAt = 'move';
  const { id, hash, error } = await host.bring(randomBytes(500));
  expect(error).toBeInstanceOf(Error);
  await host.open();
  expect(await host.isThere(hash)).toBe(false);
  // Whoever asks how much is there learns that it is done.
  expect(await host.uploads.state(ann, id)).toMatchObject({ ok: true, state: { offset: 500 } });
  expect([await host.isThere(hash), await host.blobs.owns(ann, hash)]).toEqual([true, true]);
  expect(await host.left()).toEqual([hash]);
});

test('[FILE-28] killed between the move and the word of it: the next process writes it down', async () => {
  const host = await blobHost();
  host.diesAt = 'moved';
  const { id, hash } = await host.bring(randomBytes(500));
  expect([await host.isThere(hash), await host.blobs.owns(ann, hash)]).toEqual([true, false]);
  await host.open();
  expect([await host.isThere(hash), await host.blobs.owns(ann, hash)]).toEqual([true, true]);
  expect(await host.uploads.state(ann, id)).toBeNull();
  expect(await host.uploads.create(ann, hash, 500)).toMatchObject({ ok: true, state: { offset: 500 } });
  expect(await host.left()).toEqual([hash]);
});

test('[FILE-28] killed between the end of a record and of its file: the next process takes the file away', async () => {
  const host = await blobHost();
  const { hash } = await host.bring(randomBytes(500));
  await host.refer(hash);
  await host.drop(hash);
  host.diesAt = 'gone';
  await host.blobs.collect();
  expect(host.errors).toHaveLength(1);
  expect(await host.isThere(hash)).toBe(true);
  await host.open();
  expect(await host.left()).toEqual([]);
});

test('[FILE-28] files that nobody knows go at the start; an upload without its file is begun anew', async () => {
  const host = await blobHost();
  const { hash } = await host.bring(randomBytes(500));
  const stray = 'A'.repeat(43);
  for (const file of [
    host.folder.uploadPath('u'.repeat(22)),
    path.join(path.dirname(host.folder.blobPath(hash)), stray)
  ])
    await writeFile(file, 'left over');
  // What is none of ours is left alone.
  await writeFile(path.join(host.dataDir, 'blobs', 'README'), 'mine');
  const created = await host.uploads.create(ann, 'B'.repeat(42) + 'A', 10);
  if (!created?.ok) throw new Error('no upload');
  await rm(host.folder.uploadPath(created.state.id));
  await host.open();
  expect((await host.left()).filter((name) => name !== stray).sort()).toEqual([hash, 'README'].sort());
  expect(await host.uploads.state(ann, created.state.id)).toBeNull();
});

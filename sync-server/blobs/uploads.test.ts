import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { newUserId } from '#protocol/ids.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { HandTimers } from '../testing/hand-timers.ts';
import { BlobFolder } from './blob-folder.ts';
import { Blobs } from './blobs.ts';
import { Uploads } from './uploads.ts';

test('[FILE-15] of two that wait for the same line to end, one writes at a time: no byte comes in behind what was looked at', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'roost-uploads-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const kv = await new MemoryDisk().open();
  const timers = new HandTimers(Date.UTC(2026, 0, 5));
  const folder = await BlobFolder.open(dir);
  const onError = (error: unknown): void => {
    throw error;
  };
  const blobs: Blobs = new Blobs({
    ...{ kv, folder, timers, onError, quotaBytes: 1e7, exists: () => true, reserved: () => 0 },
    kept: async () => new Map(),
    onErased: async () => undefined
  });
  const limits = { maxBytes: 1e6, quotaBytes: 1e7, types: null };
  const uploads = await Uploads.open({
    ...{ kv, folder, blobs, limits },
    exists: () => true,
    now: () => timers.nowMs()
  });
  const user = newUserId();
  const bytes = randomBytes(5_000);
  const hash = createHash('sha256').update(bytes).digest('base64url');
  const created = await uploads.create(user, hash, bytes.length);
  if (!created?.ok) throw new Error('no upload');
  const { id } = created.state;

  const dead = uploads.append(user, id, 0, new PassThrough(), null);
  const [first, second] = [new PassThrough(), new PassThrough()];
  const answers = Promise.allSettled([
    dead,
    uploads.append(user, id, 0, first, null),
    uploads.append(user, id, 0, second, null)
  ]);
  first.end(bytes);
  second.end(Buffer.alloc(1_000, 'other bytes'));
  const [, one, other] = await answers;
  expect(one?.status).toBe('rejected');
  expect(other).toMatchObject({ status: 'fulfilled' });
  expect(await blobs.facts(hash)).toBeNull();
});

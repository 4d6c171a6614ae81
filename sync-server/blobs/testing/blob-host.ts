// A process with files that dies where a test wants it to, and the next one that finds what it has left.

import { createHash } from 'node:crypto';
import { access, readdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { newUserId, type UserId, type BlobHash } from '#protocol/ids.ts';
import type { KeyValue, Operation } from '../../store/key-value.ts';
import { MemoryDisk } from '../../store/memory-disk.ts';
import { encodeStored } from '../../store/stored-json.ts';
import { HandTimers } from '../../testing/hand-timers.ts';
import { BlobFolder } from '../blob-folder.ts';
import { blobRefKey, looseKey } from '../blob-keys.ts';
import { Blobs } from '../blobs.ts';
import { Uploads } from '../uploads.ts';

export const DAY_MS = 24 * 3_600_000;
export const HOUR_MS = 3_600_000;
export const [ann, bo] = [newUserId(), newUserId()];
const room = 'r'.repeat(22);

class BlobHost {
  readonly kv: KeyValue;
  readonly timers = new HandTimers(Date.UTC(2026, 0, 5));
  readonly dataDir: string;
  readonly errors: unknown[] = [];
  /** How often it was asked what scheduled messages name. */
  keptAsked = 0;
  quotaBytes = 1e7;
  /** Accounts that are over. */
  readonly deleted = new Set<UserId>();
  /** Whose messages that are yet to be sent name it. */
  readonly scheduled = new Map<BlobHash, Set<UserId>>();
  /** How often the store was asked for keys, one or many. */
  reads = 0;
  /** What the next process dies of. */
  diesAt: 'move' | 'moved' | 'gone' | null = null;
  folder!: BlobFolder;
  blobs!: Blobs;
  uploads!: Uploads;

  constructor(dataDir: string, kv: KeyValue) {
    this.dataDir = dataDir;
    const dies = (operations: readonly Operation[]) =>
      this.diesAt === 'moved' && operations.some(({ key, type }) => type === 'put' && key.startsWith('blob/'));
    this.kv = Object.assign(Object.create(kv) as KeyValue, {
      get: (key: string) => {
        this.reads += 1;
        return kv.get(key);
      },
      getMany: (keys: readonly string[]) => {
        this.reads += 1;
        return kv.getMany(keys);
      },
      range: (options: Parameters<KeyValue['range']>[0]) => {
        this.reads += 1;
        return kv.range(options);
      },
      batch: async (operations: readonly Operation[], options: { readonly sync: boolean }) => {
        if (dies(operations)) throw new Error('killed');
        return kv.batch(operations, options);
      }
    });
  }

  /** A process that finds what the one before has left. */
  async open(): Promise<void> {
    this.diesAt = null;
    this.folder = await BlobFolder.open(this.dataDir);
    const whole = await BlobFolder.open(this.dataDir);
    this.folder.moveIn = (id, hash) =>
      this.diesAt === 'move' ? Promise.reject(new Error('killed')) : whole.moveIn(id, hash);
    this.folder.removeBlob = (hash) =>
      this.diesAt === 'gone' ? Promise.reject(new Error('killed')) : whole.removeBlob(hash);
    const { kv, folder, timers } = this;
    const exists = (user: UserId): boolean => !this.deleted.has(user);
    this.blobs = new Blobs({
      ...{ kv, folder, timers, quotaBytes: this.quotaBytes, exists },
      reserved: (user) => this.uploads.reserved(user),
      kept: () => {
        this.keptAsked += 1;
        return Promise.resolve(this.scheduled);
      },
      onErased: (hash, user) => this.uploads.eraseOf(hash, user),
      onError: (error) => this.errors.push(error)
    });
    this.uploads = await Uploads.open({
      ...{ kv, folder, blobs: this.blobs },
      limits: { maxBytes: 1e6, quotaBytes: this.quotaBytes, types: null },
      exists,
      now: () => timers.nowMs()
    });
  }

  /** @returns the upload, or the error that ended it */
  async bring(
    bytes: Buffer,
    user = ann
  ): Promise<{ readonly id: string; readonly hash: BlobHash; readonly error: unknown }> {
    const hash = createHash('sha256').update(bytes).digest('base64url');
    const created = await this.uploads.create(user, hash, bytes.length);
    if (!created?.ok) throw new Error(`no upload: ${created?.code}`);
    const { id } = created.state;
    const outcome = await this.uploads
      .append(user, id, 0, Readable.from([bytes]), null)
      .catch((error: unknown) => error);
    return { id, hash, error: outcome instanceof Error ? outcome : null };
  }

  refer(hash: BlobHash, entry = 'entry-001', author = ann): Promise<void> {
    const value = encodeStored({ author });
    return this.kv.batch([{ type: 'put', key: blobRefKey(hash, room, entry), value }], { sync: true });
  }

  /** As a commit does that erases the message. */
  drop(hash: BlobHash, entry = 'entry-001', author = ann): Promise<void> {
    return this.kv.batch(
      [
        { type: 'del', key: blobRefKey(hash, room, entry) },
        { type: 'put', key: looseKey(hash, author), value: new Uint8Array() }
      ],
      { sync: true }
    );
  }

  isThere(hash: BlobHash): Promise<boolean> {
    return access(this.folder.blobPath(hash)).then(
      () => true,
      () => false
    );
  }

  async left(): Promise<string[]> {
    const files = await readdir(this.dataDir, { recursive: true, withFileTypes: true });
    return files.filter((file) => file.isFile()).map(({ name }) => name);
  }
}

export async function blobHost(): Promise<BlobHost> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'roost-blobs-'));
  const host = new BlobHost(dataDir, await new MemoryDisk().open());
  await host.open();
  onTestFinished(async () => {
    await host.blobs.close();
    await rm(dataDir, { recursive: true });
  });
  return host;
}

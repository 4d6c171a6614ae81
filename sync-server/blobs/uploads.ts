// Files on their way in, resumable after the end of either side: how much is here is what the file has, and nothing else
// says so. Invariants: one writer an upload; a finished one is read anew from the disk, becomes a blob only if its bytes are
// the announced ones, and is no upload any more; what nobody goes on with is gone after a day.

import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import * as v from 'valibot';
import type { UploadState } from '#protocol/api/file.ts';
import type { BlobHash, UserId } from '#protocol/ids.ts';
import { UPLOAD_KEPT_MS, UPLOADS_MAX } from '#protocol/limits.ts';
import { OneAtATime } from '../accounts/one-at-a-time.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';
import type { BlobFolder } from './blob-folder.ts';
import { ALL_UPLOADS, blobKey, lastOf, uploadKey } from './blob-keys.ts';
import { chargeOf } from './blob-owners.ts';
import type { Blobs } from './blobs.ts';
import { inspectFile } from './file-inspection.ts';
import { isDiskFull, writeBytes, type Checksum } from './upload-bytes.ts';
import type { UploadOutcome } from './upload-outcome.ts';

const recordSchema = v.strictObject({
  user: v.string(),
  hash: v.string(),
  length: v.number(),
  /** When something last came, epoch ms. */
  at: v.number(),
  /** moving: the bytes were found to be the announced ones, and are put in their place. */
  state: v.picklist(['open', 'moving'])
});
type UploadRecord = v.InferOutput<typeof recordSchema>;

/** What is left for the database, also when all uploads have come in, so that files do not stop messages. */
const RESERVED_BYTES = 128 * 1024 * 1024;

export interface FileLimits {
  /** Bytes of one file. */
  readonly maxBytes: number;
  /** Bytes of all files of one person. */
  readonly quotaBytes: number;
  /** Media types that are taken (`image/*`, `application/pdf`); null: all. */
  readonly types: readonly string[] | null;
}

export interface UploadsDeps {
  readonly kv: KeyValue;
  readonly folder: BlobFolder;
  readonly blobs: Blobs;
  readonly limits: FileLimits;
  /** Whether there is such an account. */
  readonly exists: (user: UserId) => boolean;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A later request has taken the upload over. */
class TakenOver extends Error {
  override readonly name = 'TakenOver';
}

interface Writer {
  readonly body: Readable;
  readonly done: Promise<unknown>;
}

export class Uploads {
  readonly #deps: UploadsDeps;
  readonly #records = new Map<string, UploadRecord>();
  /** Bytes of each that are on the disk already. */
  readonly #here = new Map<string, number>();
  readonly #writers = new Map<string, Writer>();
  readonly #creating = new OneAtATime();

  private constructor(deps: UploadsDeps) {
    this.#deps = deps;
  }

  /** Goes on with what is there, and finishes what a process before has only moved. @throws StoreError */
  static async open(deps: UploadsDeps): Promise<Uploads> {
    const uploads = new Uploads(deps);
    for await (const [key, value] of deps.kv.range(ALL_UPLOADS))
      uploads.#records.set(lastOf(key), decodeStored(recordSchema, key, value));
    await uploads.#reconcile();
    return uploads;
  }

  /** Bytes that count against a person's quota. */
  async usedBy(user: UserId): Promise<number> {
    return (await this.#deps.blobs.usedBy(user)) + this.reserved(user);
  }

  /** Bytes of these that are under way. */
  reserved(user: UserId): number {
    return this.#openOf(user).reduce((sum, { length }) => sum + chargeOf(length), 0);
  }

  /** Whose own bytes are here already need not send them again: the upload is over. */
  create(user: UserId, hash: BlobHash, length: number): Promise<UploadOutcome> {
    return this.#creating.run(async () => {
      const { blobs, folder, limits, now } = this.#deps;
      if (length > limits.maxBytes) return { ok: false, code: 'too-large' };
      const id = randomBytes(16).toString('base64url');
      const record: UploadRecord = { user, hash, length, at: now(), state: 'open' };
      if (await blobs.bringAgain(user, hash, length)) return { ok: true, state: stateOf(id, record, length) };
      if (this.#openOf(user).length >= UPLOADS_MAX) return { ok: false, code: 'too-many' };
      if ((await this.usedBy(user)) + chargeOf(length) > limits.quotaBytes) return { ok: false, code: 'quota' };
      if ((await folder.freeBytes()) < this.#toCome() + length + RESERVED_BYTES)
        return { ok: false, code: 'disk-full' };
      try {
        await folder.createUpload(id);
      } catch (error) {
        if (isDiskFull(error)) return { ok: false, code: 'disk-full' };
        throw error;
      }
      await this.#put(id, record);
      return { ok: true, state: stateOf(id, record, 0) };
    });
  }

  /** Bytes that open uploads may still write. */
  #toCome(): number {
    let bytes = 0;
    for (const [id, { length }] of this.#records) bytes += length - (this.#here.get(id) ?? 0);
    return bytes;
  }

  /** Ends a writer that may be a line long dead, so that what is told holds. */
  async state(user: UserId, id: string): Promise<UploadOutcome> {
    await this.#endWriter(user, id);
    const record = this.#ofUser(user, id);
    if (!record) return null;
    const file = await this.#deps.folder.upload(id);
    if (!file) return null;
    // Whoever sent the last byte did not hear what became of it, nor did this process begin to look.
    if (file.size === record.length) return this.append(user, id, file.size, Readable.from([]), null);
    return { ok: true, state: stateOf(id, record, file.size) };
  }

  /**
   * @param offset how many bytes the sender believes to be here
   * @throws whatever the body ends with; what came until then stays, unless a checksum was to vouch for it
   */
  async append(
    user: UserId,
    id: string,
    offset: number,
    body: Readable,
    checksum: Checksum | null
  ): Promise<UploadOutcome> {
    // It may be ended before anything reads it, or hears of it.
    body.on('error', () => undefined);
    // Not by `#endWriter`: of several that wait for one to end, each has to see in the same turn that there is no other.
    for (let other = this.#writerOf(user, id); other; other = this.#writerOf(user, id)) {
      other.body.destroy(new TakenOver());
      await other.done;
    }
    const record = this.#ofUser(user, id);
    if (!record) return null;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#writers.set(id, { body, done: promise });
    try {
      return await this.#append(id, record, offset, body, checksum);
    } finally {
      this.#writers.delete(id);
      resolve();
    }
  }

  /** False: there was none. */
  async remove(user: UserId, id: string): Promise<boolean> {
    await this.#endWriter(user, id);
    if (!this.#ofUser(user, id)) return false;
    await this.#drop(id);
    return true;
  }

  /** All of a person's. */
  async erase(user: UserId): Promise<void> {
    for (const [id, record] of [...this.#records]) if (record.user === user) await this.remove(user, id);
  }

  /** A person's of these very bytes, which were erased. */
  async eraseOf(hash: BlobHash, user: UserId): Promise<void> {
    for (const [id, record] of [...this.#records]) {
      if (record.user === user && record.hash === hash && !this.#writers.has(id)) await this.#drop(id);
    }
  }

  /** Takes away what nobody has gone on with for a day. */
  async collect(): Promise<void> {
    const before = this.#deps.now() - UPLOAD_KEPT_MS;
    for (const [id, record] of [...this.#records]) {
      if (record.at <= before && !this.#writers.has(id)) await this.#drop(id);
    }
  }

  async #append(
    id: string,
    record: UploadRecord,
    offset: number,
    body: Readable,
    checksum: Checksum | null
  ): Promise<UploadOutcome> {
    const { folder, now } = this.#deps;
    const handle = await folder.openUpload(id);
    let size: number;
    try {
      size = (await handle.stat()).size;
      if (size !== offset) return { ok: false, code: 'upload-offset' };
      const written = await writeBytes(handle, { offset, length: record.length }, body, checksum, (at) =>
        this.#here.set(id, at)
      );
      if (typeof written !== 'number') return { ok: false, code: written.code };
      size = written;
    } finally {
      await handle.close();
      // The next process sees by the file when something last came, on a line that broke as well.
      const here = this.#records.get(id);
      if (here && (this.#here.get(id) ?? 0) > offset) this.#records.set(id, { ...here, at: now() });
    }
    const after: UploadRecord = { ...record, at: now() };
    // Removed meanwhile: with the account, or as expired.
    if (!this.#records.has(id)) return null;
    if (size === record.length) return this.#finish(id, after);
    await this.#put(id, after);
    return { ok: true, state: stateOf(id, after, size) };
  }

  async #finish(id: string, record: UploadRecord): Promise<UploadOutcome> {
    const { blobs, folder, limits, exists } = this.#deps;
    const inspected = await inspectFile(folder.uploadPath(id), record.hash, limits.types);
    if (!inspected.ok) {
      await this.#drop(id);
      return inspected;
    }
    if (!exists(record.user) || !this.#records.has(id)) {
      await this.#drop(id);
      return null;
    }
    try {
      await blobs.add(
        record.user,
        record.hash,
        inspected,
        async () => {
          // Not synced: after a power loss the file goes as one that nobody knows, and is uploaded again.
          await this.#put(id, { ...record, state: 'moving' });
          await folder.moveIn(id, record.hash);
        },
        [{ type: 'del', key: uploadKey(id) }]
      );
    } catch (error) {
      if (isDiskFull(error)) return { ok: false, code: 'disk-full' };
      throw error;
    }
    this.#records.delete(id);
    this.#here.delete(id);
    // Where somebody had brought the same bytes before, these were not needed.
    await folder.removeUpload(id);
    return { ok: true, state: stateOf(id, record, record.length) };
  }

  /** After a crash: files that no record knows go; a file that was moved, but not written down, is. */
  async #reconcile(): Promise<void> {
    const { blobs, folder, kv, now } = this.#deps;
    for (const id of await folder.uploads()) if (!this.#records.has(id)) await folder.removeUpload(id);
    for (const [id, record] of [...this.#records]) {
      const file = await folder.upload(id);
      if (file) {
        this.#here.set(id, file.size);
        // What came after the last word of it, in a request that the process did not outlive.
        this.#records.set(id, { ...record, at: Math.max(record.at, Math.min(file.mtimeMs, now())) });
        continue;
      }
      const isMoved = record.state === 'moving' && (await folder.blobSize(record.hash)) === record.length;
      const inspected = isMoved ? await inspectFile(folder.blobPath(record.hash), record.hash, null) : null;
      if (!inspected?.ok) {
        await this.#drop(id);
        continue;
      }
      const also = [{ type: 'del', key: uploadKey(id) } as const];
      await blobs.add(record.user, record.hash, inspected, async () => undefined, also);
      this.#records.delete(id);
    }
    for await (const hash of folder.blobs()) if (!(await kv.get(blobKey(hash)))) await folder.removeBlob(hash);
  }

  async #endWriter(user: UserId, id: string): Promise<void> {
    const writer = this.#writerOf(user, id);
    if (!writer) return;
    writer.body.destroy(new TakenOver());
    await writer.done;
  }

  #writerOf(user: UserId, id: string): Writer | null {
    return (this.#ofUser(user, id) && this.#writers.get(id)) ?? null;
  }

  #ofUser(user: UserId, id: string): UploadRecord | null {
    const record = this.#records.get(id);
    return record?.user === user ? record : null;
  }

  #openOf(user: UserId): UploadRecord[] {
    return [...this.#records.values()].filter((record) => record.user === user);
  }

  /** Not synced: an upload that a power loss takes is begun anew. */
  async #put(id: string, record: UploadRecord): Promise<void> {
    this.#records.set(id, record);
    await this.#deps.kv.batch([{ type: 'put', key: uploadKey(id), value: encodeStored(record) }], { sync: false });
  }

  async #drop(id: string): Promise<void> {
    this.#records.delete(id);
    this.#here.delete(id);
    await this.#deps.folder.removeUpload(id);
    await this.#deps.kv.batch([{ type: 'del', key: uploadKey(id) }], { sync: false });
  }
}

const stateOf = (id: string, { length, at }: UploadRecord, offset: number): UploadState => ({
  ...{ id, offset, length },
  expiresAt: at + UPLOAD_KEPT_MS
});

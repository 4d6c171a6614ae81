// Bytes of files on this device, in a database of their own beside that of the person: what is to be uploaded and what
// was fetched, by hash, with the messages that they belong to, and what stands in composers.
// Invariant: a file is here with its bytes, its size and whose it is in one transaction, or not at all.

import type { Attachment } from '#protocol/attachment.ts';
import type { BlobHash } from '#protocol/ids.ts';
import {
  ALL_STORES,
  composedHashes,
  distinctFiles,
  dropBlob,
  dropUnused,
  eraseUses,
  hashesOf,
  putRow,
  putTaken,
  putUses,
  takenKey,
  type BlobRow,
  type BlobSchema,
  type BlobUse,
  type BlobWrite,
  type FilesRow,
  type KeptBlob,
  type TakenFor,
  type UploadRow
} from './blob-rows.ts';
import { ChosenFiles, takeChosen, type ChosenBy } from './chosen-files.ts';
import { Connection } from './connection.ts';
import { RecordedParts } from './recorded-parts.ts';
import type { StorageFailure, Stored } from './storage-failure.ts';

/** What stands in a composer after a change. */
export type Composed =
  | { readonly ok: true; readonly files: readonly Attachment[] }
  | { readonly ok: false; readonly failure: StorageFailure };

const BLOBS_PART = '-blobs';
/** Name of the database of the person's files; no name of a UserDb ends so. */
export const blobDbName = (userDb: string): string => `${userDb}${BLOBS_PART}`;
export const isBlobDbName = (name: string): boolean => name.endsWith(BLOBS_PART);

export class BlobDb {
  readonly name: string;
  /** What is being recorded, and what tabs that are gone had recorded. */
  readonly recordings: RecordedParts;
  /** What was chosen and is being made ready, also by tabs that are gone. */
  readonly chosen: ChosenFiles;
  readonly #now: () => number;
  readonly #connection: Connection<BlobSchema>;

  constructor(name: string, now: () => number) {
    this.name = name;
    this.#now = now;
    this.#connection = new Connection(name, 3, (db, from) => {
      if (from < 1) {
        db.createObjectStore('blobs', { keyPath: 'hash' });
        db.createObjectStore('bytes');
        db.createObjectStore('uses', { keyPath: ['room', 'entry', 'hash'] }).createIndex('hash', 'hash');
        db.createObjectStore('uploads', { keyPath: 'hash' });
        db.createObjectStore('files', { keyPath: 'of' });
      }
      if (from < 2) db.createObjectStore('recordings', { keyPath: ['of', 'recording', 'part'] });
      db.createObjectStore('chosen', { keyPath: ['of', 'id'] });
    });
    this.recordings = new RecordedParts(this.#connection);
    this.chosen = new ChosenFiles(this.#connection);
  }

  /** Puts files here for messages; what is here already is not written again. */
  put(blobs: readonly KeptBlob[], uses: readonly BlobUse[]): Promise<Stored> {
    return this.#write(async (tx) => {
      await this.#putBlobs(tx, blobs);
      for (const use of uses) await tx.objectStore('uses').put(use);
    });
  }

  /** Puts a file that was fetched here, unless every message that wanted it was erased meanwhile. */
  putWanted(blob: KeptBlob): Promise<Stored> {
    return this.#write(async (tx) => {
      if ((await tx.objectStore('uses').index('hash').count(blob.hash)) > 0) await this.#putBlobs(tx, [blob]);
    }, 'relaxed');
  }

  /**
   * Changes what stands in a composer, whatever another tab has made of it meanwhile. What stands there no more, and is
   * nobody's, goes.
   * @param blobs bytes of what is new in it
   * @param chosen what that was made of, which goes; where it went to another tab meanwhile, nothing changes
   */
  compose(
    of: string,
    change: (files: readonly Attachment[]) => readonly Attachment[],
    blobs: readonly KeptBlob[] = [],
    chosen: ChosenBy | null = null
  ): Promise<Composed> {
    return this.#changeFiles(async (tx) => {
      const before = (await tx.objectStore('files').get(of))?.files ?? [];
      if (chosen && !(await takeChosen(tx, of, chosen))) return before;
      const files = change(before);
      const standing = new Set(files.flatMap(hashesOf));
      await this.#putBlobs(
        tx,
        blobs.filter(({ hash }) => standing.has(hash))
      );
      await putRow(tx, { of, files });
      for (const hash of new Set(before.flatMap(hashesOf).filter((one) => !standing.has(one))))
        await dropUnused(tx, hash);
      return files;
    });
  }

  /** Files leave their composer for a message, in one tab alone: another one finds what is left there. */
  take(taken: TakenFor & { readonly of: string }, most: number): Promise<Composed> {
    return this.#changeFiles(async (tx) => {
      const files = (await tx.objectStore('files').get(taken.of))?.files ?? [];
      const going = files.slice(0, most);
      await putRow(tx, { of: taken.of, files: files.slice(most) });
      await putTaken(tx, going, taken);
      return going;
    });
  }

  /** These are to go with a message, and stay until it is in the outbox. */
  hold(files: readonly Attachment[], taken: TakenFor): Promise<Stored> {
    return this.#write((tx) => putTaken(tx, files, taken));
  }

  /** The message is in the outbox, and holds its files itself. */
  settle(entry: string): Promise<Stored> {
    return this.#write((tx) => tx.objectStore('files').delete(takenKey(entry)));
  }

  /** The same by the tab that took them: where it was taken for gone meanwhile, they stand in their composer again, and leave it. */
  settleTaken(files: readonly Attachment[], taken: TakenFor & { readonly of: string }): Promise<Composed> {
    return this.#changeFiles(async (tx) => {
      const now = (await tx.objectStore('files').get(taken.of))?.files ?? [];
      const key = takenKey(taken.entry);
      if ((await tx.objectStore('files').getKey(key)) !== undefined) {
        await tx.objectStore('files').delete(key);
        return now;
      }
      const left = now.filter(({ hash }) => !files.some((one) => one.hash === hash));
      await putRow(tx, { of: taken.of, files: left });
      await putUses(tx, files, taken);
      return left;
    });
  }

  /** The message never got into the outbox: its files stand before those that its composer has now. */
  giveBack(entry: string): Promise<Stored> {
    return this.#write(async (tx) => {
      const row = await tx.objectStore('files').get(takenKey(entry));
      if (!row?.taken) return;
      const { room, of } = row.taken;
      await tx.objectStore('files').delete(row.of);
      if (of !== null) {
        const now = (await tx.objectStore('files').get(of))?.files ?? [];
        await putRow(tx, { of, files: distinctFiles([...row.files, ...now]) });
      }
      await eraseUses(tx, IDBKeyRange.bound([room, entry], [room, entry, []]));
    });
  }

  files(): Promise<FilesRow[]> {
    return this.#connection.use((db) => db.getAll('files'));
  }

  /** What stands in one composer. */
  async composed(of: string): Promise<readonly Attachment[]> {
    return (await this.#connection.use((db) => db.get('files', of)))?.files ?? [];
  }

  /** Files belong to these messages, too, be they here already or not yet. */
  use(uses: readonly BlobUse[]): Promise<Stored> {
    return this.#write(async (tx) => {
      for (const use of uses) await tx.objectStore('uses').put(use);
    }, 'relaxed');
  }

  /**
   * The bytes, or null where they are not here.
   * @param use of the message that they are shown for: from now on they are its, too
   */
  async get(hash: BlobHash, use: BlobUse | null = null): Promise<Blob | null> {
    const bytes = await this.#connection.use((db) => db.get('bytes', hash));
    if (!bytes) return null;
    const note = async (tx: BlobWrite): Promise<void> => {
      const row = await tx.objectStore('blobs').get(hash);
      if (!row) return;
      await tx.objectStore('blobs').put({ ...row, usedAt: this.#now() });
      if (use) await tx.objectStore('uses').put(use);
    };
    const noted = this.#write(note, 'relaxed');
    // Else it only says what is let go of first.
    if (use) await noted;
    return bytes;
  }

  /** Which of these are here. */
  async has(hashes: readonly BlobHash[]): Promise<boolean> {
    const keys = await this.#connection.use((db) => Promise.all(hashes.map((hash) => db.getKey('blobs', hash))));
    return keys.every((key) => key !== undefined);
  }

  rows(): Promise<BlobRow[]> {
    return this.#connection.use((db) => db.getAll('blobs'));
  }

  /** The content of these messages was erased: a file that is no other one's goes with them. */
  erase(room: string, entries: readonly string[]): Promise<Stored> {
    return this.#write(async (tx) => {
      for (const entry of entries) await eraseUses(tx, IDBKeyRange.bound([room, entry], [room, entry, []]));
    });
  }

  /** All that is of no other room goes, but for files of these messages. */
  eraseRoom(room: string, but: ReadonlySet<string> = new Set()): Promise<Stored> {
    return this.#write(async (tx) => {
      const keys = await tx.objectStore('uses').getAllKeys(IDBKeyRange.bound([room], [room, []]));
      for (const entry of new Set(keys.map(([, id]) => id)))
        if (!but.has(entry)) await eraseUses(tx, IDBKeyRange.bound([room, entry], [room, entry, []]));
    });
  }

  /** Rooms that files here belong to messages of. */
  async rooms(): Promise<string[]> {
    const keys = await this.#connection.use((db) => db.getAllKeys('uses'));
    return [...new Set(keys.map(([room]) => room))];
  }

  /** Lets go of these, whoever's they are, for they can be fetched again; but not of what was used since, or is composed. */
  drop(rows: readonly BlobRow[]): Promise<Stored> {
    return this.#write(async (tx) => {
      const composed = await composedHashes(tx);
      for (const { hash, usedAt } of rows) {
        const now = await tx.objectStore('blobs').get(hash);
        if (now?.usedAt === usedAt && !composed.has(hash)) await dropBlob(tx, hash);
      }
    });
  }

  uploads(): Promise<UploadRow[]> {
    return this.#connection.use((db) => db.getAll('uploads'));
  }
  putUpload(row: UploadRow): Promise<Stored> {
    return this.#write((tx) => tx.objectStore('uploads').put(row));
  }
  deleteUpload(hash: BlobHash): Promise<Stored> {
    return this.#write((tx) => tx.objectStore('uploads').delete(hash));
  }

  /** Takes over all that another one holds but for its uploads, file by file. Throws when it cannot. */
  async adopt(other: BlobDb): Promise<void> {
    const uses = await other.#connection.use((db) => db.getAll('uses'));
    for (const { hash } of await other.rows()) {
      const bytes = await other.get(hash);
      if (!bytes) continue;
      const own = uses.filter((use) => use.hash === hash);
      const stored = await this.put([{ hash, bytes }], own);
      if (!stored.ok) throw new Error(`cannot write ${this.name}: ${stored.failure}`);
    }
    for (const row of await other.files()) {
      const stored = await this.#write((tx) => putRow(tx, row));
      if (!stored.ok) throw new Error(`cannot write ${this.name}: ${stored.failure}`);
    }
    for (const part of await other.recordings.all()) {
      const stored = await this.recordings.put(part);
      if (!stored.ok) throw new Error(`cannot write ${this.name}: ${stored.failure}`);
    }
    for (const row of await other.chosen.all()) {
      const bytes = await other.chosen.bytes(row.id);
      const stored = bytes && (await this.chosen.put(row, bytes));
      if (stored?.ok === false) throw new Error(`cannot write ${this.name}: ${stored.failure}`);
    }
  }

  close(): void {
    this.#connection.close();
  }

  async #putBlobs(tx: BlobWrite, blobs: readonly KeptBlob[]): Promise<void> {
    for (const { hash, bytes } of blobs) {
      const known = await tx.objectStore('blobs').get(hash);
      await tx.objectStore('blobs').put({ hash, size: bytes.size, usedAt: this.#now() });
      if (!known) await tx.objectStore('bytes').put(bytes, hash);
    }
  }

  async #changeFiles(run: (tx: BlobWrite) => Promise<readonly Attachment[]>): Promise<Composed> {
    let files: readonly Attachment[] = [];
    const stored = await this.#write(async (tx) => {
      files = await run(tx);
    });
    return stored.ok ? { ok: true, files } : stored;
  }

  /** @param durability relaxed: it can be had again, and what is looked at does not wait for the disk itself */
  #write(run: (tx: BlobWrite) => Promise<unknown>, durability: 'strict' | 'relaxed' = 'strict'): Promise<Stored> {
    return this.#connection.write(ALL_STORES, durability, run);
  }
}

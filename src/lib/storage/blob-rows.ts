// Rows of the database of files, and what one transaction does with them. Invariant: a file whose last message went, and
// that stands in no composer, goes in the same transaction.

import type { DBSchema, IDBPTransaction } from 'idb';
import type { Attachment } from '#protocol/attachment.ts';
import type { BlobHash } from '#protocol/ids.ts';
import type { ChosenFile } from './chosen-files.ts';
import type { RecordedPart } from './recorded-parts.ts';

/** What is known of a file without reading it. */
export interface BlobRow {
  readonly hash: BlobHash;
  /** Bytes. */
  readonly size: number;
  /** Epoch ms: put here, or read last. */
  readonly usedAt: number;
}

/** A message whose file it is. When the last one goes, the file goes. */
export interface BlobUse {
  readonly room: string;
  readonly entry: string;
  readonly hash: BlobHash;
}

export interface UploadRow {
  readonly hash: BlobHash;
  /** Of the upload at the server; null: none is under way. */
  readonly id: string | null;
  /** Epoch ms when the server had all of it; null: it has not, as far as one knows. */
  readonly doneAt: number | null;
}

/** Files that stand in a composer, or are on their way from there into the outbox. */
export interface FilesRow {
  /** The room, or what in it; as drafts. On their way: of the message. */
  readonly of: string;
  readonly files: readonly Attachment[];
  readonly taken?: TakenFor;
}

/** Of files on their way: should they not get there, they go back. */
export interface TakenFor {
  readonly room: string;
  readonly entry: string;
  /** The composer that they come from; null: they stood in none. */
  readonly of: string | null;
  /** The tab that brings them. */
  readonly tab: string;
}

/** A file with its bytes. */
export interface KeptBlob {
  readonly hash: BlobHash;
  readonly bytes: Blob;
}

export interface BlobSchema extends DBSchema {
  blobs: { key: string; value: BlobRow };
  bytes: { key: string; value: Blob };
  uses: { key: [string, string, string]; value: BlobUse; indexes: { hash: string } };
  uploads: { key: string; value: UploadRow };
  files: { key: string; value: FilesRow };
  recordings: { key: [string, string, number]; value: RecordedPart };
  chosen: { key: [string, string]; value: ChosenFile };
}
export type BlobStore = 'blobs' | 'bytes' | 'uses' | 'uploads' | 'files' | 'chosen';
export type BlobWrite = IDBPTransaction<BlobSchema, BlobStore[], 'readwrite'>;

export const ALL_STORES: BlobStore[] = ['blobs', 'bytes', 'uses', 'uploads', 'files', 'chosen'];

export async function putRow(tx: BlobWrite, row: FilesRow): Promise<void> {
  if (row.files.length === 0) await tx.objectStore('files').delete(row.of);
  else await tx.objectStore('files').put(row);
}

export async function putTaken(tx: BlobWrite, files: readonly Attachment[], taken: TakenFor): Promise<void> {
  await putRow(tx, { of: takenKey(taken.entry), files, taken });
  await putUses(tx, files, taken);
}

export async function putUses(tx: BlobWrite, files: readonly Attachment[], taken: TakenFor): Promise<void> {
  for (const hash of files.flatMap(hashesOf)) await tx.objectStore('uses').put({ ...placeOf(taken), hash });
}

const placeOf = ({ room, entry }: TakenFor): Omit<BlobUse, 'hash'> => ({ room, entry });
/** No composer goes by this. */
export const takenKey = (entry: string): string => `taken ${entry}`;

export async function eraseUses(tx: BlobWrite, range: IDBKeyRange): Promise<void> {
  const gone = await tx.objectStore('uses').getAll(range);
  if (gone.length === 0) return;
  await tx.objectStore('uses').delete(range);
  for (const hash of new Set(gone.map((use) => use.hash))) await dropUnused(tx, hash);
}

/** Unless a message has it, or it stands in a composer. */
export async function dropUnused(tx: BlobWrite, hash: BlobHash): Promise<void> {
  if ((await tx.objectStore('uses').index('hash').count(hash)) > 0) return;
  if (!(await composedHashes(tx)).has(hash)) await dropBlob(tx, hash);
}

export async function composedHashes(tx: BlobWrite): Promise<Set<BlobHash>> {
  return new Set((await tx.objectStore('files').getAll()).flatMap(({ files }) => files.flatMap(hashesOf)));
}

export async function dropBlob(tx: BlobWrite, hash: BlobHash): Promise<void> {
  await tx.objectStore('blobs').delete(hash);
  await tx.objectStore('bytes').delete(hash);
}

/** Hashes of a file and of what stands for it. */
export const hashesOf = ({ hash, thumbnail }: Attachment): BlobHash[] => (thumbnail ? [hash, thumbnail.hash] : [hash]);

/** Each file once, where it stands first. */
export const distinctFiles = (files: readonly Attachment[]): Attachment[] =>
  [...new Map(files.toReversed().map((file) => [file.hash, file])).values()].toReversed();

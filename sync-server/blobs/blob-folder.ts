// The files themselves: `uploads/<id>` while their bytes come in, `blobs/<aa>/<hash>` from then on, in the data folder.
// Invariant: what is in blobs/ has all the bytes that its name says, on disk; it comes there by one rename.

import { mkdir, open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isBlobHash, type BlobHash } from '#protocol/ids.ts';
import { folderBytes, freeBytes } from '../store/folder-size.ts';

/** Ids are made by `Uploads` alone, so that no name of anybody's is ever a path. */
const UPLOAD_ID = /^[A-Za-z0-9_-]{22}$/;
export const isUploadId = (value: string): boolean => UPLOAD_ID.test(value);

/** For the owner of the process alone. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

export class BlobFolder {
  readonly #dataDir: string;
  readonly #blobs: string;
  readonly #uploads: string;

  private constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#blobs = path.join(dataDir, 'blobs');
    this.#uploads = path.join(dataDir, 'uploads');
  }

  static async open(dataDir: string): Promise<BlobFolder> {
    const folder = new BlobFolder(dataDir);
    await mkdir(folder.#blobs, { recursive: true, mode: FOLDER_MODE });
    await mkdir(folder.#uploads, { recursive: true, mode: FOLDER_MODE });
    await syncFolder(dataDir);
    return folder;
  }

  blobPath(hash: BlobHash): string {
    if (!isBlobHash(hash)) throw new TypeError('not a hash');
    return path.join(this.#blobs, hash.slice(0, 2), hash);
  }

  uploadPath(id: string): string {
    if (!isUploadId(id)) throw new TypeError('not an upload');
    return path.join(this.#uploads, id);
  }

  async createUpload(id: string): Promise<void> {
    await (await open(this.uploadPath(id), 'wx', FILE_MODE)).close();
  }

  openUpload(id: string): Promise<FileHandle> {
    return open(this.uploadPath(id), 'r+');
  }

  /** null: it is not there. */
  async upload(id: string): Promise<{ readonly size: number; readonly mtimeMs: number } | null> {
    return stat(this.uploadPath(id)).catch(absent);
  }

  /** Bytes; null: it is not there. */
  async blobSize(hash: BlobHash): Promise<number | null> {
    return (await stat(this.blobPath(hash)).catch(absent))?.size ?? null;
  }

  openBlob(hash: BlobHash): Promise<FileHandle> {
    return open(this.blobPath(hash), 'r');
  }

  /** An upload whose bytes are those of the hash becomes the blob. Once it resolves, a power loss takes it no more. */
  async moveIn(id: string, hash: BlobHash): Promise<void> {
    const [from, to] = [this.uploadPath(id), this.blobPath(hash)];
    const handle = await open(from, 'r+');
    await handle.sync().finally(() => handle.close());
    const folder = path.dirname(to);
    const made = await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    if (made !== undefined) await syncFolder(this.#blobs);
    await rename(from, to);
    await syncFolder(folder);
  }

  async removeUpload(id: string): Promise<void> {
    await unlink(this.uploadPath(id)).catch(absent);
  }

  async removeBlob(hash: BlobHash): Promise<void> {
    const file = this.blobPath(hash);
    const isGone = (await unlink(file).catch(absent)) === null;
    if (!isGone) await syncFolder(path.dirname(file));
  }

  /** Names of all files that are here as blobs; what is none of ours is passed over. */
  async *blobs(): AsyncGenerator<BlobHash> {
    for (const folder of await readdir(this.#blobs, { withFileTypes: true })) {
      if (!folder.isDirectory()) continue;
      for (const name of await readdir(path.join(this.#blobs, folder.name))) {
        if (isBlobHash(name) && name.startsWith(folder.name)) yield name;
      }
    }
  }

  async uploads(): Promise<string[]> {
    return (await readdir(this.#uploads)).filter(isUploadId);
  }

  /** Bytes of all files. */
  async bytes(): Promise<number> {
    const [blobs, uploads] = await Promise.all([folderBytes(this.#blobs), folderBytes(this.#uploads)]);
    return blobs + uploads;
  }

  freeBytes(): Promise<number> {
    return freeBytes(this.#dataDir);
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** Not every system can sync a folder; only a disk that fails at it is an error. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') throw error;
  }
}

// The folder that holds everything the server keeps: made for its owner alone, and when it cannot be used, one line
// that says which folder and why.

import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from './key-value.ts';
import type { StoreErrorCode } from './key-value.ts';

const CODES: Readonly<Record<string, readonly [StoreErrorCode, string]>> = {
  EACCES: ['read-only', 'permission denied'],
  EPERM: ['read-only', 'permission denied'],
  EROFS: ['read-only', 'the file system is read-only'],
  ENOSPC: ['full', 'the disk is full'],
  EDQUOT: ['full', 'the disk quota is used up'],
  EEXIST: ['io', 'it is a file, not a folder'],
  ENOTDIR: ['io', 'part of its path is a file, not a folder']
};

/** Makes the data folder when it is missing, readable by its owner alone; gives the path of the database in it. */
export async function prepareDataFolder(dataDir: string): Promise<string> {
  const database = join(dataDir, 'db');
  try {
    const made = await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await mkdir(database, { recursive: true, mode: 0o700 });
    await syncFolder(dataDir);
    if (made !== undefined) await syncFolder(join(made, '..'));
  } catch (cause) {
    const [code, reason] = CODES[(cause as NodeJS.ErrnoException).code ?? ''] ?? ['io', (cause as Error).message];
    throw new StoreError(code, `cannot use the data folder ${dataDir}: ${reason}`, { cause });
  }
  return database;
}

/** A LevelDB error of opening, in words for whoever starts the server. */
export function openingError(dataDir: string, error: StoreError): StoreError {
  const reasons: Partial<Record<StoreErrorCode, string>> = {
    locked: `another Roost is running on the data folder ${dataDir}; stop it first, or choose another folder`,
    'read-only': `cannot write to the data folder ${dataDir}: permission denied, or a read-only file system`,
    full: `cannot open the data folder ${dataDir}: the disk is full`,
    corrupt: `the database in the data folder ${dataDir} is damaged: ${error.message}`
  };
  const message = reasons[error.code] ?? `cannot open the data folder ${dataDir}: ${error.message}`;
  return new StoreError(error.code, message, { cause: error });
}

/**
 * A new folder is there after a power loss only when the one that it is in was synced. Not every system allows that
 * (Windows, some network drives, a parent that we may not read); only a disk that fails at it is an error.
 */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EIO') throw error;
  }
}

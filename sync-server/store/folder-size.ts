// How much of the disk a folder takes, and how much is left for it.

import { readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of its files, with those of its folders; 0 when it is not there. What vanishes meanwhile counts nothing. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(nothingThere);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return folderBytes(file);
      return entry.isFile() ? ((await stat(file).catch(() => null))?.size ?? 0) : 0;
    })
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** What may still be written there by who is no superuser; 0 when it is not there. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

function nothingThere(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}

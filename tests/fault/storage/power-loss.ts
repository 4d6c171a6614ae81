// Power loss for a process under test: builds the preloaded library of drop-unsynced.c, and after the process was
// killed cuts each file of a folder to what was synced of it, or a little more, as a real one leaves it.

import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, realpath, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SOURCE = join(import.meta.dirname, 'drop-unsynced.c');

export interface LossReport {
  /** Bytes taken away, over all files. */
  readonly lostBytes: number;
  readonly cutFiles: readonly string[];
}

/** A folder whose unsynced bytes can be taken away. The process under test must be started with `env`. */
export class LossyFolder {
  readonly folder: string;
  /** Goes on top of the environment of the process under test. */
  readonly env: Readonly<Record<string, string>>;
  readonly #scratch: string;

  private constructor(folder: string, scratch: string) {
    this.folder = folder;
    this.#scratch = scratch;
    this.env = {
      LD_PRELOAD: join(scratch, 'drop-unsynced.so'),
      DROP_UNSYNCED_DIR: folder,
      DROP_UNSYNCED_JOURNAL: this.#journal,
      DROP_UNSYNCED_FAIL: this.#failFlag,
      // Syncs through io_uring would pass no function of the C library.
      UV_USE_IO_URING: '0'
    };
  }

  /** The folder must exist. What is in it by now counts as synced. */
  static async watch(folder: string): Promise<LossyFolder> {
    const scratch = await mkdtemp(join(tmpdir(), 'roost-power-'));
    const lossy = new LossyFolder(await realpath(folder), scratch);
    try {
      await promisify(execFile)('cc', ['-shared', '-fPIC', '-O2', '-o', lossy.env['LD_PRELOAD']!, SOURCE, '-ldl']);
    } catch (cause) {
      await lossy.dispose();
      throw new Error('the storage fault tests need a C compiler named cc (on Debian: apt-get install gcc libc6-dev)', {
        cause
      });
    }
    await lossy.takeAsSynced();
    return lossy;
  }

  /**
   * Cuts every file to its synced length plus `keep(bytes that were not synced)`. Only after every process that was
   * started with `env` is dead. What is left counts as synced from then on.
   */
  async losePower(keep: (unsyncedBytes: number) => number = () => 0): Promise<LossReport> {
    const safe = new Map<string, number>();
    for (const line of (await readFile(this.#journal, 'utf8')).split('\n').filter(Boolean)) {
      const [kind, inode, length] = line.split(' ') as [string, string, string];
      safe.set(inode, kind === '=' ? Number(length) : Math.min(Number(length), safe.get(inode) ?? 0));
    }
    let lostBytes = 0;
    const cutFiles: string[] = [];
    for (const { path, inode, size } of await this.#files()) {
      const synced = Math.min(safe.get(inode) ?? 0, size);
      const left = synced + (size > synced ? keep(size - synced) : 0);
      if (left === size) continue;
      await truncate(path, left);
      lostBytes += size - left;
      cutFiles.push(path);
    }
    await this.takeAsSynced();
    return { lostBytes, cutFiles };
  }

  /** What is in the folder by now is safe: to be called when a process without `env` has written to it. */
  async takeAsSynced(): Promise<void> {
    await writeFile(this.#journal, '');
    for (const { inode, size } of await this.#files()) await appendFile(this.#journal, `= ${inode} ${size}\n`);
  }

  /** While true, every sync in the folder fails with EIO. */
  async failSyncs(fail: boolean): Promise<void> {
    if (fail) await writeFile(this.#failFlag, '');
    else await rm(this.#failFlag, { force: true });
  }

  /** Removes the library and the journal; the folder is its owner's. */
  async dispose(): Promise<void> {
    await rm(this.#scratch, { recursive: true, force: true });
  }

  get #journal(): string {
    return join(this.#scratch, 'journal');
  }

  get #failFlag(): string {
    return join(this.#scratch, 'fail-syncs');
  }

  async #files(): Promise<{ path: string; inode: string; size: number }[]> {
    const found = [];
    for (const entry of await readdir(this.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const { ino, size } = await stat(path, { bigint: true });
      found.push({ path, inode: String(ino), size: Number(size) });
    }
    return found;
  }
}

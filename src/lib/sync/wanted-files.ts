// Files that a person wants and that could not be had: fetched with the next line, once, also after a restart.
// Invariant: a wish goes when the file is here, or is nowhere any more, and not before.

import type { BlobClaim } from '#protocol/attachment.ts';
import { DECIDED_METAS } from '../storage/decided-metas.ts';
import type { UserDb } from '../storage/user-db.ts';
import type { Fetched } from './files.ts';
import { Rerun } from './rerun.ts';

interface Wish {
  readonly room: string;
  readonly entry: string;
  readonly claim: BlobClaim;
}

export interface WantedFilesOptions {
  readonly db: Pick<UserDb, 'meta' | 'putMeta'>;
  /** There is a line. */
  readonly isUp: () => boolean;
  readonly fetch: (room: string, entry: string, claim: BlobClaim) => Promise<Fetched>;
}

const WANTED_FILES = DECIDED_METAS.filesWanted;

export class WantedFiles {
  readonly #options: WantedFilesOptions;
  #wishes: readonly Wish[] = [];
  /** One after the other: each begins with what is on the disk, where another tab may have written. */
  #queue: Promise<unknown> = Promise.resolve();
  readonly #fetching = new Rerun(() => this.#fetchAll());
  readonly #listeners = new Set<(hash: string) => void>();

  constructor(options: WantedFilesOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    this.#wishes = (await this.#options.db.meta<readonly Wish[]>(WANTED_FILES)) ?? [];
  }

  has(hash: string): boolean {
    return this.#wishes.some(({ claim }) => claim.hash === hash);
  }

  /** Called with the file that is wanted, or not any more. */
  listen(listener: (hash: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves once it is on disk. Where the line has come meanwhile, there may be no next one for long. */
  async want(room: string, entry: string, { hash, type, size }: BlobClaim): Promise<void> {
    const wish = { room, entry, claim: { hash, type, size } };
    await this.#change(hash, wish);
    if (this.#options.isUp()) void this.lineUp();
  }

  /** There is a line: one file after the other, as far as the line lasts. */
  lineUp(): Promise<void> {
    return this.#fetching.run();
  }

  async #fetchAll(): Promise<void> {
    for (const { room, entry, claim } of this.#wishes) {
      const { kind } = await this.#options.fetch(room, entry, claim);
      if (kind === 'offline') return;
      await this.#change(claim.hash, null);
    }
  }

  /** @param wish null: it is not wanted any more */
  #change(hash: string, wish: Wish | null): Promise<void> {
    const changed = this.#queue.then(async () => {
      const onDisk = (await this.#options.db.meta<readonly Wish[]>(WANTED_FILES).catch(() => this.#wishes)) ?? [];
      const others = onDisk.filter(({ claim }) => claim.hash !== hash);
      this.#wishes = wish ? [...others, wish] : others;
      // What the disk does not take holds as long as this tab.
      await this.#options.db.putMeta(WANTED_FILES, this.#wishes);
      for (const listener of [...this.#listeners]) listener(hash);
    });
    this.#queue = changed.catch(() => undefined);
    return changed;
  }
}

// Files that messages of one room show: how far they are on their way, up or down.

import type { BlobClaim } from '#protocol/attachment.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { UploadProgress } from '../sync/uploads.ts';
import type { FileAddresses } from './file-addresses.ts';
import { FileView } from './file-view.svelte.ts';
import type { FileModel } from './room-files.ts';
import { Turns } from './turns.ts';

type FilesClient = Pick<SyncClient, 'files' | 'wantedFiles' | 'uploads' | 'outbox' | 'hold'>;

export interface FilesShownOptions {
  readonly room: string;
  /** Of all rooms: a file that is forwarded is shown in several. */
  readonly addresses: FileAddresses;
  /** Of all rooms: what nobody waits for leaves the line to what somebody does. */
  readonly turns: Turns;
  /** null: between two. */
  readonly client: () => FilesClient | null;
}

export class FilesShown {
  readonly #options: FilesShownOptions;
  /** Grows with what is heard of uploads and wishes. */
  #news = $state(0);
  readonly #open = new Set<FileView>();
  /** What one looks at now goes before what one has scrolled past. */
  readonly #looks = new Turns(4, { newestFirst: true });
  /** Fetched unasked, or on the way: each once, however often it is seen. */
  readonly #kept = new Set<string>();

  constructor(options: FilesShownOptions) {
    this.#options = options;
  }

  /** @returns ends it */
  attach(client: FilesClient): () => void {
    const stops = [
      client.uploads.listen(() => (this.#news += 1)),
      client.wantedFiles.listen((hash) => {
        this.#news += 1;
        for (const view of this.#open) if (view.hash === hash) void view.lookAgain();
      })
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  upload(message: string): UploadProgress | null {
    void this.#news;
    const pending = this.#options.client()?.outbox.get(this.#options.room, message);
    return pending && pending.state !== 'failed' ? (this.#options.client()?.uploads.progress(pending) ?? null) : null;
  }

  open(message: string | null, claim: BlobClaim): FileModel {
    const { room, addresses } = this.#options;
    const view: FileView = new FileView({
      ...{ hash: claim.hash, size: claim.size, addresses },
      isWanted: () => {
        void this.#news;
        return this.#options.client()?.wantedFiles.has(claim.hash) ?? false;
      },
      want: () => {
        const client = this.#options.client();
        if (client && message !== null) void client.hold(client.wantedFiles.want(room, message, claim));
      },
      closed: () => this.#open.delete(view),
      kept: async () => (await this.#options.client()?.files.kept(room, message, claim.hash)) ?? null,
      fetch: async (progress) => {
        // What stands in a composer is nowhere else.
        if (message === null) return { kind: 'absent' };
        const fetched = await this.#looks.take(async () =>
          this.#open.has(view) ? this.#options.client()?.files.fetch(room, message, claim, progress) : null
        );
        return fetched ?? { kind: 'offline' };
      }
    });
    this.#open.add(view);
    return view;
  }

  keep(message: string, claim: BlobClaim): void {
    const { hash } = claim;
    if (this.#kept.has(hash)) return;
    this.#kept.add(hash);
    void this.#options.turns.take(async () => {
      const fetched = (await this.#options.client()?.files.fetch(this.#options.room, message, claim)) ?? null;
      if (fetched?.kind === 'here') for (const view of this.#open) if (view.hash === hash) view.found(fetched.bytes);
      // With the next line once more.
      if (fetched?.kind !== 'here' && fetched?.kind !== 'absent') this.#kept.delete(hash);
    });
  }
}

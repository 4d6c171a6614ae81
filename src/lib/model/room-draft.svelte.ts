// What is typed in a room's composer and not sent yet. Invariant: each text is written to disk at once, since the app
// may be gone at the next key; what is typed while one is being written goes into the next write.

import type { SyncClient } from '../sync/sync-client.ts';

export class RoomDraft {
  readonly #room: string;
  readonly #saved: () => void;
  #client: SyncClient | null = null;
  #text = $state('');
  #saving: Promise<void> | null = null;

  /** @param saved called when all that was typed is on disk */
  constructor(room: string, saved: () => void) {
    this.#room = room;
    this.#saved = saved;
  }

  get text(): string {
    return this.#text;
  }

  attach(client: SyncClient): void {
    this.#client = client;
    if (this.#text === '') this.#text = client.draft(this.#room);
  }

  /** What was typed last is still written. */
  detach(): void {
    void this.flush();
    this.#client = null;
  }

  set(text: string): void {
    this.#text = text;
    void this.flush();
  }

  /** Another tab wrote in the same room's composer. */
  setElsewhere(text: string): void {
    this.#text = text;
  }

  /** Resolves once the draft is on disk. */
  flush(): Promise<void> {
    if (!this.#client) return Promise.resolve();
    this.#saving ??= this.#save(this.#client);
    return this.#saving;
  }

  async #save(client: SyncClient): Promise<void> {
    try {
      for (let saved: string | null = null; saved !== this.#text;) {
        saved = this.#text;
        await client.setDraft(this.#room, saved);
      }
    } finally {
      this.#saving = null;
    }
    this.#saved();
  }
}

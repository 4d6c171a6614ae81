// What is typed in a room's composer and not sent yet. Invariant: each text is written to disk at once, since the app
// may be gone at the next key; what is typed while one is being written goes into the next write. What goes with a message
// leaves the disk after that is there.

/** Where drafts are kept: the sync client, by room or by what else they belong to. */
export interface DraftStore {
  draft(of: string): string;
  setDraft(of: string, text: string): Promise<void>;
}

export class RoomDraft {
  readonly #of: string;
  readonly #saved: () => void;
  #store: DraftStore | null = null;
  #text = $state('');
  #saving: Promise<void> | null = null;
  /** What is on its way into messages, each once. */
  readonly #going = new Map<object, string>();
  /** Something was written while there was no store. */
  #unwritten = false;

  /**
   * @param of the room, or what in it
   * @param saved called when all that was typed is on disk
   */
  constructor(of: string, saved: () => void) {
    this.#of = of;
    this.#saved = saved;
  }

  get text(): string {
    return this.#text;
  }

  attach(store: DraftStore): void {
    this.#store = store;
    if (this.#kept === '' && !this.#unwritten) this.#text = store.draft(this.#of);
    // Typed while there was no store, as between two generations: it is on no disk yet.
    else void this.flush();
    this.#unwritten = false;
  }

  /** What was typed last is still written. */
  detach(): void {
    void this.flush();
    this.#store = null;
  }

  set(text: string): void {
    this.#text = text;
    void this.#write();
  }

  /** What stands here goes with a message: it is shown no more. @returns to be called once that is on disk */
  take(): () => Promise<void> {
    const taken = {};
    this.#going.set(taken, this.#text);
    this.#text = '';
    return async () => {
      this.#going.delete(taken);
      await this.#write();
    };
  }

  /** What is kept by now, whichever tab wrote it, unless something of this one's is on its way there. */
  reread(): void {
    if (this.#store && !this.#saving && !this.#unwritten) this.#text = this.#store.draft(this.#of);
  }

  /** Another tab wrote in the same room's composer. */
  setElsewhere(text: string): void {
    this.#text = text;
  }

  /** Resolves once the draft is on disk. */
  flush(): Promise<void> {
    if (!this.#store) return Promise.resolve();
    this.#saving ??= this.#save(this.#store);
    return this.#saving;
  }

  #write(): Promise<void> {
    this.#unwritten = this.#store === null;
    return this.flush();
  }

  /** What is to be on disk. */
  get #kept(): string {
    return [...this.#going.values(), this.#text].filter((text) => text !== '').join('\n');
  }

  async #save(store: DraftStore): Promise<void> {
    try {
      for (let saved: string | null = null; saved !== this.#kept;) {
        saved = this.#kept;
        await store.setDraft(this.#of, saved);
      }
    } finally {
      this.#saving = null;
    }
    this.#saved();
  }
}

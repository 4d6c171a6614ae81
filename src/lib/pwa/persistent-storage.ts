// Asks the browser not to clear Roost's data when space runs short. Asked once a visit, after the first message,
// when the person has shown that they mean to stay.

export class PersistentStorage {
  readonly #storage: StorageManager | null;
  #asked = false;

  constructor(storage: StorageManager | null) {
    this.#storage = storage;
  }

  async ask(): Promise<void> {
    const storage = this.#storage;
    if (this.#asked || !storage || typeof storage.persist !== 'function') return;
    this.#asked = true;
    try {
      if (!(await storage.persisted())) await storage.persist();
    } catch {
      // Some browsers reject in private windows; nothing depends on the answer.
    }
  }
}

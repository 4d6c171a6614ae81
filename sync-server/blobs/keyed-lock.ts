// One at a time for each key, in the order they came; keys do not wait for each other.

export class KeyedLock {
  readonly #last = new Map<string, Promise<unknown>>();

  /** A failure is its caller's alone; the next piece runs all the same. */
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled: Promise<unknown> = result
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key);
      });
    this.#last.set(key, settled);
    return result;
  }

  /** Resolves when all that was begun before has ended. */
  async settled(key: string): Promise<void> {
    await this.#last.get(key);
  }
}

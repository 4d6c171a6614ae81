// What the person writes and is not on this device's disk yet: a client is closed only after it.

export class UnfinishedWrites {
  readonly #writing = new Set<Promise<unknown>>();

  hold<Value>(writing: Promise<Value>): Promise<Value> {
    this.#writing.add(writing);
    const done = (): void => void this.#writing.delete(writing);
    writing.then(done, done);
    return writing;
  }

  /** Resolves once all is written that is being written now, or is known not to be. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }
}

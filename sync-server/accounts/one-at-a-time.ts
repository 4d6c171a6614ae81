// Runs pieces of work one after the other, in the order they came: look-then-write without a race.

export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** A failure is its caller's alone; the next piece runs all the same. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

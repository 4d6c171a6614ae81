// Lets so many things be under way at once; others wait for their turn. Invariant: each has its turn once, in order:
// the oldest first, or the newest.

export class Turns {
  readonly #most: number;
  readonly #newestFirst: boolean;
  #under = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number, { newestFirst = false } = {}) {
    this.#most = most;
    this.#newestFirst = newestFirst;
  }

  async take<Value>(go: () => Promise<Value>): Promise<Value> {
    if (this.#under >= this.#most) await new Promise<void>((turn) => this.#waiting.push(turn));
    else this.#under += 1;
    try {
      return await go();
    } finally {
      const next = this.#newestFirst ? this.#waiting.pop() : this.#waiting.shift();
      if (next) next();
      else this.#under -= 1;
    }
  }
}

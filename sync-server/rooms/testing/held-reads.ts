// Reads of the store that a test holds back: what they found is old by the time that the reader has it.

import type { KeyValue } from '../../store/key-value.ts';

interface Hold {
  readonly prefix: string;
  readonly reached: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
}

export interface HeldRead {
  /** The read has found what it will give. */
  readonly reached: Promise<void>;
  release(): void;
}

export class HeldReads {
  readonly #holds = new Set<Hold>();

  /** Holds the next read that asks for a key with this prefix. */
  next(prefix: string): HeldRead {
    const hold: Hold = { prefix, reached: Promise.withResolvers(), released: Promise.withResolvers() };
    this.#holds.add(hold);
    return { reached: hold.reached.promise, release: () => hold.released.resolve() };
  }

  over(kv: KeyValue): KeyValue {
    return {
      get: (key) => this.#read([key], () => kv.get(key)),
      getMany: (keys) => this.#read(keys, () => kv.getMany(keys)),
      range: (options) => kv.range(options),
      batch: (operations, options) => kv.batch(operations, options),
      compactRange: (from, to) => kv.compactRange(from, to),
      approximateBytes: (from, to) => kv.approximateBytes(from, to),
      close: () => kv.close()
    };
  }

  async #read<Found>(keys: readonly string[], read: () => Promise<Found>): Promise<Found> {
    const hold = [...this.#holds].find(({ prefix }) => keys.some((key) => key.startsWith(prefix)));
    if (!hold) return read();
    this.#holds.delete(hold);
    const found = await read();
    hold.reached.resolve();
    await hold.released.promise;
    return found;
  }
}

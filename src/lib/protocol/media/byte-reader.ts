// Reads a file from its beginning to its end in pieces, so that the longest takes no more memory than a short one, and no
// long time without a pause. Invariant: whatever the bytes say, nothing beyond the end is read.

/** A file, wherever it lies. */
export interface ByteSource {
  readonly size: number;
  /** Exactly these bytes, which are there. */
  read(at: number, length: number): Promise<Uint8Array>;
}

const WINDOW_BYTES = 256 * 1024;
/** What a step of a `Reading` may take, all in all. */
const STEP_BYTES = 64 * 1024;

/** The bytes end before what they announce. */
export class TruncatedError extends Error {
  override readonly name = 'TruncatedError';
}

/**
 * Reads without a pause as far as bytes are at hand, and yields where it needs more: waiting for each of a million bytes
 * takes a hundred times as long as looking at them. Asks `isLow` wherever a file may go on and on.
 */
export type Reading<Result> = Generator<undefined, Result>;

export class ByteReader {
  readonly #source: ByteSource;
  #window = new Uint8Array(0);
  #windowAt = 0;
  #at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** @throws whatever the reading throws */
  async read<Result>(reading: Reading<Result>): Promise<Result> {
    for (;;) {
      if (this.isLow) await this.#fill();
      const step = reading.next();
      if (step.done) return step.value;
    }
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#source.size - this.#at;
  }

  /** Less than a step may take is at hand, and the file has more. */
  get isLow(): boolean {
    const end = this.#windowAt + this.#window.length;
    return end - this.#at < STEP_BYTES && end < this.#source.size;
  }

  /** All bytes at hand, from here on. */
  get ahead(): Uint8Array {
    return this.#window.subarray(this.#at - this.#windowAt);
  }

  /** @param length at most a few KiB, by the caller's own bound @throws TruncatedError */
  take(length: number): Uint8Array {
    if (length > this.left) throw new TruncatedError();
    const from = this.#at - this.#windowAt;
    if (from + length > this.#window.length) throw new RangeError('a step took more than is at hand');
    this.#at += length;
    return this.#window.subarray(from, from + length);
  }

  /** @throws TruncatedError */
  byte(): number {
    if (this.left < 1) throw new TruncatedError();
    const byte = this.#window[this.#at - this.#windowAt];
    if (byte === undefined) throw new RangeError('a step took more than is at hand');
    this.#at += 1;
    return byte;
  }

  /** Goes on behind bytes that nobody looks at: the last thing in a step, where they may be many. @throws TruncatedError */
  pass(length: number): void {
    if (length > this.left) throw new TruncatedError();
    this.#at += length;
  }

  async #fill(): Promise<void> {
    this.#windowAt = this.#at;
    this.#window = new Uint8Array(await this.#source.read(this.#at, Math.min(WINDOW_BYTES, this.left)));
  }
}

export const ascii = (bytes: Uint8Array, from = 0, to = bytes.length): string =>
  String.fromCharCode(...bytes.subarray(from, to));
export const u16be = (bytes: Uint8Array, at = 0): number => (bytes[at]! << 8) | bytes[at + 1]!;
export const u16le = (bytes: Uint8Array, at = 0): number => bytes[at]! | (bytes[at + 1]! << 8);
export const u24le = (bytes: Uint8Array, at = 0): number => u16le(bytes, at) | (bytes[at + 2]! << 16);
export const u32be = (bytes: Uint8Array, at = 0): number => u16be(bytes, at) * 0x1_0000 + u16be(bytes, at + 2);
export const u32le = (bytes: Uint8Array, at = 0): number => u16le(bytes, at) + u16le(bytes, at + 2) * 0x1_0000;

// Reads the primitives of a Yjs V1 update out of bytes that may be hostile: every number is a safe integer, every
// length lies within the bytes, nothing recurses. What does not fit throws MalformedUpdate, which decodeUpdate catches.

import { createDecoder, readAny } from 'lib0/decoding';

/** Never gets far: decodeUpdate and whatever else reads bytes turn it into a typed outcome. */
export class MalformedUpdate extends Error {}

/** A span of the update that holds one value in lib0's `any` encoding. */
export interface AnySpan {
  readonly start: number;
  readonly end: number;
  /** How many arrays and objects lie around the innermost value. */
  readonly depth: number;
  /** The value as JSON is at least so long, in UTF-8 bytes. */
  readonly jsonMinBytes: number;
}

// Type bytes of lib0's `any` encoding.
const UNDEFINED = 127;
const NULL = 126;
const INTEGER = 125;
const FLOAT32 = 124;
const FLOAT64 = 123;
const BIGINT = 122;
const FALSE = 121;
const TRUE = 120;
const STRING = 119;
const OBJECT = 118;
const ARRAY = 117;
const BYTES = 116;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class UpdateReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Counts up while a value is stepped over. */
  #jsonBytes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remainingBytes(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new MalformedUpdate('ends in the middle');
    this.#at += 1;
    return byte;
  }

  varUint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.uint8();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new MalformedUpdate('a number is beyond 53 bits');
      if (byte < 0x80) return value;
      factor *= 128;
      // Eight bytes hold 56 bits: a longer number is beyond 53 bits or padded with zeros.
      if (factor > 2 ** 56) throw new MalformedUpdate('a number is too long');
    }
  }

  /** How many of something follow; each takes at least `bytesEach`, so a false count is found before any work. */
  count(bytesEach: number): number {
    const count = this.varUint();
    if (count * bytesEach > this.remainingBytes) throw new MalformedUpdate('a count is beyond the end');
    return count;
  }

  #passOver(bytes: number): void {
    if (bytes > this.remainingBytes) throw new MalformedUpdate('a length is beyond the end');
    this.#at += bytes;
  }

  /** @returns how many there were */
  skipVarBytes(): number {
    const bytes = this.varUint();
    this.#passOver(bytes);
    return bytes;
  }

  varString(): string {
    const length = this.varUint();
    const start = this.#at;
    this.#passOver(length);
    try {
      return utf8.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      throw new MalformedUpdate('a string is not UTF-8');
    }
  }

  /** Steps over one `any` value without building it; nesting costs a stack of numbers, not of calls. */
  skipAny(): AnySpan {
    const start = this.#at;
    // For each level that is open, what is left to read: n values are n, n keys with values are -n.
    const open = [1];
    let depth = 0;
    this.#jsonBytes = 0;
    while (open.length > 0) {
      const left = open[open.length - 1]!;
      if (left === 0) {
        open.pop();
        continue;
      }
      open[open.length - 1] = left > 0 ? left - 1 : left + 1;
      if (left < 0) this.#jsonBytes += this.skipVarBytes();
      const nested = this.#skipAnyHead();
      if (nested === null) continue;
      open.push(nested);
      if (open.length - 1 > depth) depth = open.length - 1;
    }
    return { start, end: this.#at, depth, jsonMinBytes: this.#jsonBytes };
  }

  /** Steps over a plain value, or over the head of an array or object. @returns what is left of it, null: nothing */
  #skipAnyHead(): number | null {
    const type = this.uint8();
    this.#jsonBytes += 1;
    switch (type) {
      case UNDEFINED:
      case NULL:
      case TRUE:
      case FALSE:
        return null;
      case INTEGER:
        while (this.uint8() >= 0x80);
        return null;
      case FLOAT32:
        this.#passOver(4);
        return null;
      case FLOAT64:
      case BIGINT:
        this.#passOver(8);
        return null;
      case STRING:
      case BYTES:
        this.#jsonBytes += 1 + this.skipVarBytes();
        return null;
      case OBJECT: {
        const keys = this.count(2);
        // Braces, and of each key its quotes, the colon and the comma, which the last one lacks.
        this.#jsonBytes += keys === 0 ? 1 : 4 * keys;
        return -keys;
      }
      case ARRAY: {
        const length = this.count(1);
        this.#jsonBytes += Math.max(1, length);
        return length;
      }
      default:
        throw new MalformedUpdate(`${type} is no type of value`);
    }
  }

  /** Builds the value of a span the way Yjs does. The caller has bounded its depth, as this recurses. */
  anyAt(span: AnySpan): unknown {
    try {
      return readAny(createDecoder(this.#bytes.subarray(span.start, span.end)));
    } catch (error) {
      // Strings that are not UTF-8 and integers beyond 53 bits, which stock Yjs could not read either.
      throw new MalformedUpdate('a value cannot be read', { cause: error });
    }
  }

  /** The string under a key of the object that a span holds, without building the rest; null: there is none. */
  stringAt(span: AnySpan, key: string): string | null {
    const inside = new UpdateReader(this.bytesAt(span));
    if (inside.uint8() !== OBJECT) return null;
    for (let keys = inside.count(2); keys > 0; keys--) {
      const found = inside.varString() === key;
      const value = inside.skipAny();
      if (!found) continue;
      return inside.bytesAt(value)[0] === STRING ? (inside.anyAt(value) as string) : null;
    }
    return null;
  }

  /** A view of the update's bytes: copy it to keep it. */
  bytesAt(span: AnySpan): Uint8Array {
    return this.#bytes.subarray(span.start, span.end);
  }
}

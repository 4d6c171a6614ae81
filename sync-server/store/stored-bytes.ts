// How much of the store some keys take: its own guess, or a count where it is too little to guess.

import type { KeyValue } from './key-value.ts';

const COUNTED_BELOW_BYTES = 256 * 1024;

/** @param ranges from (inclusive) and to (exclusive) */
export async function storedBytes(
  kv: KeyValue,
  ranges: readonly (readonly [from: string, to: string])[]
): Promise<number> {
  const guesses = await Promise.all(ranges.map(([from, to]) => kv.approximateBytes(from, to)));
  const guess = guesses.reduce((sum, bytes) => sum + bytes, 0);
  if (guess >= COUNTED_BELOW_BYTES) return guess;
  let bytes = 0;
  for (const [gte, lt] of ranges) {
    for await (const [key, value] of kv.range({ gte, lt })) bytes += key.length + value.length;
  }
  return bytes;
}

// The order and the legal form of keys: the bytes of their UTF-8, which is what LevelDB sorts by. JavaScript's own
// comparison differs from it outside the basic plane, since surrogates sort below U+E000.

/** Negative, zero or positive, by UTF-8 bytes. Both must be well formed. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates, which stand for everything above U+FFFF, moved behind the rest of the basic plane. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/**
 * Throws TypeError for a key that no store takes: an empty one, one with U+0000 (no text of ours has it), or
 * one with a lone surrogate (two such keys would have the same bytes).
 */
export function checkKey(key: string): void {
  if (typeof key !== 'string' || key === '' || key.includes('\0') || !key.isWellFormed()) {
    throw new TypeError(`not a key: ${JSON.stringify(key)}`);
  }
}

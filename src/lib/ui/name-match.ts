// Finds what was typed in names, for the switcher: every word typed must begin a word of the name, or else
// stand somewhere in it. Case and accents do not count. The ranges tell which letters to mark.

export interface NameMatch {
  /** Lower is better. */
  readonly rank: number;
  /** [start, end) pairs in the name, ascending, not overlapping. */
  readonly ranges: readonly (readonly [number, number])[];
}

export function matchName(name: string, typed: string): NameMatch | null {
  const words = typed.trim().split(/\s+/).filter(Boolean);
  let rank = 0;
  const ranges: [number, number][] = [];
  for (const word of words) {
    const start = find(name, word);
    if (start === null) return null;
    rank += start === 0 ? 0 : isWordStart(name, start) ? 1 : 10;
    ranges.push([start, start + word.length]);
  }
  return { rank, ranges: merged(ranges) };
}

/** Where the word stands: at a word's start if it does anywhere. */
function find(name: string, word: string): number | null {
  let inside: number | null = null;
  for (let i = 0; i + word.length <= name.length; i++) {
    if (!same(name.slice(i, i + word.length), word)) continue;
    if (isWordStart(name, i)) return i;
    inside ??= i;
  }
  return inside;
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', usage: 'search' });
const same = (a: string, b: string): boolean => collator.compare(a, b) === 0;
const isWordStart = (name: string, at: number): boolean => at === 0 || !/[\p{L}\p{N}]/u.test(name.charAt(at - 1));

function merged(ranges: [number, number][]): readonly (readonly [number, number])[] {
  const result: [number, number][] = [];
  for (const range of ranges.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1]);
    else result.push(range);
  }
  return result;
}

/** The name in pieces, marked or not. */
export function markedPieces(
  name: string,
  ranges: NameMatch['ranges']
): readonly { readonly text: string; readonly marked: boolean }[] {
  const pieces: { text: string; marked: boolean }[] = [];
  let end = 0;
  for (const [from, to] of ranges) {
    if (from > end) pieces.push({ text: name.slice(end, from), marked: false });
    pieces.push({ text: name.slice(from, to), marked: true });
    end = to;
  }
  if (end < name.length) pieces.push({ text: name.slice(end), marked: false });
  return pieces;
}

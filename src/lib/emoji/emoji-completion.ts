// What stands before the caret: the beginning of a `:shortcode`, or a whole `:shortcode:`. A colon inside a word, an
// address or a time is none of it.

export interface Begun {
  /** Of the colon, and the end of what belongs to it, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** Without colons. */
  readonly code: string;
}

/** Fewer letters find too much, and ":)" or ":D" is on its way. */
const MIN_CHARS = 2;
const BEGUN = new RegExp(`(?:^|[\\s(])(:([\\w+-]{${MIN_CHARS},40}))$`);
const WHOLE = /(?:^|[\s(])(:([\w+-]{1,40}):)$/;

/** A shortcode that is being typed, or null. */
export const begunCode = (text: string, caret: number): Begun | null => match(BEGUN, text, caret);

/** A shortcode that was just ended with a colon, or null. */
export const wholeCode = (text: string, caret: number): Begun | null => match(WHOLE, text, caret);

function match(pattern: RegExp, text: string, caret: number): Begun | null {
  const found = pattern.exec(text.slice(0, caret));
  if (!found) return null;
  return { from: caret - found[1]!.length, to: caret, code: found[2]!.toLowerCase() };
}

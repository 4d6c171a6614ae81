// A list of words as people type or paste it: words apart by commas, semicolons or lines. Pure. Nothing of it is dropped
// without a word: what cannot be taken is given back.

import { KEYWORD_MAX_CHARS, KEYWORDS_MAX } from '#protocol/limits.ts';
import { tidyKeywords } from '#protocol/notification-rules.ts';

export interface AddedKeywords {
  /** All that are kept from now on. */
  readonly words: readonly string[];
  readonly tooLong: readonly string[];
  /** For which there was no room. */
  readonly over: readonly string[];
}

export function addKeywords(before: readonly string[], typed: string): AddedKeywords {
  const parts = typed.split(/[,;\n\r]+/u).map((part) => part.normalize('NFC').replace(/\s+/gu, ' ').trim());
  const tooLong = parts.filter((part) => part.length > KEYWORD_MAX_CHARS);
  const words = tidyKeywords([...before, ...parts]);
  const kept = new Set(words.map((word) => word.toLowerCase()));
  const isOver = (part: string): boolean =>
    part !== '' && part.length <= KEYWORD_MAX_CHARS && !kept.has(part.toLowerCase());
  return { words, tooLong, over: words.length < KEYWORDS_MAX ? [] : parts.filter(isOver) };
}

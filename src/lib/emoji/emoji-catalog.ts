// The emoji that can be picked, with their names and words, out of the app itself: nothing is asked of anybody. Loaded
// when first needed. Invariant: each sign stands there once, in the one form in which reactions are counted together.

export interface Emoji {
  readonly sign: string;
  /** "party popper". */
  readonly name: string;
  /** Without colons; the usual one first. */
  readonly codes: readonly string[];
  /** What else it is found by, in lower case. */
  readonly words: readonly string[];
}

export interface EmojiGroup {
  readonly name: string;
  readonly emoji: readonly Emoji[];
}

/** One press away, without the catalogue. Each is in it. */
export const USUAL_EMOJI = ['👍', '❤️', '😂', '🎉', '😮', '🙏'] as const;

let loading: Promise<readonly EmojiGroup[]> | null = null;

/** Rejects when the part of the app that holds them cannot be had; the next call asks again. */
export function loadEmoji(): Promise<readonly EmojiGroup[]> {
  loading ??= import('./emoji-en.json').then(
    ({ default: groups }) => groups.map(({ name, emoji }) => ({ name, emoji: emoji.map(read) })),
    (error: unknown) => {
      loading = null;
      throw error;
    }
  );
  return loading;
}

/** As scripts/make-emoji.mjs writes them: sign, name, shortcodes, words. */
const read = ([sign = '', name = '', codes = '', words = '']: readonly string[]): Emoji => ({
  sign,
  name,
  codes: codes.split(' '),
  words: words === '' ? [] : words.split(' ')
});

// Finds emoji by what people type: a shortcode, the name, a word that goes with it. Every word typed must fit.

import type { Emoji, EmojiGroup } from './emoji-catalog.ts';

/** @returns the best first; [] for nothing typed */
export function findEmoji(groups: readonly EmojiGroup[], typed: string, limit: number): readonly Emoji[] {
  const words = typed
    .toLowerCase()
    .split(/[^\p{L}\p{N}+-]+/u)
    .filter(Boolean);
  if (words.length === 0) return [];
  const whole = words.join('_');
  const found: { readonly emoji: Emoji; readonly rank: number }[] = [];
  for (const { emoji: all } of groups) {
    for (const emoji of all) {
      const rank = rankOf(emoji, whole, words);
      if (rank !== null) found.push({ emoji, rank });
    }
  }
  // The sort is stable: among equals the order of the catalogue stays.
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ emoji }) => emoji);
}

/** The emoji with this very shortcode, or null. */
export function emojiOfCode(groups: readonly EmojiGroup[], code: string): Emoji | null {
  const wanted = code.toLowerCase();
  for (const { emoji: all } of groups) {
    for (const emoji of all) if (emoji.codes.includes(wanted)) return emoji;
  }
  return null;
}

/** Lower is better; null: no match. */
function rankOf({ name, codes, words }: Emoji, whole: string, typed: readonly string[]): number | null {
  const [usual = ''] = codes;
  if (usual === whole) return 0;
  if (codes.includes(whole)) return 1;
  // Of what begins so, the shortest is most likely meant.
  if (usual.startsWith(whole)) return 2 + usual.length / 100;
  if (codes.some((code) => code.startsWith(whole))) return 3;
  const parts = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const inName = (word: string) => parts.some((part) => part.startsWith(word));
  if (typed.every(inName)) return 4;
  const inWords = (word: string) => words.some((other) => other.startsWith(word));
  if (typed.every((word) => words.includes(word))) return 5;
  return typed.every((word) => inName(word) || inWords(word) || codes.some((code) => code.includes(word))) ? 6 : null;
}

/** The shortcode to show for what was typed: the one it begins, else the usual one. */
export const codeFor = ({ codes }: Emoji, typed: string): string =>
  codes.find((code) => code.startsWith(typed)) ?? codes[0] ?? '';

// The names people sign up with: shown everywhere, so nothing invisible or misleading gets in.

import { USER_NAME_MAX_CHARS } from '#protocol/limits.ts';

/** Control characters, line and paragraph separators, lone surrogates, private use, unassigned. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
/** Bidirectional controls turn a line around; zero-width characters and fillers make two names look alike. */
const MISLEADING: readonly (readonly [from: number, to: number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe0fff]
];
/** They join letters and emoji where scripts need them, but are not seen: two names may not differ by them alone. */
const JOINERS: readonly (readonly [from: number, to: number])[] = [
  [0x200c, 0x200d],
  [0xfe00, 0xfe0f]
];

export type NamedUser =
  | { readonly ok: true; readonly name: string; readonly folded: string }
  | { readonly ok: false; readonly reason: string };

const invalid = (reason: string): NamedUser => ({ ok: false, reason });

/** The form a name is kept in, and its folded form, which is unique on the server. */
export function readUserName(input: string): NamedUser {
  // Bounded before NFKC, which can make one character eighteen.
  if (input.length > 4 * USER_NAME_MAX_CHARS) return invalid(`A name has at most ${USER_NAME_MAX_CHARS} characters.`);
  const name = input.normalize('NFKC').trim().replaceAll(/ {2,}/g, ' ');
  if (name === '') return invalid('A name needs at least one character.');
  if (name.length > USER_NAME_MAX_CHARS) return invalid(`A name has at most ${USER_NAME_MAX_CHARS} characters.`);
  const letters = [...name];
  if (UNPRINTABLE.test(name) || letters.some((letter) => isIn(MISLEADING, letter))) {
    return invalid('A name cannot hold invisible characters.');
  }
  if (!VISIBLE.test(name)) return invalid('A name needs a letter, a digit or a sign.');
  // Upper case first: it is there that ß, ſ and others meet their likes.
  const seen = letters.filter((letter) => !isIn(JOINERS, letter)).join('');
  return { ok: true, name, folded: seen.toUpperCase().toLowerCase().normalize('NFKC') };
}

function isIn(ranges: readonly (readonly [from: number, to: number])[], letter: string): boolean {
  const codePoint = letter.codePointAt(0)!;
  return ranges.some(([from, to]) => codePoint >= from && codePoint <= to);
}

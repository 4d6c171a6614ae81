// The names people sign up with: shown everywhere, so nothing invisible or misleading gets in.

import { USER_NAME_MAX_CHARS } from '#protocol/limits.ts';
import { isOfOneScript } from './name-script.ts';

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
  const read = readName(input, USER_NAME_MAX_CHARS);
  if (!read.ok) return read;
  // A letter of another alphabet in a word is how names are imitated.
  if (!isOfOneScript(read.name))
    return invalid('A name is written in one alphabet: some of its letters are of another.');
  return { ok: true, name: read.name, folded: fold(read.name) };
}

/**
 * What a name is looked up by, or null: nobody has it. Names of before may be of several scripts, and their people
 * sign in with them all the same.
 */
export function foldedName(input: string): string | null {
  const read = readName(input, USER_NAME_MAX_CHARS);
  return read.ok ? fold(read.name) : null;
}

/** Without regard to case, and to what is not seen. */
export function fold(name: string): string {
  const seen = [...name].filter((letter) => !isIn(JOINERS, letter)).join('');
  // Upper case first: it is there that ß, ſ and others meet their likes.
  return seen.toUpperCase().toLowerCase().normalize('NFKC');
}

/** A name as it is kept: NFKC, without misleading characters, something to see in it. */
export function readName(
  input: string,
  maxChars: number
): { readonly ok: true; readonly name: string } | { readonly ok: false; readonly reason: string } {
  const invalid = (reason: string) => ({ ok: false, reason }) as const;
  // Bounded before NFKC, which can make one character eighteen.
  if (input.length > 4 * maxChars) return invalid(`A name has at most ${maxChars} characters.`);
  const name = input.normalize('NFKC').trim().replaceAll(/ {2,}/g, ' ');
  if (name === '') return invalid('A name needs at least one character.');
  if (name.length > maxChars) return invalid(`A name has at most ${maxChars} characters.`);
  if (isMisleading(name)) return invalid('A name cannot hold invisible characters.');
  if (!VISIBLE.test(name)) return invalid('A name needs a letter, a digit or a sign.');
  return { ok: true, name };
}

/** Holds characters that are not seen, or turn the line around. */
export const isMisleading = (text: string): boolean =>
  UNPRINTABLE.test(text) || [...text].some((letter) => isIn(MISLEADING, letter));

function isIn(ranges: readonly (readonly [from: number, to: number])[], letter: string): boolean {
  const codePoint = letter.codePointAt(0)!;
  return ranges.some(([from, to]) => codePoint >= from && codePoint <= to);
}

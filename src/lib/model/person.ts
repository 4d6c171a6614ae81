// How a person looks from an id and a name alone: colour and initials. Pure.

import { importedName, isImportedAuthor } from '#protocol/ids.ts';
import { m } from '../words/generated/messages.js';
import { SERVER_AUTHOR } from '#protocol/entry-fields.ts';

const COLOURS = 12;

/** 1–12, the same on every device: FNV-1a of the id. */
export function colourOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return ((hash >>> 0) % COLOURS) + 1;
}

const LARGE_SCRIPT = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** One or two letters; one character for scripts whose characters are wide, or for a name of signs alone. */
export function initialsOf(name: string): string {
  const spaced = wordsOf(name, /\s+/u);
  // A hyphen makes one name of two; it parts words only where no space does.
  const words = spaced.length > 1 ? spaced : wordsOf(name, /[\s._-]+/u);
  const first = words[0];
  if (first === undefined) return firstGrapheme(name.trim()) ?? '?';
  const letter = (word: string): string => [...word][0]!.toLocaleUpperCase();
  // A year at the end says less than a word before it.
  const last = words.slice(1).findLast((word) => /^\p{L}/u.test(word)) ?? words.slice(1).at(-1);
  if (LARGE_SCRIPT.test(first) || last === undefined) return letter(first);
  return letter(first) + letter(last);
}

function wordsOf(name: string, between: RegExp): string[] {
  return name
    .split(between)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+/u, ''))
    .filter((word) => word !== '');
}

function firstGrapheme(text: string): string | null {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
  return first?.segment ?? null;
}

/** Whether a word of the name begins with what was typed; whatever the accents and the case. '' : any. */
export function startsSo(name: string, typed: string): boolean {
  const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
  return ` ${plain(name)}`.replaceAll(/[\s._-]/gu, ' ').includes(` ${plain(typed.trim())}`);
}

/** Who wrote what was erased with their account: nothing is left that says who it was. */
export const GONE_AUTHOR = 'gone';

/** The name to show for an id while none is known, and for ids that carry theirs. */
export function standInName(id: string): { readonly name: string; readonly final: boolean } {
  const imported: boolean = isImportedAuthor(id);
  if (imported) return { name: importedName(id), final: true };
  if (id === SERVER_AUTHOR) return { name: 'Roost', final: true };
  if (id === GONE_AUTHOR) return { name: m.person_deleted_name(), final: true };
  return { name: m.person_unknown({ code: id.slice(1, 5) }), final: false };
}

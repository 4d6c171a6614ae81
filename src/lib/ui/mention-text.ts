// Mentions in what somebody writes: "@" and a name that one signs in with, which is one person's alone, or "@room". Found
// in plain text, and in the words of Markdown, not in its code and links. Pure.
// Invariant: the pieces joined are the text; a name that begins another's is not taken for it.

import { parseMarkdown, type Block, type Inline } from '#protocol/markdown/markdown.ts';
import { isNameAt, namesWithMarks } from '#protocol/markdown/mention-name.ts';

export interface Mentionable {
  readonly id: string;
  /** '' where it is not known. */
  readonly userName: string;
}

export type MentionPiece<Person extends Mentionable> =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'room'; readonly text: string }
  | { readonly kind: 'person'; readonly text: string; readonly person: Person };

const ROOM = 'room';
/** Not within a word, as in a mail address. */
const AT = /(?<![\p{L}\p{N}_@.])@/gu;

/** @param room whether @room is one */
export function mentionPieces<Person extends Mentionable>(
  text: string,
  people: readonly Person[],
  room: boolean
): readonly MentionPiece<Person>[] {
  const pieces: MentionPiece<Person>[] = [];
  let from = 0;
  for (const { index } of text.matchAll(AT)) {
    if (index < from) continue;
    const person = longest(text, index + 1, people);
    const isRoom = !person && room && isNameAt(text, index + 1, ROOM);
    if (!person && !isRoom) continue;
    if (index > from) pieces.push({ kind: 'text', text: text.slice(from, index) });
    from = index + 1 + (person ? person.userName.length : ROOM.length);
    const named = text.slice(index, from);
    pieces.push(person ? { kind: 'person', text: named, person } : { kind: 'room', text: named });
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from) });
  return pieces;
}

/** Whom a message mentions, each once, in the order of their names in it. */
export function mentionsIn(
  body: string,
  people: readonly Mentionable[]
): { readonly people: readonly string[]; readonly room: boolean } {
  if (!body.includes('@')) return { people: [], room: false };
  const pieces = textsOf(parseMarkdown(body, namesWithMarks(people))).flatMap((text) =>
    mentionPieces(text, people, true)
  );
  const ids = pieces.flatMap((piece) => (piece.kind === 'person' ? [piece.person.id] : []));
  return { people: [...new Set(ids)], room: pieces.some(({ kind }) => kind === 'room') };
}

function longest<Person extends Mentionable>(text: string, at: number, people: readonly Person[]): Person | null {
  let found: Person | null = null;
  for (const person of people) {
    if (person.userName.length > (found?.userName.length ?? 0) && isNameAt(text, at, person.userName)) found = person;
  }
  return found;
}

function textsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    switch (block.kind) {
      case 'paragraph':
        return inlineTexts(block.children);
      case 'quote':
        return textsOf(block.children);
      case 'list':
        return block.items.flatMap((item) => textsOf(item));
      case 'code-block':
        return [];
    }
  });
}

function inlineTexts(nodes: readonly Inline[]): string[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'text') return [node.text];
    return 'children' in node && node.kind !== 'link' ? inlineTexts(node.children) : [];
  });
}

// Which room the # before the caret may mean, and the link that is put in its place: Markdown, so that it is the same room
// for whoever reads it, whatever it is called there. A # within a word or an address is none.

import { matchName } from './name-match.ts';

export interface BegunRoom {
  /** Of the #, and the end of what belongs to it, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** Without the #; may hold spaces, as names do. */
  readonly typed: string;
}

const BEGUN = /(?<![^\s(])#([^\n#]{1,40})$/u;

export function begunRoom(text: string, caret: number): BegunRoom | null {
  const found = BEGUN.exec(text.slice(0, caret));
  return found && { from: found.index, to: caret, typed: found[1]! };
}

/** The best first; none where the sentence goes on. */
export function roomOptions<Room extends { readonly name: string }>(
  typed: string,
  rooms: readonly Room[],
  atMost: number
): readonly Room[] {
  // "# " begins a heading elsewhere, and "#1 " counts: neither is a name.
  if (/^\s|\s\s/.test(typed)) return [];
  return rooms
    .map((room) => ({ room, rank: matchName(room.name, typed)?.rank ?? Infinity }))
    .filter(({ rank }) => rank < 10)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, atMost)
    .map(({ room }) => room);
}

/** @param origin the address that people are given */
export const roomLink = (origin: string, { id, name }: { readonly id: string; readonly name: string }): string =>
  `[#${name.replace(/[\\[\]*_~`<>]/g, '\\$&')}](${new URL(`/room/${id}`, origin).href})`;

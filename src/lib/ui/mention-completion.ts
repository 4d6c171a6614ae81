// Whom the @ before the caret may mean, and what is put in its place. An @ within a word is none, nor one with a line
// break after it.

import { matchName } from './name-match.ts';

export interface BegunMention {
  /** Of the @, and the end of what belongs to it, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** Without the @; may hold spaces, as names do. */
  readonly typed: string;
}

/** Names are no longer than this. */
const BEGUN = /(?<![\p{L}\p{N}_@.])@([^\n@]{0,40})$/u;

export function begunMention(text: string, caret: number): BegunMention | null {
  const found = BEGUN.exec(text.slice(0, caret));
  return found && { from: found.index, to: caret, typed: found[1]! };
}

export interface MentionOption<Person> {
  /** null: all who are in the room. */
  readonly person: Person | null;
  /** What is put after the @. */
  readonly name: string;
}

interface Named {
  readonly name: string;
  readonly userName: string;
}

/** @param room whether all can be called @returns the best first; everybody where nothing is typed yet */
export function mentionOptions<Person extends Named>(
  typed: string,
  people: readonly Person[],
  room: boolean,
  atMost: number
): readonly MentionOption<Person>[] {
  // Two spaces in a row, or one at once, begin no name: the sentence goes on.
  if (/^\s|\s\s/.test(typed)) return [];
  // A whole name and a space after it: it is said.
  const said = /\s$/.test(typed) ? typed.trim().toLowerCase() : null;
  if (said !== null && (said === 'room' || people.some(({ userName }) => userName.toLowerCase() === said))) return [];
  const rank = ({ name, userName }: Named): number =>
    Math.min(matchName(name, typed)?.rank ?? Infinity, matchName(userName, typed)?.rank ?? Infinity);
  const found = people
    .filter(({ userName }) => userName !== '')
    .map((person) => ({ person, rank: rank(person) }))
    // Letters in the midst of a name are what one finds, not what one begins.
    .filter((one) => one.rank < 10)
    .sort((a, b) => a.rank - b.rank || a.person.name.localeCompare(b.person.name));
  const options: MentionOption<Person>[] = found.map(({ person }) => ({ person, name: person.userName }));
  const callsAll = room && 'room'.startsWith(typed.toLowerCase());
  return [...options.slice(0, callsAll ? atMost - 1 : atMost), ...(callsAll ? [{ person: null, name: 'room' }] : [])];
}

// What a room without a name is called: by the others in it. Pure.

import { m } from '../words/generated/messages.js';
import type { PersonView } from './person-view.ts';
import { nameList } from './name-list.ts';

const LISTED = 4;

/** "Ann", "Ann and Bo", "Ann, Bo, Cy, Di and 3 more". @param others in the order in which they are to be read */
export function titleOf(others: readonly PersonView[]): string {
  const names = others.slice(0, LISTED).map(({ name }) => name);
  return names.length === 0 ? m.room_nobody_else() : nameList(names, others.length - names.length);
}

/** Everybody of a direct room or a group but oneself. */
export const othersOf = (
  people: readonly string[],
  me: string,
  person: (id: string) => PersonView
): readonly PersonView[] => people.filter((id) => id !== me).map(person);

// What a room without a name is called: by the others in it. Pure.

import type { PersonView } from './app-model.ts';

const LISTED = 4;

/** "Ann", "Ann and Bo", "Ann, Bo, Cy, Di and 3 more". @param others in the order in which they are to be read */
export function titleOf(others: readonly PersonView[]): string {
  const names = others.slice(0, LISTED).map(({ name }) => name);
  const more = others.length - names.length;
  if (names.length === 0) return 'Only you';
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  const last = names[names.length - 1]!;
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** Everybody of a direct room or a group but oneself. */
export const othersOf = (
  people: readonly string[],
  me: string,
  person: (id: string) => PersonView
): readonly PersonView[] => people.filter((id) => id !== me).map(person);

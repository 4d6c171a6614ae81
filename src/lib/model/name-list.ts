// Names of people one after the other, as a sentence has them.

import { m } from '../words/generated/messages.js';

/** "Ann", "Ann and Bo", "Ann, Bo, Cy and 4 more". @param more how many there are that are not named */
export function nameList(names: readonly string[], more = 0): string {
  const joined = (some: readonly string[]): string =>
    some.reduce((before, name) => (before === '' ? name : m.names_next({ names: before, name })), '');
  if (more > 0) return m.names_more({ names: joined(names), n: more });
  return names.length < 2 ? joined(names) : m.names_last({ names: joined(names.slice(0, -1)), name: names.at(-1)! });
}

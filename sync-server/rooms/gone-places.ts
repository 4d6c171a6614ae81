// Places in a room's order whose messages are not there any more, as runs: messages disappear in about the order in which
// they came, and few are taken away, so there are few. Invariant: rising, apart from one another, and at most RUNS_MAX, the newest: what is forgotten
// counts as unread again for who has not been there for all that time.

import * as v from 'valibot';

export const RUNS_MAX = 64;

const place = v.pipe(v.number(), v.integer(), v.minValue(1));

export const gonePlacesSchema = v.pipe(v.array(v.pipe(v.tuple([place, place]), v.readonly())), v.readonly());
/** [first, last] of each run, as Arrival.n. */
export type GonePlaces = v.InferOutput<typeof gonePlacesSchema>;

/** @param n not among them */
export function withPlace(gone: GonePlaces, n: number): GonePlaces {
  const at = gone.findLastIndex(([first]) => first < n) + 1;
  const before = gone[at - 1];
  const after = gone[at];
  const joinsBefore = before?.[1] === n - 1;
  const joinsAfter = after?.[0] === n + 1;
  const run = [joinsBefore ? before[0] : n, joinsAfter ? after[1] : n] as const;
  const others = [gone.slice(0, joinsBefore ? at - 1 : at), gone.slice(joinsAfter ? at + 1 : at)] as const;
  return [...others[0], run, ...others[1]].slice(-RUNS_MAX);
}

/** How many there are above this one. */
export function goneAbove(gone: GonePlaces, n: number): number {
  return gone.reduce((sum, [first, last]) => sum + Math.max(0, last - Math.max(first - 1, n)), 0);
}

// How a message stands with the others in its room, out of how far each of them has come. Pure.
// Invariant: nobody is counted for what was written before they came, nor for their own.

import type { RoomReceipts, Standings } from '../sync/receipts.ts';
import type { PersonView } from './person-view.ts';
import type { TimelineItem } from './timeline-item.ts';
import type { Delivery } from './receipts-model.ts';

/** @param n the message's place in the room's order */
export function deliveryOf(
  receipts: RoomReceipts,
  n: number,
  author: string,
  person: (id: string) => PersonView
): Delivery {
  if (receipts.kind === 'counts') {
    const { others, read, stored } = receipts;
    return {
      people: others,
      // Whoever has read it has it.
      stored: Math.max(countFrom(stored, n), read ? countFrom(read, n) : 0),
      read: read && countFrom(read, n),
      named: null
    };
  }
  const to = receipts.people.filter(({ user, from }) => user !== author && from < n);
  const isRead = ({ read }: { readonly read: number | null }): boolean => read !== null && read >= n;
  const named = (some: typeof to): PersonView[] =>
    some.map(({ user }) => person(user)).sort((a, b) => a.name.localeCompare(b.name));
  const readers = to.filter(isRead);
  const holders = to.filter((one) => !isRead(one) && one.stored >= n);
  const missing = to.filter((one) => !isRead(one) && one.stored < n);
  return {
    people: to.length,
    stored: readers.length + holders.length,
    read: to.some(({ read }) => read !== null) ? readers.length : null,
    named: { readers: named(readers), holders: named(holders), missing: named(missing) }
  };
}

/** By the id of one's own message: whose reading of them ends there, those who have read furthest first. */
export function facesOf(
  receipts: RoomReceipts,
  items: readonly TimelineItem[]
): ReadonlyMap<string, readonly string[]> {
  const faces = new Map<string, string[]>();
  if (receipts.kind === 'counts') return faces;
  const own = items.filter((item) => item.kind === 'message' && item.own && item.n !== null);
  const readers = receipts.people
    .filter((one): one is typeof one & { readonly read: number } => one.read !== null)
    .sort((a, b) => b.read - a.read || (a.user < b.user ? -1 : 1));
  for (const { user, from, read } of readers) {
    const last = own.findLast(({ n }) => n! <= read);
    if (!last || last.n! <= from) continue;
    const there = faces.get(last.id);
    if (there) there.push(user);
    else faces.set(last.id, [user]);
  }
  return faces;
}

const countFrom = (standings: Standings, n: number): number =>
  standings.reduce((sum, [at, count]) => (at >= n ? sum + count : sum), 0);

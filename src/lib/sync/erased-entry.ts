// What stands in the place of a message whose content was erased: its arrival stays, so it keeps its place in the order.
// Invariant: nobody but this device makes one, since no member's entry has the server for its author.

import type { ErasedEntry } from '#protocol/api.ts';
import { SERVER_AUTHOR, type Entry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';

const ERASED_TYPE = 'erased';

export const erased = ({ id, at, n }: ErasedEntry): OrderedEntry => ({
  entry: { id, type: ERASED_TYPE, author: SERVER_AUTHOR, sentAt: at },
  arrival: { id, at, n }
});

export const isErased = ({ type, author }: Entry): boolean => type === ERASED_TYPE && author === SERVER_AUTHOR;

/** Puts them where they stood: `n` counts messages, and what is no message repeats the one before it. */
export function withErased(entries: readonly OrderedEntry[], gone: readonly ErasedEntry[]): readonly OrderedEntry[] {
  if (gone.length === 0) return entries;
  const waiting = [...gone].sort((a, b) => a.n - b.n);
  const all: OrderedEntry[] = [];
  for (const ordered of entries) {
    while (waiting.length > 0 && waiting[0]!.n <= ordered.arrival!.n) all.push(erased(waiting.shift()!));
    all.push(ordered);
  }
  return [...all, ...waiting.map(erased)];
}

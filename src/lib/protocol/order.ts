// The one order that every replica shows: arrival order, then one's own pending entries by their own clock.

import { isSeal, parseArrival, type Arrival } from './arrival.ts';
import type { Entry } from './entry.ts';
import { parseEntry } from './parse-entry.ts';

export interface OrderedEntry {
  readonly entry: Entry;
  /** null: pending. */
  readonly arrival: Arrival | null;
}

export interface PageView {
  /** Arrived entries in arrival order. */
  readonly arrived: readonly OrderedEntry[];
  /** Entries of the page without arrival, by sentAt and id: one's own pending ones, or what has yet to be acknowledged. */
  readonly pending: readonly OrderedEntry[];
  /** The page that goes on from here once this one is sealed, else null. */
  readonly sealedTo: number | null;
}

/**
 * Reads a page from the plain elements of its two root arrays. An arrival without its entry (erased or refused)
 * is left out; of two elements with one id the first counts.
 */
export function readPage(messages: readonly unknown[], arrivals: readonly unknown[]): PageView {
  const entries = new Map<string, Entry>();
  for (const value of messages) {
    const parsed = parseEntry(value);
    if (parsed.ok && !entries.has(parsed.entry.id)) entries.set(parsed.entry.id, parsed.entry);
  }
  const arrived: OrderedEntry[] = [];
  let sealedTo: number | null = null;
  for (const value of arrivals) {
    const arrival = parseArrival(value);
    if (!arrival) continue;
    if (isSeal(arrival)) {
      sealedTo = arrival.sealed;
      continue;
    }
    const entry = entries.get(arrival.id);
    if (!entry) continue;
    entries.delete(arrival.id);
    arrived.push({ entry, arrival });
  }
  const pending = [...entries.values()]
    .sort((a, b) => a.sentAt - b.sentAt || (a.id < b.id ? -1 : 1))
    .map((entry) => ({ entry, arrival: null }));
  return { arrived, pending, sealedTo };
}

// A sealed page as a room shows it: its entries in their order, with stubs where some were erased or have disappeared.
// Invariant: never changed; what changes about a page makes another one.

import type { ArrivedEntry, SealedPage } from '#protocol/api/sealed-page.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { erased, isDisappeared, isDue, isErased, withErased } from './erased-entry.ts';

export interface OlderPage {
  readonly page: number;
  readonly entries: readonly OrderedEntry[];
  readonly late: readonly ArrivedEntry[];
}

export const countOf = (pages: readonly OlderPage[]): number =>
  pages.reduce((sum, { entries }) => sum + entries.length, 0);

/** Objects of a page that was loaded before stay the same where nothing changed. */
export function readOlder({ page, entries, erased, late }: SealedPage, nowMs: number, before?: OlderPage): OlderPage {
  const known = new Map(before?.entries.map((ordered) => [ordered.entry.id, ordered]));
  const ordered = entries.map(({ entry, at, n, until }): OrderedEntry => {
    const same = known.get(entry.id);
    return same?.arrival?.n === n && !isErased(same.entry) ? same : { entry, arrival: { id: entry.id, at, n, until } };
  });
  return { page, entries: withErased(ordered, erased, nowMs), late };
}

const nextUntils = new WeakMap<OlderPage, number>();

/** When the first of what is on it disappears, epoch ms; Infinity: nothing does. */
export function nextUntilOf(page: OlderPage): number {
  let next = nextUntils.get(page);
  if (next === undefined) {
    const lasting = page.entries.filter(({ entry }) => !isDisappeared(entry)).map(({ arrival }) => arrival!);
    next = [...lasting, ...page.late].reduce((first, { until = Infinity }) => Math.min(first, until), Infinity);
    nextUntils.set(page, next);
  }
  return next;
}

/** Less what has disappeared by then. */
export function expired({ page, entries, late }: OlderPage, nowMs: number): OlderPage {
  return {
    page,
    entries: entries.map((ordered) => (isDue(ordered.arrival!, nowMs) ? erased(ordered.arrival!, nowMs) : ordered)),
    late: late.filter((one) => !isDue(one, nowMs))
  };
}

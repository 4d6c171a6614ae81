// What stands in the place of a message whose content was erased: its arrival stays, so it keeps its place in the order.
// The same for what has disappeared, of which nothing is shown at all.
// Invariant: nobody but this device makes one, since no member's entry has the server for its author.

import type { ErasedEntry } from '#protocol/api/sealed-page.ts';
import { SERVER_AUTHOR } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';

const ERASED_TYPE = 'erased';
const ERASED_EDIT_TYPE = 'erased-edit';
const ERASED_REPLY_TYPE = 'erased-reply';
const DISAPPEARED_TYPE = 'disappeared';
const TYPES: readonly string[] = [ERASED_TYPE, ERASED_EDIT_TYPE, ERASED_REPLY_TYPE, DISAPPEARED_TYPE];

/** Whether its time has come. */
export const isDue = ({ until }: { readonly until?: number | undefined }, nowMs: number): boolean =>
  until !== undefined && until <= nowMs;

function typeOf({ edit, thread }: ErasedEntry): string {
  if (edit) return ERASED_EDIT_TYPE;
  return thread === undefined ? ERASED_TYPE : ERASED_REPLY_TYPE;
}

/** @param nowMs by the server's clock, as far as it is known */
export const erased = (arrival: ErasedEntry, nowMs = -Infinity): OrderedEntry => ({
  entry: {
    id: arrival.id,
    type: isDue(arrival, nowMs) ? DISAPPEARED_TYPE : typeOf(arrival),
    author: SERVER_AUTHOR,
    sentAt: arrival.at
  },
  arrival
});

export const isErased = ({ type, author }: Entry): boolean => TYPES.includes(type) && author === SERVER_AUTHOR;
export const isDisappeared = (entry: Entry): boolean => isErased(entry) && entry.type === DISAPPEARED_TYPE;
/** Of an edit nothing ever showed in its own place. */
export const isErasedEdit = (entry: Entry): boolean => isErased(entry) && entry.type === ERASED_EDIT_TYPE;

/** Its place is in its thread. */
export const isErasedReply = (entry: Entry): boolean => isErased(entry) && entry.type === ERASED_REPLY_TYPE;

/** Puts them where they stood: `n` counts messages, and what is no message repeats the one before it. */
export function withErased(
  entries: readonly OrderedEntry[],
  gone: readonly ErasedEntry[],
  nowMs = -Infinity
): readonly OrderedEntry[] {
  if (gone.length === 0) return entries;
  const waiting = [...gone].sort((a, b) => a.n - b.n);
  const all: OrderedEntry[] = [];
  for (const ordered of entries) {
    while (waiting.length > 0 && waiting[0]!.n <= ordered.arrival!.n) all.push(erased(waiting.shift()!, nowMs));
    all.push(ordered);
  }
  return [...all, ...waiting.map((one) => erased(one, nowMs))];
}

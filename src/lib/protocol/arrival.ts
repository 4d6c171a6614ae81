// An arrival: the server's word that an entry is synced to its disk, and its place in the room's order.

import * as v from 'valibot';
import type { ArrivedEntry } from './api/sealed-page.ts';
import type { Entry } from './entry.ts';

const arrived = v.strictObject({
  /** Entry id. */
  id: v.string(),
  /** When the server took it, epoch ms. */
  at: v.pipe(v.number(), v.integer()),
  /**
   * Messages of the room up to and with this one. Imported ones, replies in threads and other types do not count: they
   * repeat it.
   */
  n: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** An edit or a vote: should its content be erased with the message's, nothing shows in its own place. */
  edit: v.optional(v.literal(true)),
  /** It is a reply in the thread of this message: the same holds, but in the thread. */
  thread: v.optional(v.string()),
  /** With `thread`: the author of the root, whose thread it is wherever the root lies. */
  of: v.optional(v.string()),
  /** When it disappears, epoch ms by the server's clock, with what was made of it; missing: never. */
  until: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)))
});
const sealed = v.strictObject({
  /** The page that goes on from here; the last element of a sealed page. */
  sealed: v.pipe(v.number(), v.integer(), v.minValue(1))
});

export type Arrival = v.InferOutput<typeof arrived>;
export type Seal = v.InferOutput<typeof sealed>;

export const isSeal = (element: Arrival | Seal): element is Seal => 'sealed' in element;

/** Reads an element of the root array `arrivals`, or null when it is none. Unknown keys refuse it. */
export function parseArrival(value: unknown): Arrival | Seal | null {
  const result = v.safeParse(v.union([arrived, sealed]), value);
  return result.success ? result.output : null;
}

/** As a sealed page has it. */
export const arrivedEntry = (entry: Entry, { at, n, until }: Arrival): ArrivedEntry => ({
  ...{ entry, at, n },
  ...(until !== undefined && { until })
});

/** Root array names of a page document. */
export const MESSAGES_ROOT = 'messages';
export const ARRIVALS_ROOT = 'arrivals';

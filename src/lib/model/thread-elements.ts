// What stands in a thread, in its order: replies in the order of their arrival, what of them was taken away in its place,
// then one's own that wait. Pure. Invariant: each reply is there once, whatever pages and lists it was read from.

import { isKnown, threadOf, type Entry } from '#protocol/entry.ts';
import type { MessageEntry } from '#protocol/message-entries.ts';
import { messageEffects } from '#protocol/message-effects.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { erased, isErased } from '../sync/erased-entry.ts';
import type { PendingEntry } from '../sync/outbox.ts';

export interface ThreadSource {
  /** What is loaded of a thread: messages, redactions of such, and what is left of them. */
  readonly replies: (root: string) => readonly OrderedEntry[];
  readonly ordered: (id: string) => OrderedEntry | null;
  readonly effects: (id: string) => readonly Entry[];
  readonly unacknowledged: readonly OrderedEntry[];
  readonly pending: readonly PendingEntry[];
}

/** Arrived or not acknowledged yet, or one's own in the outbox. */
export type ThreadElement = OrderedEntry | PendingEntry;

export const isPending = (element: ThreadElement): element is PendingEntry => 'state' in element;

/** Stand-ins for replies of which only the redaction is loaded: the same object each time. */
const stubs = new WeakMap<OrderedEntry, OrderedEntry>();

export function repliesOf(root: string, source: ThreadSource): readonly ThreadElement[] {
  const found = new Map<string, ThreadElement>();
  const waiting = source.unacknowledged.filter(({ entry }) => threadOf(entry) === root);
  for (const ordered of [...source.replies(root), ...waiting]) {
    const { entry } = ordered;
    const isRedaction = isKnown(entry) && entry.type === 'redaction';
    const id = isRedaction ? entry.target : entry.id;
    const element = isRedaction ? stubOf(ordered, id) : ordered;
    const known = found.get(id);
    // What is left of a reply says less than the reply, which an older copy of a list may still have.
    if (!known) found.set(id, element);
  }
  const own = source.pending.filter(({ entry, id }) => isReplyTo(entry, root) && !found.has(id));
  own.sort((a, b) => a.entry.sentAt - b.entry.sentAt || (a.id < b.id ? -1 : 1));
  return [...found.values(), ...own];
}

/** The root itself, or null while it is not loaded. */
export const rootOf = (root: string, source: ThreadSource): ThreadElement | null =>
  source.ordered(root) ??
  source.unacknowledged.find(({ entry }) => entry.id === root) ??
  source.pending.find(({ id }) => id === root) ??
  null;

/** Replies that are there: neither taken away nor refused. */
export function standing(
  elements: readonly ThreadElement[],
  { effects }: Pick<ThreadSource, 'effects'>
): readonly (ThreadElement & { readonly entry: MessageEntry })[] {
  return elements.filter((element): element is ThreadElement & { readonly entry: MessageEntry } => {
    const { entry } = element;
    if (!isKnown(entry) || entry.type !== 'message' || (isPending(element) && element.state === 'failed')) return false;
    return messageEffects(entry.author, effects(entry.id)).redaction === null;
  });
}

function isReplyTo(entry: Entry, root: string): boolean {
  return entry.type === 'message' && !isErased(entry) && threadOf(entry) === root;
}

function stubOf(redaction: OrderedEntry, id: string): OrderedEntry {
  let stub = stubs.get(redaction);
  if (!stub) {
    const { at, n } = redaction.arrival ?? { at: redaction.entry.sentAt, n: 0 };
    stub = erased({ id, at, n });
    stubs.set(redaction, stub);
  }
  return stub;
}

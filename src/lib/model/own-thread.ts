// Whether a thread is one's own, and what of it is new to one. Pure. One's own are threads on one's messages, those that one
// wrote in or was mentioned in, and those of which one has kept how far one read them.

import { isKnown, threadOf, type Entry } from '#protocol/entry.ts';
import { messageEffects } from '#protocol/message-effects.ts';
import { isPending, rootOf, standing, type ThreadElement, type ThreadSource } from './thread-elements.ts';

export interface OwnThreadSource extends ThreadSource {
  readonly me: string;
  /** Epoch ms of the newest arrival in a thread that one has seen; null: nothing is kept. */
  readonly seen: (root: string) => number | null;
}

/** A reply of somebody else, as far as counting needs it. */
export interface ThreadNews {
  readonly id: string;
  /** Epoch ms of its arrival. */
  readonly at: number;
  /** It calls this person, by name or as one of all. */
  readonly mention: boolean;
}

/** As it was written: an edit calls nobody. */
function mentionsMe(entry: Entry, me: string): boolean {
  if (!isKnown(entry) || entry.type !== 'message' || entry.author === me) return false;
  return entry.mentionsRoom === true || (entry.mentions ?? []).includes(me);
}

/** Epoch ms; one's own that waits has none. */
export const arrivedAt = (element: ThreadElement): number | null =>
  isPending(element) ? null : (element.arrival?.at ?? null);

export function isOwnThread(root: string, elements: readonly ThreadElement[], source: OwnThreadSource): boolean {
  return (
    source.seen(root) !== null ||
    isOfMine(root, elements, source) ||
    elements.some(({ entry }) => entry.author === source.me || mentionsMe(entry, source.me))
  );
}

/** What one wrote, one wrote having seen what stood before it: epoch ms of one's newest reply; 0: there is none. */
export function ownAtOf(elements: readonly ThreadElement[], me: string): number {
  const own = elements.findLast(({ entry }) => entry.author === me);
  return own ? (arrivedAt(own) ?? own.entry.sentAt) : 0;
}

/** How far one has read a thread, epoch ms; null: it is not one's own, so nothing of it is new. */
export function seenOf(root: string, elements: readonly ThreadElement[], source: OwnThreadSource): number | null {
  if (!isOwnThread(root, elements, source)) return null;
  return Math.max(source.seen(root) ?? 0, ownAtOf(elements, source.me));
}

/** Replies of others that arrived after one's own last one, in their order. */
export function newsOf(elements: readonly ThreadElement[], source: OwnThreadSource): readonly ThreadNews[] {
  const ownAt = ownAtOf(elements, source.me);
  return standing(elements, source).flatMap((element) => {
    const at = arrivedAt(element);
    const { entry } = element;
    if (at === null || at <= ownAt || entry.author === source.me) return [];
    return [{ id: entry.id, at, mention: mentionsMe(entry, source.me) }];
  });
}

function isOfMine(root: string, elements: readonly ThreadElement[], source: OwnThreadSource): boolean {
  const first = rootOf(root, source);
  const author = first ? (messageEffects('', source.effects(root)).redaction?.of ?? first.entry.author) : null;
  // Wherever the root lies, the arrival of a reply tells whose it is.
  return (
    author === source.me ||
    elements.some(
      (element) => !isPending(element) && element.arrival?.of === source.me && threadOf(element.entry) === root
    )
  );
}

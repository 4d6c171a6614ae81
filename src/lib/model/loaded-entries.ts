// The entries that a quote can be looked up in, and what changes others: those of the loaded sealed pages and of the head.
// Invariant: a page is read once while it is loaded, and the head only as far as it is new.

import type { ArrivedEntry } from '#protocol/api/sealed-page.ts';
import { effectTarget, isKnown, threadOf, type Entry } from '#protocol/entry.ts';
import type { MessageEntry } from '#protocol/message-entries.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { isErasedReply } from '../sync/erased-entry.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { OlderPage } from '../sync/older-page.ts';

type Effects = ReadonlyMap<string, readonly Entry[]>;
type Threads = ReadonlyMap<string, readonly OrderedEntry[]>;

export class LoadedEntries {
  readonly #pages = new WeakMap<OlderPage, ReadonlyMap<string, OrderedEntry>>();
  readonly #pageEffects = new WeakMap<OlderPage, Effects>();
  readonly #pageThreads = new WeakMap<OlderPage, Threads>();
  #older: readonly OlderPage[] = [];
  #head: readonly OrderedEntry[] = [];
  #headEntries = new Map<string, OrderedEntry>();
  #headEffects = new Map<string, Entry[]>();
  #headThreads = new Map<string, OrderedEntry[]>();
  #headRead = 0;

  /** @returns whether what was looked up before may read otherwise: pages came or went, or something has an effect */
  update(older: readonly OlderPage[], head: readonly OrderedEntry[]): boolean {
    const changed = older !== this.#older || head !== this.#head;
    let hasEffect = false;
    if (head !== this.#head) {
      this.#headEntries = new Map();
      this.#headEffects = new Map();
      this.#headThreads = new Map();
      this.#headRead = 0;
    }
    this.#older = older;
    this.#head = head;
    for (; this.#headRead < head.length; this.#headRead += 1) {
      const ordered = head[this.#headRead]!;
      this.#headEntries.set(ordered.entry.id, ordered);
      addToThread(this.#headThreads, ordered);
      hasEffect = addEffect(this.#headEffects, ordered.entry) || hasEffect;
    }
    return changed || hasEffect;
  }

  get(id: string): Entry | null {
    return this.ordered(id)?.entry ?? null;
  }

  message(id: string): MessageEntry | null {
    const entry = this.get(id);
    return entry && isKnown(entry) && entry.type === 'message' ? entry : null;
  }

  ordered(id: string): OrderedEntry | null {
    const inHead = this.#headEntries.get(id);
    if (inHead) return inHead;
    for (const page of this.#older) {
      const entry = this.#entriesOf(page).get(id);
      if (entry) return entry;
    }
    return null;
  }

  /** What changes how the message shows, as far as it is loaded, in arrival order; an entry may be there twice. */
  effects(id: string): readonly Entry[] {
    const inHead = this.#headEffects.get(id) ?? NONE;
    let found: readonly Entry[] = NONE;
    for (const page of this.#older) {
      const ofPage = this.#effectsOf(page).get(id);
      if (ofPage) found = found === NONE ? ofPage : [...found, ...ofPage];
    }
    return found === NONE ? inHead : [...found, ...inHead];
  }

  /** What stands in the thread of a message, or took something of it away, as far as it is loaded; each once. */
  thread(root: string): readonly OrderedEntry[] {
    const found = new Map<string, OrderedEntry>();
    const add = (some: readonly OrderedEntry[] = []) => {
      for (const ordered of some) if (!found.has(ordered.entry.id)) found.set(ordered.entry.id, ordered);
    };
    for (const page of this.#older) add(this.#threadsOf(page).get(root));
    add(this.#headThreads.get(root));
    return found.size === 0 ? NO_REPLIES : [...found.values()];
  }

  /** Roots of all threads of which something is loaded. */
  get roots(): ReadonlySet<string> {
    const roots = new Set(this.#headThreads.keys());
    for (const page of this.#older) for (const root of this.#threadsOf(page).keys()) roots.add(root);
    return roots;
  }

  #threadsOf(page: OlderPage): Threads {
    let threads = this.#pageThreads.get(page);
    if (!threads) {
      const made = new Map<string, OrderedEntry[]>();
      for (const ordered of [...page.entries, ...page.late.map(orderedOf)]) addToThread(made, ordered);
      this.#pageThreads.set(page, (threads = made));
    }
    return threads;
  }

  #effectsOf(page: OlderPage): Effects {
    let effects = this.#pageEffects.get(page);
    if (!effects) {
      effects = effectsAmong([...page.entries, ...page.late].map(({ entry }) => entry));
      this.#pageEffects.set(page, effects);
    }
    return effects;
  }

  #entriesOf(page: OlderPage): ReadonlyMap<string, OrderedEntry> {
    let entries = this.#pages.get(page);
    if (!entries) {
      // Replies on later pages are quoted and reported as those that stand here.
      const late = [...this.#threadsOf(page).values()].flat();
      entries = new Map([...late, ...page.entries].map((ordered) => [ordered.entry.id, ordered]));
      this.#pages.set(page, entries);
    }
    return entries;
  }
}

/** What one's own waiting entries make of messages, by target. The same map while there are none. */
export function pendingEffects(pending: readonly PendingEntry[]): Effects {
  const waiting = pending.filter(({ entry, state }) => state !== 'failed' && effectTarget(entry) !== null);
  if (waiting.length === 0) return NO_EFFECTS;
  return effectsAmong(waiting.map(({ entry }) => entry).sort((a, b) => a.sentAt - b.sentAt || (a.id < b.id ? -1 : 1)));
}

const NONE: readonly Entry[] = [];
const NO_REPLIES: readonly OrderedEntry[] = [];

const orderedOf = ({ entry, at, n }: ArrivedEntry): OrderedEntry => ({ entry, arrival: { id: entry.id, at, n } });

function addToThread(threads: Map<string, OrderedEntry[]>, ordered: OrderedEntry): void {
  const erased = isErasedReply(ordered.entry) ? (ordered.arrival?.thread ?? null) : null;
  const root = threadOf(ordered.entry) ?? erased;
  if (root === null) return;
  const known = threads.get(root);
  if (known) known.push(ordered);
  else threads.set(root, [ordered]);
}

export const NO_EFFECTS: Effects = new Map();

function effectsAmong(entries: readonly Entry[]): Effects {
  const effects = new Map<string, Entry[]>();
  for (const entry of entries) addEffect(effects, entry);
  return effects.size === 0 ? NO_EFFECTS : effects;
}

function addEffect(effects: Map<string, Entry[]>, entry: Entry): boolean {
  const target = effectTarget(entry);
  if (target === null) return false;
  const known = effects.get(target);
  if (known) known.push(entry);
  else effects.set(target, [entry]);
  return true;
}

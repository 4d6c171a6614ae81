// The entries that a quote can be looked up in, and what changes others: those of the loaded sealed pages and of the head.
// Invariant: a page is read once while it is loaded, and the head only as far as it is new.

import { effectTarget, type Entry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { OlderPage } from '../sync/room-history.ts';

type Effects = ReadonlyMap<string, readonly Entry[]>;

export class LoadedEntries {
  readonly #pages = new WeakMap<OlderPage, ReadonlyMap<string, Entry>>();
  readonly #pageEffects = new WeakMap<OlderPage, Effects>();
  #older: readonly OlderPage[] = [];
  #head: readonly OrderedEntry[] = [];
  #headEntries = new Map<string, Entry>();
  #headEffects = new Map<string, Entry[]>();
  #headRead = 0;

  /** @returns whether what was looked up before may read otherwise: pages came or went, or something has an effect */
  update(older: readonly OlderPage[], head: readonly OrderedEntry[]): boolean {
    const changed = older !== this.#older || head !== this.#head;
    let hasEffect = false;
    if (head !== this.#head) {
      this.#headEntries = new Map();
      this.#headEffects = new Map();
      this.#headRead = 0;
    }
    this.#older = older;
    this.#head = head;
    for (; this.#headRead < head.length; this.#headRead += 1) {
      const { entry } = head[this.#headRead]!;
      this.#headEntries.set(entry.id, entry);
      hasEffect = addEffect(this.#headEffects, entry) || hasEffect;
    }
    return changed || hasEffect;
  }

  get(id: string): Entry | null {
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

  #effectsOf(page: OlderPage): Effects {
    let effects = this.#pageEffects.get(page);
    if (!effects) {
      effects = effectsAmong([...page.entries, ...page.late].map(({ entry }) => entry));
      this.#pageEffects.set(page, effects);
    }
    return effects;
  }

  #entriesOf(page: OlderPage): ReadonlyMap<string, Entry> {
    let entries = this.#pages.get(page);
    if (!entries) {
      entries = new Map(page.entries.map(({ entry }) => [entry.id, entry]));
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

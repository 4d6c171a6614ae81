// The entries that a quote can be looked up in, and what was redacted: those of the loaded sealed pages and of the head.
// Invariant: a page is read once while it is loaded, and the head only as far as it is new.

import { isKnown, type Entry, type RedactionEntry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { PendingEntry } from '../sync/outbox.ts';
import type { OlderPage } from '../sync/room-history.ts';

type Redactions = ReadonlyMap<string, RedactionEntry>;

export class LoadedEntries {
  readonly #pages = new WeakMap<OlderPage, ReadonlyMap<string, Entry>>();
  #older: readonly OlderPage[] = [];
  #head: readonly OrderedEntry[] = [];
  #headEntries = new Map<string, Entry>();
  #headRedactions = new Map<string, RedactionEntry>();
  readonly #pageRedactions = new WeakMap<OlderPage, Redactions>();
  #headRead = 0;

  /** @returns whether pages came or went, so that what was looked up before may read otherwise */
  update(older: readonly OlderPage[], head: readonly OrderedEntry[]): boolean {
    const changed = older !== this.#older || head !== this.#head;
    let redacted = false;
    if (head !== this.#head) {
      this.#headEntries = new Map();
      this.#headRedactions = new Map();
      this.#headRead = 0;
    }
    this.#older = older;
    this.#head = head;
    for (; this.#headRead < head.length; this.#headRead += 1) {
      const { entry } = head[this.#headRead]!;
      this.#headEntries.set(entry.id, entry);
      if (isRedaction(entry)) {
        this.#headRedactions.set(entry.target, entry);
        redacted = true;
      }
    }
    return changed || redacted;
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

  /** What took the message away, as far as it is loaded. */
  redaction(id: string): RedactionEntry | null {
    const inHead = this.#headRedactions.get(id);
    if (inHead) return inHead;
    for (const page of this.#older) {
      const redaction = this.#redactionsOf(page).get(id);
      if (redaction) return redaction;
    }
    return null;
  }

  #redactionsOf(page: OlderPage): Redactions {
    let redactions = this.#pageRedactions.get(page);
    if (!redactions) {
      const entries = [...page.entries, ...page.late].map(({ entry }) => entry);
      redactions = new Map(entries.filter(isRedaction).map((entry) => [entry.target, entry]));
      this.#pageRedactions.set(page, redactions);
    }
    return redactions;
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

export const isRedaction = (entry: Entry): entry is RedactionEntry => isKnown(entry) && entry.type === 'redaction';

/** What one's own waiting redactions take away, by target. The same map while there are none. */
export function redactionsAmong(pending: readonly PendingEntry[]): ReadonlyMap<string, RedactionEntry> {
  const redactions = pending.flatMap(({ entry, state }) => (state !== 'failed' && isRedaction(entry) ? [entry] : []));
  return redactions.length === 0 ? NO_REDACTIONS : new Map(redactions.map((entry) => [entry.target, entry]));
}

export const NO_REDACTIONS: ReadonlyMap<string, RedactionEntry> = new Map();

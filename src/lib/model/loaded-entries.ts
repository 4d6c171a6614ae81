// The entries that a quote can be looked up in: those of the loaded sealed pages and of the head.
// Invariant: a page is read once while it is loaded, and the head only as far as it is new.

import type { Entry } from '#protocol/entry.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { OlderPage } from '../sync/room-history.ts';

export class LoadedEntries {
  readonly #pages = new WeakMap<OlderPage, ReadonlyMap<string, Entry>>();
  #older: readonly OlderPage[] = [];
  #head: readonly OrderedEntry[] = [];
  #headEntries = new Map<string, Entry>();
  #headRead = 0;

  /** @returns whether pages came or went, so that what was looked up before may read otherwise */
  update(older: readonly OlderPage[], head: readonly OrderedEntry[]): boolean {
    const changed = older !== this.#older || head !== this.#head;
    if (head !== this.#head) {
      this.#headEntries = new Map();
      this.#headRead = 0;
    }
    this.#older = older;
    this.#head = head;
    for (; this.#headRead < head.length; this.#headRead += 1) {
      const { entry } = head[this.#headRead]!;
      this.#headEntries.set(entry.id, entry);
    }
    return changed;
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

  #entriesOf(page: OlderPage): ReadonlyMap<string, Entry> {
    let entries = this.#pages.get(page);
    if (!entries) {
      entries = new Map(page.entries.map(({ entry }) => [entry.id, entry]));
      this.#pages.set(page, entries);
    }
    return entries;
  }
}

// The sealed pages of a room before its head, as far as they were asked for. Invariant: `older` has no gap, and ends
// right before the head; which entries arrived on a page is remembered for as long as the page may be asked about.

import type { ArrivedEntry, SealedPage } from '#protocol/api.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { SealedPages } from './sealed-pages.ts';

export interface OlderPage {
  readonly page: number;
  readonly entries: readonly OrderedEntry[];
  readonly late: readonly ArrivedEntry[];
}

export type HistoryState = 'more' | 'loading' | 'unavailable-offline';

/** Beyond this many pages, far ones are dropped once nobody looks at them. */
const PAGES_MAX = 10;
const PAGES_KEPT = 2;

export class RoomHistory {
  readonly #room: string;
  readonly #sealed: SealedPages;
  readonly #changed: () => void;
  #older: readonly OlderPage[] = [];
  /** Ids on sealed pages that were read. */
  readonly #ids = new Map<number, ReadonlySet<string>>();
  #state: HistoryState = 'more';
  #checking = false;
  #closed = false;

  /** @param changed called when something to show has changed */
  constructor(room: string, sealed: SealedPages, changed: () => void) {
    this.#room = room;
    this.#sealed = sealed;
    this.#changed = changed;
  }

  /** Oldest first. */
  get older(): readonly OlderPage[] {
    return this.#older;
  }
  get state(): HistoryState {
    return this.#state;
  }
  get count(): number {
    return this.#older.reduce((sum, { entries }) => sum + entries.length, 0);
  }

  /** The first page in sight. */
  first(head: number): number {
    return this.#older[0]?.page ?? head;
  }

  has(id: string): boolean {
    for (const ids of this.#ids.values()) if (ids.has(id)) return true;
    return false;
  }

  /** Whether every page from this one to the head was read, so that `has` speaks for all of them. */
  hasRead(from: number, head: number): boolean {
    for (let page = from; page < head; page += 1) if (!this.#ids.has(page)) return false;
    return true;
  }

  /** Loads the page before the first one; resolves when it is there or cannot be had. */
  async loadOlder(head: number): Promise<void> {
    const before = this.first(head);
    if (before === 0 || this.#state === 'loading' || this.#closed) return;
    this.#state = 'loading';
    this.#changed();
    const loaded = await this.#sealed.load({ room: this.#room, page: before - 1 });
    if (this.#closed) return;
    const isStillFirst = this.#older.length === 0 ? before === head : this.#older[0]!.page === before;
    // A seal may have moved the pages meanwhile; then the caller asks again.
    if (loaded.kind === 'page' && isStillFirst) {
      const page = readOlder(loaded.body);
      this.#remember(page);
      this.#older = [page, ...this.#older];
    }
    this.#state = loaded.kind === 'page' ? 'more' : 'unavailable-offline';
    this.#changed();
  }

  /** Reads the pages from..head-1 for `has` alone, without showing them. @returns whether one more was read */
  async readBehind(from: number, head: number): Promise<boolean> {
    if (this.#checking) return false;
    this.#checking = true;
    let read = false;
    for (let page = head - 1; page >= from; page -= 1) {
      if (this.#ids.has(page)) continue;
      const loaded = await this.#sealed.load({ room: this.#room, page });
      if (loaded.kind === 'offline') break;
      if (loaded.kind === 'page') this.#remember(readOlder(loaded.body));
      else this.#ids.set(page, new Set());
      read = true;
    }
    this.#checking = false;
    return read;
  }

  /** The pages from..to-1, or null when one of them cannot be had now. */
  async between(from: number, to: number): Promise<OlderPage[] | null> {
    const pages: OlderPage[] = [];
    for (let page = from; page < to; page += 1) {
      const loaded = await this.#sealed.load({ room: this.#room, page });
      if (loaded.kind !== 'page') return null;
      pages.push(readOlder(loaded.body));
    }
    return pages;
  }

  /** Pages that come between what is here and a new head; with a gap before them, what is here goes. */
  add(pages: readonly OlderPage[], head: number): void {
    for (const page of pages) this.#remember(page);
    const [first] = pages;
    const joins = first !== undefined && first.page === this.#end(first.page);
    this.#older = joins ? [...this.#older, ...pages] : pages;
    if (this.#end(head) !== head) this.#older = [];
    if (this.#state !== 'loading') this.#state = 'more';
  }

  /** There is a line again. */
  lineUp(): void {
    if (this.#state === 'unavailable-offline') this.#state = 'more';
  }

  /** A sealed page has a newer revision. */
  async reload(page: number): Promise<void> {
    if (!this.#older.some((older) => older.page === page)) return;
    const loaded = await this.#sealed.load({ room: this.#room, page });
    if (this.#closed || loaded.kind !== 'page') return;
    this.#older = this.#older.map((older) => (older.page === page ? readOlder(loaded.body, older) : older));
    this.#changed();
  }

  /** Nobody looks at the far past any more. */
  trim(): void {
    if (this.#older.length <= PAGES_MAX) return;
    for (const { page } of this.#older.slice(0, -PAGES_KEPT)) this.#ids.delete(page);
    this.#older = this.#older.slice(-PAGES_KEPT);
    this.#state = 'more';
    this.#changed();
  }

  close(): void {
    this.#closed = true;
  }

  /** The page that comes after the last one here. */
  #end(otherwise: number): number {
    const last = this.#older[this.#older.length - 1];
    return last ? last.page + 1 : otherwise;
  }

  #remember(page: OlderPage): void {
    this.#ids.set(page.page, new Set(page.entries.map(({ entry }) => entry.id)));
  }
}

/** Objects of a page that was loaded before stay the same where nothing changed. */
function readOlder({ page, entries, late }: SealedPage, before?: OlderPage): OlderPage {
  const known = new Map(before?.entries.map((ordered) => [ordered.entry.id, ordered]));
  const ordered = entries.map(({ entry, at, n }): OrderedEntry => {
    const same = known.get(entry.id);
    return same?.arrival?.n === n ? same : { entry, arrival: { id: entry.id, at, n } };
  });
  return { page, entries: ordered, late };
}

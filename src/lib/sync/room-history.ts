// The sealed pages of a room that this tab holds: a window on the chain, without a gap, which reaches to the head page
// or ends before it. The head itself belongs to the replica, whatever the window shows.
// Invariant: the window is never empty away from the head, and holds at most WINDOW_PAGES pages, the head counted,
// but for pages so short that fewer than WINDOW_MIN_ENTRIES would be left. Room is made at the end that is not read.

import type { ArrivedEntry, SealedPage } from '#protocol/api.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { erased, isDisappeared, isDue, isErased, withErased } from './erased-entry.ts';
import type { SealedPages } from './sealed-pages.ts';

export interface OlderPage {
  readonly page: number;
  readonly entries: readonly OrderedEntry[];
  readonly late: readonly ArrivedEntry[];
}

/** What is known of the pages beyond one end of the window. */
export type HistoryState = 'more' | 'loading' | 'unavailable-offline';

export const WINDOW_PAGES = 8;
/** Far more than a screen and what is loaded around it: the ends of the window are never in sight of each other. */
export const WINDOW_MIN_ENTRIES = 500;

export class RoomHistory {
  readonly #room: string;
  readonly #sealed: Pick<SealedPages, 'load'>;
  readonly #changed: () => void;
  readonly #now: () => number;
  #older: readonly OlderPage[] = [];
  #reachesHead = true;
  /** Ids on sealed pages that were read: those of the window, and those that pending entries may have arrived on. */
  readonly #ids = new Map<number, ReadonlySet<string>>();
  /** Ids on pages from this one on are kept outside of the window, too. */
  #idsFrom = 0;
  #state: HistoryState = 'more';
  #newerState: HistoryState = 'more';
  #following = true;
  #checking = false;
  #closed = false;
  /** Pages that are read wherever the window is. */
  readonly #pinned = new Map<number, { page: OlderPage; holders: number }>();
  #read: { readonly of: readonly OlderPage[]; readonly pages: readonly OlderPage[] } | null = null;

  /**
   * @param changed called when something to show has changed
   * @param now epoch ms by the server's clock; by default nothing disappears
   */
  constructor(
    room: string,
    sealed: Pick<SealedPages, 'load'>,
    changed: () => void,
    now: () => number = () => -Infinity
  ) {
    this.#room = room;
    this.#sealed = sealed;
    this.#changed = changed;
    this.#now = now;
  }

  /** The window's sealed pages, oldest first. */
  get older(): readonly OlderPage[] {
    return this.#older;
  }
  get reachesHead(): boolean {
    return this.#reachesHead;
  }
  /** The window's pages and those that are pinned, oldest first; there may be gaps. The same array while nothing changes. */
  get read(): readonly OlderPage[] {
    if (this.#pinned.size === 0) return this.#older;
    if (this.#read?.of !== this.#older) {
      const pages = new Map([...this.#pinned].map(([number, { page }]) => [number, page]));
      for (const page of this.#older) pages.set(page.page, page);
      this.#read = { of: this.#older, pages: [...pages.values()].sort((a, b) => a.page - b.page) };
    }
    return this.#read.pages;
  }
  get state(): HistoryState {
    return this.#state;
  }
  get newerState(): HistoryState | 'none' {
    return this.#reachesHead ? 'none' : this.#newerState;
  }
  /** When the first of what is in the window disappears, epoch ms; Infinity: nothing does. */
  get nextUntil(): number {
    return this.read.reduce((first, page) => Math.min(first, nextUntilOf(page)), Infinity);
  }
  get count(): number {
    return countOf(this.#older);
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

  /** Nothing that is pending can have arrived on a page before this one. */
  forgetBefore(page: number): void {
    this.#idsFrom = page;
    for (const known of this.#ids.keys()) this.#forgetIds(known);
  }

  /** The reader is at the newest and stays there: what comes in is for them, what is far back is not. */
  follow(following: boolean): void {
    this.#following = following;
    if (following && this.#reachesHead && this.#makeRoom('oldest')) this.#changed();
  }

  /** Loads the page before the first one; resolves when it is there or cannot be had. */
  async loadOlder(head: number): Promise<void> {
    const before = this.first(head);
    if (before === 0 || this.#state === 'loading' || this.#closed) return;
    this.#state = 'loading';
    this.#changed();
    const page = await this.#load(before - 1);
    if (this.#closed) return;
    // The window may have moved meanwhile; then the caller asks again.
    if (page && this.first(head) === before) {
      this.#remember(page);
      this.#older = [page, ...this.#older];
      this.#makeRoom('newest');
    }
    this.#state = page ? 'more' : 'unavailable-offline';
    this.#changed();
  }

  /** Shows the page after the last one, the head after the last sealed one; resolves when it is there or cannot be had. */
  async loadNewer(head: () => number): Promise<void> {
    if (this.#reachesHead || this.#newerState === 'loading' || this.#closed) return;
    const next = this.#end();
    if (next < head()) {
      this.#newerState = 'loading';
      this.#changed();
      const page = await this.#load(next);
      if (this.#closed) return;
      this.#newerState = page ? 'more' : 'unavailable-offline';
      if (page && !this.#reachesHead && this.#end() === next) {
        this.#remember(page);
        this.#older = [...this.#older, page];
      }
    }
    if (!this.#reachesHead && this.#end() >= head()) this.#reachesHead = true;
    this.#makeRoom('oldest');
    this.#changed();
  }

  /** The window goes to the head, with as much before it as makes `entries` entries. */
  async toLatest(head: () => number, entries: number): Promise<void> {
    const from = head();
    const pages: OlderPage[] = [];
    for (let page = from - 1; page >= 0 && countOf(pages) < entries && !this.#reachesHead; page -= 1) {
      const loaded = this.#older.find((older) => older.page === page) ?? (await this.#load(page));
      if (!loaded) break;
      pages.unshift(loaded);
    }
    if (this.#closed || this.#reachesHead) return;
    // A page that was sealed meanwhile has no place in what was loaded; the caller fills up from the new head.
    this.#moveTo(head() === from ? pages : [], true);
  }

  /**
   * Goes back page by page to one that says so, then the window is there in one step.
   * @returns false when it was not found, or is not wanted any more; then nothing has changed
   */
  async goBack(head: number, isThere: (page: OlderPage) => boolean, signal: AbortSignal): Promise<boolean> {
    const start = this.#older;
    let pages = start;
    let reachesHead = this.#reachesHead;
    for (;;) {
      const before = pages[0]?.page ?? head;
      if (before === 0) return false;
      const page = await this.#load(before - 1);
      if (!page || signal.aborted || this.#closed || this.#older !== start) return false;
      ({ pages, reachesHead } = bounded([page, ...pages], reachesHead, 'newest'));
      if (isThere(page)) break;
    }
    this.#moveTo(pages, reachesHead);
    return true;
  }

  /**
   * The window goes to this page, with nothing around it: that is loaded as it is read.
   * @returns false when the page cannot be had, or is not wanted any more; then nothing has changed
   */
  async goTo(page: number, head: () => number, signal: AbortSignal): Promise<boolean> {
    const isHere = (): boolean => this.#older.some((older) => older.page === page);
    if (isHere()) return true;
    if (page >= head()) return false;
    const loaded = await this.#load(page);
    if (!loaded || signal.aborted || this.#closed) return false;
    if (!isHere()) this.#moveTo([loaded], page + 1 === head());
    return true;
  }

  /** Keeps a sealed page at hand until `unpin`, wherever the window is. @returns whether it could be had */
  async pin(number: number): Promise<boolean> {
    const loaded = this.#older.find(({ page }) => page === number) ?? this.#pinned.get(number)?.page;
    const page = loaded ?? (await this.#load(number));
    if (!page || this.#closed) return false;
    const pinned = this.#pinned.get(number) ?? { page, holders: 0 };
    pinned.holders += 1;
    this.#pinned.set(number, pinned);
    this.#read = null;
    this.#changed();
    return true;
  }

  unpin(number: number): void {
    const pinned = this.#pinned.get(number);
    if (!pinned) return;
    pinned.holders -= 1;
    if (pinned.holders > 0) return;
    this.#pinned.delete(number);
    this.#read = null;
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
      if (loaded.kind === 'page') this.#remember(readOlder(loaded.body, this.#now()));
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
      const loaded = await this.#load(page);
      if (!loaded) return null;
      pages.push(loaded);
    }
    return pages;
  }

  /** Pages that come between the old head and a new one. */
  add(pages: readonly OlderPage[], head: number): void {
    for (const page of pages) this.#remember(page);
    if (!this.#reachesHead) return;
    const [first] = pages;
    const joins = first !== undefined && (this.#older.length === 0 || first.page === this.#end());
    if (joins) this.#moveTo([...this.#older, ...pages], true);
    // Too far to follow at once. Who reads the past goes on reading, and who is at the newest stays there.
    else if (this.#older.length > 0 && !this.#following) this.#moveTo(this.#older, false);
    else this.#moveTo(pages, true);
    if (this.#reachesHead && this.#older.length > 0 && this.#end() !== head) this.#moveTo([], true);
    if (this.#state !== 'loading') this.#state = 'more';
  }

  /** There is a line again. */
  lineUp(): void {
    if (this.#state === 'unavailable-offline') this.#state = 'more';
    if (this.#newerState === 'unavailable-offline') this.#newerState = 'more';
  }

  /** A sealed page has a newer revision. */
  async reload(page: number): Promise<void> {
    if (!this.#older.some((older) => older.page === page) && !this.#pinned.has(page)) return;
    const loaded = await this.#sealed.load({ room: this.#room, page });
    if (this.#closed || loaded.kind !== 'page') return;
    const pinned = this.#pinned.get(page);
    if (pinned) pinned.page = readOlder(loaded.body, this.#now(), pinned.page);
    this.#read = null;
    this.#older = this.#older.map((older) =>
      older.page === page ? readOlder(loaded.body, this.#now(), older) : older
    );
    this.#changed();
  }

  /** Takes out what has disappeared. */
  expire(): void {
    const nowMs = this.#now();
    if (this.nextUntil > nowMs) return;
    this.#older = this.#older.map((page) => (nextUntilOf(page) > nowMs ? page : expired(page, nowMs)));
    for (const pinned of this.#pinned.values()) pinned.page = expired(pinned.page, nowMs);
    this.#read = null;
    this.#changed();
  }

  close(): void {
    this.#closed = true;
  }

  async #load(page: number): Promise<OlderPage | null> {
    const loaded = await this.#sealed.load({ room: this.#room, page });
    return loaded.kind === 'page' ? readOlder(loaded.body, this.#now()) : null;
  }

  /** The page that comes after the last one here. */
  #end(): number {
    return this.#older[this.#older.length - 1]!.page + 1;
  }

  #moveTo(pages: readonly OlderPage[], reachesHead: boolean): void {
    const left = this.#older;
    ({ pages: this.#older, reachesHead: this.#reachesHead } = bounded(
      pages,
      reachesHead,
      this.#following ? 'oldest' : 'newest'
    ));
    for (const page of this.#older) this.#remember(page);
    for (const { page } of left) this.#forgetIds(page);
    if (this.#newerState !== 'loading') this.#newerState = 'more';
    if (this.#state !== 'loading') this.#state = 'more';
    this.#changed();
  }

  /** @returns whether pages went */
  #makeRoom(end: 'oldest' | 'newest'): boolean {
    const before = this.#older;
    const { pages, reachesHead } = bounded(before, this.#reachesHead, end);
    const went = pages.length < before.length || reachesHead !== this.#reachesHead;
    this.#older = pages;
    this.#reachesHead = reachesHead;
    for (const { page } of before) this.#forgetIds(page);
    // What was let go of is on this device, whatever could not be had beyond it.
    if (went && end === 'oldest' && this.#state === 'unavailable-offline') this.#state = 'more';
    if (went && end === 'newest' && this.#newerState === 'unavailable-offline') this.#newerState = 'more';
    return went;
  }

  #remember(page: OlderPage): void {
    this.#ids.set(page.page, new Set(page.entries.map(({ entry }) => entry.id)));
  }

  #forgetIds(page: number): void {
    if (page < this.#idsFrom && !this.#older.some((older) => older.page === page)) this.#ids.delete(page);
  }
}

interface Window {
  readonly pages: readonly OlderPage[];
  readonly reachesHead: boolean;
}

/** Lets pages go at one end until there are few enough. The head goes first of the newest ones, never of the oldest. */
function bounded(pages: readonly OlderPage[], reachesHead: boolean, end: 'oldest' | 'newest'): Window {
  const window = { pages, reachesHead };
  while (window.pages.length + (window.reachesHead ? 1 : 0) > WINDOW_PAGES) {
    const leavesHead = end === 'newest' && window.reachesHead;
    const left = leavesHead ? window.pages : end === 'newest' ? window.pages.slice(0, -1) : window.pages.slice(1);
    if (countOf(left) < WINDOW_MIN_ENTRIES) break;
    if (leavesHead) window.reachesHead = false;
    window.pages = left;
  }
  return window;
}

const countOf = (pages: readonly OlderPage[]): number => pages.reduce((sum, { entries }) => sum + entries.length, 0);

/** Objects of a page that was loaded before stay the same where nothing changed. */
function readOlder({ page, entries, erased, late }: SealedPage, nowMs: number, before?: OlderPage): OlderPage {
  const known = new Map(before?.entries.map((ordered) => [ordered.entry.id, ordered]));
  const ordered = entries.map(({ entry, at, n, until }): OrderedEntry => {
    const same = known.get(entry.id);
    return same?.arrival?.n === n && !isErased(same.entry) ? same : { entry, arrival: { id: entry.id, at, n, until } };
  });
  return { page, entries: withErased(ordered, erased, nowMs), late };
}

const nextUntils = new WeakMap<OlderPage, number>();

function nextUntilOf(page: OlderPage): number {
  let next = nextUntils.get(page);
  if (next === undefined) {
    const lasting = page.entries.filter(({ entry }) => !isDisappeared(entry)).map(({ arrival }) => arrival!);
    next = [...lasting, ...page.late].reduce((first, { until = Infinity }) => Math.min(first, until), Infinity);
    nextUntils.set(page, next);
  }
  return next;
}

function expired({ page, entries, late }: OlderPage, nowMs: number): OlderPage {
  return {
    page,
    entries: entries.map((ordered) => (isDue(ordered.arrival!, nowMs) ? erased(ordered.arrival!, nowMs) : ordered)),
    late: late.filter((one) => !isDue(one, nowMs))
  };
}

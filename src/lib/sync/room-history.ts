// The sealed pages of a room that this tab holds: a window on the chain, without a gap, which reaches to the head page
// or ends before it. The head itself belongs to the replica, whatever the window shows.
// Invariant: the window is never empty away from the head, and holds at most WINDOW_PAGES pages, the head counted,
// but for pages so short that fewer than WINDOW_MIN_ENTRIES would be left. Room is made at the end that is not read.

import { isDisappeared } from './erased-entry.ts';
import { countOf, expired, nextUntilOf, readOlder, type OlderPage } from './older-page.ts';
import { PinnedPages } from './pinned-pages.ts';
import { ReadIds } from './read-ids.ts';
import type { SealedPages } from './sealed-pages.ts';

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
  readonly #ids = new ReadIds((page) => this.#isHere(page));
  #state: HistoryState = 'more';
  #newerState: HistoryState = 'more';
  #following = true;
  #checking = false;
  #closed = false;
  readonly #pinned = new PinnedPages();

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
    return this.#pinned.with(this.#older);
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
    return this.#ids.has(id);
  }

  /** Whether every page from this one to the head was read, so that `has` speaks for all of them. */
  hasRead(from: number, head: number): boolean {
    for (let page = from; page < head; page += 1) if (!this.#ids.hasPage(page)) return false;
    return true;
  }

  /** Nothing that is pending can have arrived on a page before this one. */
  forgetBefore(page: number): void {
    this.#ids.forgetBefore(page);
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
      this.#ids.remember(page);
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
        this.#ids.remember(page);
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
    if (this.#isHere(page)) return true;
    if (page >= head()) return false;
    const loaded = await this.#load(page);
    if (!loaded || signal.aborted || this.#closed) return false;
    if (!this.#isHere(page)) this.#moveTo([loaded], page + 1 === head());
    return true;
  }

  /** Keeps a sealed page at hand until `unpin`, wherever the window is. @returns whether it could be had */
  async pin(number: number): Promise<boolean> {
    const here = this.#older.find(({ page }) => page === number) ?? this.#pinned.get(number);
    const page = here ?? (await this.#load(number));
    if (!page || this.#closed) return false;
    this.#pinned.hold(page);
    this.#changed();
    return true;
  }

  unpin(number: number): void {
    this.#pinned.release(number);
  }

  /** Reads the pages from..head-1 for `has` alone, without showing them. @returns whether one more was read */
  async readBehind(from: number, head: number): Promise<boolean> {
    if (this.#checking) return false;
    this.#checking = true;
    let read = false;
    for (let page = head - 1; page >= from; page -= 1) {
      if (this.#ids.hasPage(page)) continue;
      const loaded = await this.#sealed.load({ room: this.#room, page });
      if (loaded.kind === 'offline') break;
      this.#ids.remember(loaded.kind === 'page' ? readOlder(loaded.body, this.#now()) : { page, entries: [] });
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
    for (const page of pages) this.#ids.remember(page);
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
    if (!this.#isHere(page) && !this.#pinned.get(page)) return;
    const loaded = await this.#sealed.load({ room: this.#room, page });
    if (this.#closed || loaded.kind !== 'page') return;
    const { body } = loaded;
    this.#change((before) => (before.page === page ? readOlder(body, this.#now(), before) : before));
  }

  /** What was hidden before its time is read again. */
  async reloadAll(): Promise<void> {
    for (const { page, entries } of this.read)
      if (entries.some(({ entry }) => isDisappeared(entry))) await this.reload(page);
  }

  /** Takes out what has disappeared. */
  expire(): void {
    const nowMs = this.#now();
    if (this.nextUntil > nowMs) return;
    this.#change((page) => (nextUntilOf(page) > nowMs ? page : expired(page, nowMs)));
  }

  close(): void {
    this.#closed = true;
  }

  async #load(page: number): Promise<OlderPage | null> {
    const loaded = await this.#sealed.load({ room: this.#room, page });
    return loaded.kind === 'page' ? readOlder(loaded.body, this.#now()) : null;
  }

  /** Puts another making of each page in its place. */
  #change(anew: (page: OlderPage) => OlderPage): void {
    this.#pinned.change(anew);
    this.#older = this.#older.map(anew);
    this.#changed();
  }

  /** Whether the page is in the window. */
  #isHere(page: number): boolean {
    return this.#older.some((older) => older.page === page);
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
    for (const page of this.#older) this.#ids.remember(page);
    this.#ids.forgetUnneeded(left.map(({ page }) => page));
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
    this.#ids.forgetUnneeded(before.map(({ page }) => page));
    // What was let go of is on this device, whatever could not be had beyond it.
    if (went && end === 'oldest' && this.#state === 'unavailable-offline') this.#state = 'more';
    if (went && end === 'newest' && this.#newerState === 'unavailable-offline') this.#newerState = 'more';
    return went;
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

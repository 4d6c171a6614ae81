// A room on this device: the head page live, sealed pages before it as far as they were asked for, and own pending
// entries from the outbox. One look at everything a tick (`#look`), however much changed in it:
//   fold the new arrivals → settle what has arrived → append what is not in the page → follow a seal → tell
// Invariant: every entry in the outbox is shown; it leaves only when its arrival is seen, on this page or one before.

import { deleteDB } from 'idb';
import type { ArrivedEntry } from '#protocol/api.ts';
import type { HybridClock } from '#protocol/clock.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { effectTarget, isKnown, type Entry } from '#protocol/entry.ts';
import { fold } from '#protocol/fold.ts';
import { ARRIVAL_OVERDUE_MS, TIMELINE_MIN_ENTRIES } from '#protocol/limits.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { pageDbName } from '../storage/user-db.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { MuxSocket } from './mux-socket.ts';
import type { Outbox, PendingEntry } from './outbox.ts';
import type { OwnPresence } from './page-provider.ts';
import { PageReplica } from './page-replica.ts';
import type { RoomList } from './room-list.ts';
import type { SealedPages } from './sealed-pages.ts';
import type { TabChannel } from './tab-channel.ts';
import type { TabLocks } from './tab-lock.ts';

/** What a room shares with the others of this person. */
export interface RoomShared {
  readonly me: string;
  readonly database: string;
  readonly mux: MuxSocket;
  readonly tabs: TabChannel;
  readonly locks: TabLocks;
  readonly outbox: Outbox;
  readonly list: RoomList;
  readonly sealed: SealedPages;
  /** What the server says of a room that this person is not in. */
  readonly lookUp: (room: string) => Promise<RoomSummary | 'absent' | 'offline'>;
  readonly clock: (room: string) => HybridClock;
  /** Whether this tab sends what that tab wrote: its own, and as leader those of tabs that are gone. */
  readonly sendsFor: (tab: string) => boolean;
  readonly rememberDatabase: (name: string) => void;
  readonly stored: (database: string, outcome: Stored) => void;
}

export interface OlderPage {
  readonly page: number;
  readonly entries: readonly OrderedEntry[];
  readonly late: readonly ArrivedEntry[];
}

export type History = 'more' | 'loading' | 'start' | 'unavailable-offline';

/** Beyond this many older pages, far ones are dropped once nobody looks at them. */
const OLDER_PAGES_MAX = 10;
const OLDER_PAGES_KEPT = 2;
/** A device that is further behind than this shows the newest pages and loads those between on demand. */
const CATCH_UP_PAGES = 5;
const JUMP_AGAIN_MS = 3_000;
const LOOK_UP_AGAIN_MS = 1_000;

export class RoomReplica {
  readonly id: string;
  readonly #shared: RoomShared;
  #head: PageReplica;
  #older: readonly OlderPage[] = [];
  /** Ids that are on sealed pages which were read. */
  readonly #sealedIds = new Map<number, ReadonlySet<string>>();
  /** Ids put into the head's present copy: one that vanishes was refused, and is not put in again. */
  readonly #appended = new Set<string>();
  #folded: { readonly state: RoomState | null; readonly count: number; readonly last: OrderedEntry | undefined } = {
    state: null,
    count: 0,
    last: undefined
  };
  #forbidden = false;
  #history: History = 'more';
  #presence: OwnPresence | null = null;
  #advancing = false;
  #filling = false;
  #checking = false;
  #looking = false;
  #closed = false;
  #guest: RoomSummary | null = null;
  #begun = false;
  #lookingUp = false;
  #lookUpTimer: ReturnType<typeof setTimeout> | undefined;
  #jumpTimer: ReturnType<typeof setTimeout> | undefined;
  #overdueTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #presenceListeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];

  constructor(id: string, shared: RoomShared) {
    this.id = id;
    this.#shared = shared;
    const row = shared.list.get(id);
    this.#head = this.#newPage(row?.head ?? row?.summary?.head ?? 0);
    this.#stops.push(
      shared.outbox.listen((room) => {
        if (room === id) this.#lookSoon();
      }),
      shared.list.listen((changed) => {
        if (changed.includes(id)) this.#summaryChanged();
      })
    );
    void this.#begin();
  }

  get head(): PageReplica {
    return this.#head;
  }
  /** Sealed pages before the head, oldest first, without a gap. */
  get older(): readonly OlderPage[] {
    return this.#older;
  }
  /** The room's state by what has arrived, then by one's own pending entries. null: not known. */
  get state(): RoomState | null {
    let { state } = this.#folded;
    for (const { entry, state: pending } of this.pending) if (pending !== 'failed') state = fold(state, entry);
    return state;
  }
  /** The server's summary, also of a room that this person only looks at. */
  get summary(): RoomSummary | null {
    return this.#shared.list.summary(this.id) ?? this.#guest;
  }
  get forbidden(): boolean {
    return this.#forbidden;
  }
  get history(): History {
    if (this.#firstPage > 0) return this.#history;
    if (this.#head.length > 0 || this.#head.synced || this.#isMadeHere) return 'start';
    // Nothing of the room is on this device yet.
    return this.#shared.mux.up ? 'loading' : 'unavailable-offline';
  }
  /** Whether this device's copy was read, and something is there to show or the server was asked. */
  get ready(): boolean {
    if (!this.#head.loaded) return false;
    return this.#head.length > 0 || this.#head.synced || this.summary !== null || this.#isMadeHere;
  }
  /** What the head was fetched up to, on disk too once `head.persisted`. */
  get complete(): boolean {
    return this.#head.synced && !this.#advancing && this.#head.sealedTo === null && !this.#filling;
  }

  /** Own entries without arrival, by their own clock. */
  get pending(): readonly PendingEntry[] {
    return this.#shared.outbox
      .of(this.id)
      .filter(({ id }) => !this.#hasArrived(id))
      .sort((a, b) => a.entry.sentAt - b.entry.sentAt || (a.id < b.id ? -1 : 1));
  }
  /** Entries of the head without arrival that the outbox does not know: of another tab, or not acknowledged yet. */
  get unacknowledged(): readonly OrderedEntry[] {
    return this.#head.pending.filter(({ entry }) => !this.#shared.outbox.get(this.id, entry.id));
  }

  /** Later entries that concern one on a loaded page. */
  effectsOn(id: string): readonly Entry[] {
    const effects: Entry[] = [];
    for (const { entries, late } of this.#older) {
      for (const { entry } of [...entries, ...late]) if (effectTarget(entry) === id) effects.push(entry);
    }
    for (const { entry } of this.#head.arrived) if (effectTarget(entry) === id) effects.push(entry);
    return [...new Map(effects.map((entry) => [entry.id, entry])).values()];
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  listenToPresence(listener: () => void): () => void {
    this.#presenceListeners.add(listener);
    return () => this.#presenceListeners.delete(listener);
  }

  setPresence(own: OwnPresence | null): void {
    this.#presence = own;
    this.#head.setPresence(own);
  }

  /** Writes an entry of one's own. Resolves once it is on disk, or is known not to be. */
  async write(entry: Entry): Promise<void> {
    await this.#shared.outbox.add(this.id, entry, this.#head.ref.page);
  }

  async retry(id: string, entry: Entry): Promise<void> {
    this.#appended.delete(id);
    if (this.#forbidden) await this.#reopen();
    await this.#shared.outbox.retry(this.id, id, entry, this.#head.ref.page);
  }

  /** The server did not take an entry that this tab sent. */
  async refused(id: string, code: RefusalCode): Promise<void> {
    // The seal follows, and the entry goes to the next page under the same id.
    if (code === 'sealed' || this.#hasArrived(id)) return;
    // It is so already: nothing is lost by letting go of it.
    if (code === 'no-change') await this.#shared.outbox.remove(this.id, [id]);
    else {
      const unknown = this.#head.pending.find(({ entry }) => entry.id === id);
      if (unknown) await this.#shared.outbox.adopt(this.id, [unknown.entry], this.#head.ref.page);
      await this.#shared.outbox.fail(this.id, id, code);
    }
  }

  /** A sealed page has a newer revision. */
  async pageChanged(page: number): Promise<void> {
    if (!this.#older.some((older) => older.page === page)) return;
    const loaded = await this.#shared.sealed.load({ room: this.id, page });
    if (this.#closed || loaded.kind !== 'page') return;
    this.#older = this.#older.map((older) => (older.page === page ? readOlder(loaded.body, older) : older));
    this.#lookSoon();
  }

  /** Loads the page before the first one; resolves when it is there or cannot be had. */
  async loadOlder(): Promise<void> {
    const before = this.#firstPage;
    if (before === 0 || this.#history === 'loading' || this.#closed) return;
    this.#history = 'loading';
    this.#tell();
    const loaded = await this.#shared.sealed.load({ room: this.id, page: before - 1 });
    if (this.#closed) return;
    // A seal may have moved the pages meanwhile; then the caller asks again.
    if (this.#firstPage === before && loaded.kind === 'page') this.#prepend(readOlder(loaded.body));
    this.#history = loaded.kind === 'page' ? 'more' : 'unavailable-offline';
    this.#tell();
  }

  /** Nobody looks at the far past any more. */
  trim(): void {
    if (this.#older.length <= OLDER_PAGES_MAX) return;
    this.#older = this.#older.slice(-OLDER_PAGES_KEPT);
    this.#history = 'more';
    this.#tell();
  }

  /** Something outside changed what this tab may do. */
  wake(): void {
    this.#lookSoon();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const stop of this.#stops) stop();
    this.#listeners.clear();
    this.#presenceListeners.clear();
    clearTimeout(this.#overdueTimer);
    clearTimeout(this.#jumpTimer);
    clearTimeout(this.#lookUpTimer);
    await this.#head.close();
  }

  get #firstPage(): number {
    return this.#older[0]?.page ?? this.#head.ref.page;
  }

  /** Made on this device, and not known to the server yet. */
  get #isMadeHere(): boolean {
    return this.#shared.outbox.of(this.id).some(({ entry }) => isCreation(entry));
  }

  /** Opens the head once it is known which page that is. */
  async #begin(): Promise<void> {
    if (this.#begun || this.#closed) return;
    const row = this.#shared.list.get(this.id);
    if (!row && !this.#isMadeHere) return this.#lookUp();
    await this.#openHead(row?.head ?? row?.summary?.head ?? 0);
  }

  /** A room of others (a public one, or one that was just joined): its newest page is asked for first. */
  async #lookUp(): Promise<void> {
    const { mux, lookUp } = this.#shared;
    if (this.#lookingUp) return;
    this.#lookingUp = true;
    const summary = await lookUp(this.id);
    this.#lookingUp = false;
    if (this.#begun || this.#closed) return;
    if (summary === 'offline') {
      clearTimeout(this.#lookUpTimer);
      this.#lookUpTimer = setTimeout(() => this.#stops.push(mux.whenUp(() => void this.#begin())), LOOK_UP_AGAIN_MS);
      return;
    }
    if (summary === 'absent') return this.#becomeForbidden();
    this.#guest = summary;
    await this.#openHead(summary.head);
  }

  async #openHead(page: number): Promise<void> {
    this.#begun = true;
    this.#forbidden = false;
    if (page !== this.#head.ref.page) {
      const unopened = this.#head;
      this.#head = this.#newPage(page);
      this.#head.setPresence(this.#presence);
      await unopened.close();
    }
    await this.#head.open();
  }

  #hasArrived(id: string): boolean {
    if (this.#head.hasArrival(id)) return true;
    for (const ids of this.#sealedIds.values()) if (ids.has(id)) return true;
    return false;
  }

  #newPage(page: number): PageReplica {
    const { shared, id } = { shared: this.#shared, id: this.id };
    const database = pageDbName(shared.database, id, page);
    shared.rememberDatabase(database);
    const isHead = (): boolean => replica === this.#head && !this.#closed;
    const replica: PageReplica = new PageReplica({
      ref: { room: id, page },
      database,
      mux: shared.mux,
      tabs: shared.tabs,
      locks: shared.locks,
      create: () => page === 0 && this.#isMadeHere,
      events: {
        changed: () => this.#lookSoon(),
        synced: () => {
          if (isHead()) this.#syncedChanged();
        },
        presence: () => {
          if (isHead()) for (const listener of [...this.#presenceListeners]) listener();
        },
        stored: (outcome) => shared.stored(database, outcome),
        forbidden: () => {
          if (isHead()) void this.#becomeForbidden();
        },
        beforeRebuild: async (pending) => {
          await this.#adopt(pending, page);
          // The fresh copy gets them all again, under the same ids.
          if (isHead()) this.#appended.clear();
        }
      }
    });
    return replica;
  }

  /** Own entries that a document has and the outbox does not: written by a tab whose outbox could not be. */
  async #adopt(pending: readonly OrderedEntry[], page: number): Promise<void> {
    const own = pending.map(({ entry }) => entry).filter(({ author }) => author === this.#shared.me);
    await this.#shared.outbox.adopt(this.id, own, page);
  }

  #syncedChanged(): void {
    if (this.#head.synced) {
      void this.#shared.list.setHead(this.id, this.#head.ref.page);
      if (this.#history === 'unavailable-offline') this.#history = 'more';
    }
    for (const listener of [...this.#presenceListeners]) listener();
    this.#lookSoon();
  }

  #summaryChanged(): void {
    const summary = this.#shared.list.summary(this.id);
    if (!this.#begun) void this.#begin();
    else if (this.#forbidden && summary) void this.#reopen();
    this.#lookSoon();
  }

  #lookSoon(): void {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    queueMicrotask(() => this.#look());
  }

  #look(): void {
    this.#looking = false;
    if (this.#closed) return;
    this.#foldArrived();
    this.#settle();
    this.#append();
    this.#watchArrivals();
    const next = this.#head.sealedTo ?? this.#aheadOnServer();
    if (next !== null && next > this.#head.ref.page) void this.#advance(next);
    else if (this.#head.length > 0 || this.#head.synced) void this.#fill();
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** The head that the server named, once this tab has a line to fetch it. */
  #aheadOnServer(): number | null {
    const { mux } = this.#shared;
    const head = this.summary?.head;
    if (this.#jumpTimer !== undefined) return null;
    return mux.up && head !== undefined && head > this.#head.ref.page && this.#head.loaded ? head : null;
  }

  #foldArrived(): void {
    const { arrived } = this.#head;
    const { count, last } = this.#folded;
    const goesOn = count <= arrived.length && (count === 0 || arrived[count - 1] === last);
    let state = goesOn ? this.#folded.state : null;
    const clock = this.#shared.clock(this.id);
    for (const { entry } of goesOn ? arrived.slice(count) : arrived) {
      state = fold(state, entry);
      clock.observe(entry.sentAt);
    }
    this.#folded = { state, count: arrived.length, last: arrived[arrived.length - 1] };
  }

  #settle(): void {
    const { outbox } = this.#shared;
    const arrived = outbox.of(this.id).filter(({ id }) => this.#hasArrived(id));
    if (arrived.length === 0) return;
    clearTimeout(this.#overdueTimer);
    this.#overdueTimer = undefined;
    this.#head.worked();
    for (const { id } of arrived) this.#appended.delete(id);
    void outbox.remove(
      this.id,
      arrived.map(({ id }) => id)
    );
  }

  #append(): void {
    if (!this.#head.accepts || this.#advancing || this.#forbidden) return;
    const { outbox } = this.#shared;
    const page = this.#head.ref.page;
    const ready: PendingEntry[] = [];
    let unread = false;
    for (const pending of this.pending) {
      // While it is being written it must not go out: a crash would leave it with the server and not with us.
      if (pending.state === 'failed' || this.#isSent(pending.id)) continue;
      if (pending.state === 'saving' || !this.#shared.sendsFor(pending.tab)) {
        // Another tab's, or not on disk: but without its room or its membership nothing after it would be taken.
        if (isEntrance(pending.entry)) break;
        continue;
      }
      if (this.#hasUnreadPage(pending.page)) unread = true;
      else ready.push(pending);
    }
    if (unread) void this.#readPagesBehind();
    if (ready.length === 0) return;
    for (const { id } of ready) this.#appended.add(id);
    this.#head.append(ready.map(({ entry }) => entry));
    void outbox.moved(
      this.id,
      ready.map(({ id }) => id),
      page
    );
  }

  /** An entry of an earlier page may have arrived there unseen: that page is read before it is appended again. */
  #hasUnreadPage(from: number): boolean {
    for (let page = from; page < this.#head.ref.page; page += 1) if (!this.#sealedIds.has(page)) return true;
    return false;
  }

  async #readPagesBehind(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    const from = Math.min(...this.pending.map(({ page }) => page));
    let read = false;
    for (let page = this.#head.ref.page - 1; page >= from; page -= 1) {
      if (this.#sealedIds.has(page)) continue;
      const loaded = await this.#shared.sealed.load({ room: this.id, page });
      if (loaded.kind === 'offline') break;
      this.#sealedIds.set(
        page,
        new Set(loaded.kind === 'page' ? loaded.body.entries.map(({ entry }) => entry.id) : [])
      );
      read = true;
    }
    this.#checking = false;
    if (read) this.#lookSoon();
  }

  /** An entry that the server has had for a while and does not acknowledge: the page is fetched anew. */
  #watchArrivals(): void {
    const waiting = this.#head.synced && this.pending.some(({ id, state }) => state !== 'failed' && this.#isSent(id));
    if (!waiting) {
      clearTimeout(this.#overdueTimer);
      this.#overdueTimer = undefined;
      return;
    }
    this.#overdueTimer ??= setTimeout(() => {
      this.#overdueTimer = undefined;
      this.#head.rebuild('overdue');
    }, ARRIVAL_OVERDUE_MS);
  }

  #isSent(id: string): boolean {
    return this.#appended.has(id) || this.#head.has(id);
  }

  /** Goes on to a later head: the next one after a seal, or the one that the server named. */
  async #advance(to: number): Promise<void> {
    if (this.#advancing || this.#closed) return;
    this.#advancing = true;
    try {
      const old = this.#head;
      await this.#adopt(old.pending, old.ref.page);
      if (old.sealedTo === to) await this.#followSeal(old, to);
      else await this.#jump(old, to);
    } finally {
      this.#advancing = false;
    }
    this.#lookSoon();
  }

  /** The old head is complete on this device: it becomes the first older page as it is. */
  async #followSeal(old: PageReplica, to: number): Promise<void> {
    const entries = old.arrived;
    const next = this.#newPage(to);
    await next.open();
    const kept = await this.#shared.sealed.keep({
      room: this.id,
      page: old.ref.page,
      revision: 0,
      entries: entries.map(({ entry, arrival }) => ({ entry, at: arrival!.at, n: arrival!.n })),
      late: []
    });
    if (this.#closed) return void next.close();
    const isNext = to === old.ref.page + 1;
    this.#older = isNext ? [...this.#older, { page: old.ref.page, entries: [...entries], late: [] }] : [];
    this.#sealedIds.set(old.ref.page, new Set(entries.map(({ entry }) => entry.id)));
    await this.#takeHead(next, old, kept);
  }

  /** This device was away while pages were sealed. What is shown stays until the new head is there. */
  async #jump(old: PageReplica, to: number): Promise<void> {
    const next = this.#newPage(to);
    await next.open();
    const between: OlderPage[] = [];
    const first = to - old.ref.page > CATCH_UP_PAGES ? to - 1 : old.ref.page;
    for (let page = first; page < to; page += 1) {
      const loaded = await this.#shared.sealed.load({ room: this.id, page });
      if (loaded.kind === 'page') between.push(readOlder(loaded.body));
      else {
        // The line went again, or the summary was ahead of the page.
        await next.close();
        this.#jumpTimer ??= setTimeout(() => {
          this.#jumpTimer = undefined;
          this.#lookSoon();
        }, JUMP_AGAIN_MS);
        return;
      }
    }
    if (this.#closed) return void next.close();
    for (const page of between) this.#sealedIds.set(page.page, new Set(page.entries.map(({ entry }) => entry.id)));
    this.#older = first === old.ref.page ? [...this.#older, ...between] : between;
    await this.#takeHead(next, old, true);
  }

  async #takeHead(next: PageReplica, old: PageReplica, discardOld: boolean): Promise<void> {
    this.#head = next;
    this.#appended.clear();
    this.#folded = { state: this.#folded.state, count: 0, last: undefined };
    next.setPresence(this.#presence);
    if (next.synced) this.#syncedChanged();
    this.#look();
    await old.close(discardOld);
    if (discardOld) {
      const name = pageDbName(this.#shared.database, this.id, old.ref.page);
      await deleteDB(name).catch(() => undefined);
    }
  }

  /** Older pages while the head is short, so that the person sees a stretch of history at once. */
  async #fill(): Promise<void> {
    if (this.#filling || this.#forbidden) return;
    this.#filling = true;
    while (!this.#closed && this.#firstPage > 0 && this.#count() < TIMELINE_MIN_ENTRIES) {
      const before = this.#firstPage;
      await this.loadOlder();
      if (this.#firstPage === before) break;
    }
    this.#filling = false;
  }

  #count(): number {
    return this.#older.reduce((sum, { entries }) => sum + entries.length, this.#head.arrived.length);
  }

  #prepend(page: OlderPage): void {
    this.#older = [page, ...this.#older];
    this.#sealedIds.set(page.page, new Set(page.entries.map(({ entry }) => entry.id)));
  }

  async #becomeForbidden(): Promise<void> {
    this.#forbidden = true;
    const { outbox } = this.#shared;
    for (const { id, state } of outbox.of(this.id)) if (state !== 'failed') await outbox.fail(this.id, id, 'closed');
    this.#lookSoon();
  }

  /** The room is open to this person after all (again). */
  async #reopen(): Promise<void> {
    this.#forbidden = false;
    this.#begun = true;
    const old = this.#head;
    const next = this.#newPage(this.summary?.head ?? old.ref.page);
    this.#head = next;
    this.#appended.clear();
    this.#folded = { state: null, count: 0, last: undefined };
    next.setPresence(this.#presence);
    await old.close();
    await next.open();
  }
}

/** What makes its author one who may write in the room. */
const isEntrance = (entry: Entry): boolean =>
  isCreation(entry) || (isKnown(entry) && entry.type === 'membership' && entry.action === 'joined');

const isCreation = (entry: Entry): boolean => isKnown(entry) && entry.type === 'room' && entry.action === 'created';

/** Objects of a page that was loaded before stay the same where nothing changed. */
function readOlder(
  body: { readonly page: number; readonly entries: readonly ArrivedEntry[]; readonly late: readonly ArrivedEntry[] },
  before?: OlderPage
): OlderPage {
  const known = new Map(before?.entries.map((ordered) => [ordered.entry.id, ordered]));
  const entries = body.entries.map(({ entry, at, n }): OrderedEntry => {
    const same = known.get(entry.id);
    return same?.arrival?.n === n && same.entry.type === entry.type
      ? same
      : { entry, arrival: { id: entry.id, at, n } };
  });
  return { page: body.page, entries, late: body.late };
}

// A room on this device: the head page live, a window of sealed pages that reaches to it or shows the past, and own
// pending entries from the outbox. One look at everything a tick (`#look`), however much changed in it:
//   fold the new arrivals → settle what has arrived → append what is due → follow a seal, or fill up → tell
// Invariant: every entry in the outbox is shown; it leaves only when its arrival is seen, on this page or one before.

import { deleteDB } from 'idb';
import type { RoomClosing } from '#protocol/api.ts';
import { arrivedEntry } from '#protocol/arrival.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { effectTarget, type Entry } from '#protocol/entry.ts';
import { fold } from '#protocol/fold.ts';
import { TIMELINE_MIN_ENTRIES } from '#protocol/limits.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { pageDbName } from '../storage/user-db.ts';
import { ArrivedState } from './arrived-state.ts';
import type { PendingEntry } from './outbox.ts';
import type { OwnPresence } from './page-provider.ts';
import { isErased } from './erased-entry.ts';
import { ExpiryTimer } from './expiry-timer.ts';
import { PageReplica } from './page-replica.ts';
import { RoomEntrance } from './room-entrance.ts';
import { RoomHistory, type HistoryState, type OlderPage } from './room-history.ts';
import type { RoomShared } from './room-shared.ts';
import { Sender } from './sender.ts';

/** A device that is further behind than this shows the newest pages and loads those between on demand. */
const CATCH_UP_PAGES = 5;
const JUMP_AGAIN_MS = 3_000;

export class RoomReplica {
  readonly id: string;
  readonly #shared: RoomShared;
  readonly #history: RoomHistory;
  readonly #sender: Sender;
  readonly #expiring: ExpiryTimer;
  readonly #entrance: RoomEntrance;
  #head: PageReplica;
  readonly #arrived = new ArrivedState();
  #presence: OwnPresence | null = null;
  #advancing = false;
  #filling = false;
  #looking = false;
  #closed = false;
  #jumpTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #presenceListeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];

  constructor(id: string, shared: RoomShared) {
    this.id = id;
    this.#shared = shared;
    this.#history = new RoomHistory(
      id,
      shared.sealed,
      () => this.#tell(),
      () => shared.clock(id).serverNow()
    );
    this.#expiring = new ExpiryTimer(
      () => shared.clock(id).serverNow(),
      () => this.#expire()
    );
    this.#sender = new Sender(
      id,
      shared,
      this.#history,
      () => this.#head,
      () => this.#lookSoon(),
      () => this.state?.slowSeconds ?? 0
    );
    this.#entrance = new RoomEntrance(id, shared, {
      createsRoom: () => this.#sender.createsRoom,
      openHead: (page) => this.#openHead(page),
      openAnew: () => this.#openAnew(),
      fail: (why) => this.#sender.failAll(why === 'banned' || why === 'deleted' ? why : 'closed'),
      changed: () => this.#lookSoon()
    });
    const row = shared.list.get(id);
    this.#head = this.#newPage(row?.head ?? row?.summary?.head ?? 0);
    this.#stops.push(
      shared.outbox.listen((room) => {
        if (room === id) this.#lookSoon();
      }),
      shared.list.listen((changed) => {
        if (!changed.includes(id)) return;
        this.#entrance.listChanged();
        this.#lookSoon();
      })
    );
    void this.#entrance.begin();
  }

  get head(): PageReplica {
    return this.#head;
  }
  /** The sealed pages in the window, oldest first, without a gap. */
  get older(): readonly OlderPage[] {
    return this.#history.older;
  }
  /** These and what is pinned: where effects and quotes are looked up. */
  get read(): readonly OlderPage[] {
    return this.#history.read;
  }
  /** Whether the head follows the last of `older`; else there are pages between. */
  get reachesHead(): boolean {
    return this.#history.reachesHead;
  }
  /** Pages after the window. */
  get newer(): HistoryState | 'none' {
    return this.#history.newerState;
  }
  /** The room's state by what has arrived, then by one's own pending entries. null: not known. */
  get state(): RoomState | null {
    let { state } = this.#arrived;
    for (const { entry, state: pending } of this.pending) if (pending !== 'failed') state = fold(state, entry);
    return state;
  }
  /** The server's summary, also of a room that this person only looks at. */
  get summary(): RoomSummary | null {
    return this.#shared.list.summary(this.id) ?? this.#entrance.guest;
  }
  get forbidden(): boolean {
    return this.#entrance.forbidden;
  }
  get closing(): RoomClosing | null {
    return this.#entrance.closing;
  }
  get history(): HistoryState | 'start' {
    // What is here is all there will be.
    if (this.forbidden) return 'start';
    if (this.#history.first(this.#head.ref.page) > 0) return this.#history.state;
    if (this.#head.length > 0 || this.#head.synced || this.#sender.createsRoom) return 'start';
    // Nothing of the room is on this device yet.
    return this.#shared.mux.up ? 'loading' : 'unavailable-offline';
  }
  /** Whether this device's copy was read, and something is there to show or the server was asked. */
  get ready(): boolean {
    if (!this.#head.loaded) return false;
    return this.#head.length > 0 || this.#head.synced || this.summary !== null || this.#sender.createsRoom;
  }
  /** Whether all there is was fetched; it is on disk once `head.persisted` says so. */
  get complete(): boolean {
    return this.#head.synced && !this.#advancing && this.#head.sealedTo === null && !this.#filling;
  }
  /** Own entries without arrival, by their own clock. */
  get pending(): readonly PendingEntry[] {
    return this.#sender.pending;
  }
  /** Entries of the head without arrival that the outbox does not know: not acknowledged yet. */
  get unacknowledged(): readonly OrderedEntry[] {
    return this.#head.pending.filter(({ entry }) => !this.#shared.outbox.shows(this.id, entry.id));
  }

  /** Later entries that concern one on a loaded page. */
  effectsOn(id: string): readonly Entry[] {
    const later = this.older.flatMap(({ entries, late }) => [...entries, ...late]);
    const effects = [...later, ...this.#head.arrived].map(({ entry }) => entry);
    return [
      ...new Map(effects.filter((entry) => effectTarget(entry) === id).map((entry) => [entry.id, entry])).values()
    ];
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
    this.#sender.forget(id);
    await this.comeBack();
    await this.#shared.outbox.retry(this.id, id, entry, this.#head.ref.page);
  }

  /** Something was written that may let this person in again. */
  comeBack(): Promise<void> {
    return this.#entrance.comeBack();
  }

  refused(id: string, code: RefusalCode): Promise<void> {
    return this.#sender.refused(id, code);
  }

  /** A sealed page has a newer revision. */
  pageChanged(page: number): Promise<void> {
    return this.#history.reload(page);
  }

  /** Loads the page before the first one; resolves when it is there or cannot be had. */
  loadOlder(): Promise<void> {
    return this.#history.loadOlder(this.#head.ref.page);
  }

  /** Shows the page after the last one; resolves when it is there or cannot be had. */
  loadNewer(): Promise<void> {
    return this.#history.loadNewer(() => this.#head.ref.page);
  }

  /** The window goes back to the head. */
  async toLatest(): Promise<void> {
    const missing = TIMELINE_MIN_ENTRIES - this.#head.arrived.length;
    await this.#history.toLatest(() => this.#head.ref.page, missing);
    if (!this.#closed) this.#lookSoon();
  }

  /** The window goes back to a page that says so; nothing changes (false) when there is none or it cannot be had. */
  goBack(isThere: (page: OlderPage) => boolean, signal: AbortSignal): Promise<boolean> {
    return this.#history.goBack(this.#head.ref.page, isThere, signal);
  }

  /** The window goes to this page; false when it cannot be had, or is not wanted any more. */
  async goTo(page: number, signal: AbortSignal): Promise<boolean> {
    if (page < this.#head.ref.page) return this.#history.goTo(page, () => this.#head.ref.page, signal);
    await this.toLatest();
    return page === this.#head.ref.page && !signal.aborted;
  }

  /** Keeps a sealed page at hand beside the window, until `unpin`. @returns false: the page cannot be had */
  async pin(page: number): Promise<boolean> {
    return page >= this.#head.ref.page || this.#history.pin(page);
  }
  unpin(page: number): void {
    this.#history.unpin(page);
  }

  /** Whether somebody reads the newest and stays there: tells which end of the window is let go of. */
  follow(following: boolean): void {
    this.#history.follow(following);
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
    this.#entrance.end();
    this.#history.close();
    this.#sender.close();
    clearTimeout(this.#jumpTimer);
    this.#expiring.close();
    await this.#head.close();
  }

  async #openHead(page: number): Promise<void> {
    if (page !== this.#head.ref.page) {
      const unopened = this.#head;
      this.#head = this.#newPage(page);
      this.#head.setPresence(this.#presence);
      await unopened.close();
    }
    await this.#head.open();
  }

  async #openAnew(): Promise<void> {
    const old = this.#head;
    const next = this.#newPage(this.summary?.head ?? old.ref.page);
    this.#head = next;
    this.#sender.startOver();
    this.#arrived.startOver(null);
    next.setPresence(this.#presence);
    await old.close();
    await next.open();
  }

  #newPage(page: number): PageReplica {
    const { mux, tabs, locks, stored, rememberDatabase, clock } = this.#shared;
    const database = pageDbName(this.#shared.database, this.id, page);
    rememberDatabase(database);
    const isHead = (): boolean => replica === this.#head && !this.#closed;
    const replica: PageReplica = new PageReplica({
      ref: { room: this.id, page },
      database,
      mux,
      tabs,
      locks,
      now: () => clock(this.id).serverNow(),
      create: () => (page === 0 ? this.#sender.creates : null),
      events: {
        changed: () => this.#lookSoon(),
        synced: () => {
          if (isHead()) this.#syncedChanged();
        },
        presence: () => {
          if (isHead()) this.#tellPresence();
        },
        stored: (outcome) => stored(database, outcome),
        forbidden: () => {
          if (isHead()) void this.#entrance.shutOut();
        },
        beforeRebuild: async (pending) => {
          await this.#sender.adopt(pending, page);
          // The fresh copy gets them all again, under the same ids.
          if (isHead()) this.#sender.startOver();
        }
      }
    });
    return replica;
  }

  #syncedChanged(): void {
    if (this.#head.synced) {
      void this.#shared.list.setHead(this.id, this.#head.ref.page);
      this.#history.lineUp();
    }
    this.#tellPresence();
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
    for (const { entry } of this.#arrived.take(this.#head.arrived)) this.#shared.clock(this.id).observe(entry.sentAt);
    this.#sender.settle();
    this.#history.forgetBefore(Math.min(this.#head.ref.page, ...this.#sender.pending.map(({ page }) => page)));
    if (!this.#advancing && !this.forbidden) this.#sender.append();
    this.#sender.watch();
    const next = this.#head.sealedTo ?? this.#aheadOnServer();
    if (next !== null && next > this.#head.ref.page) void this.#advance(next);
    else if (this.#head.length > 0 || this.#head.synced) void this.#fill();
    this.#tell();
  }

  /** Takes out what has disappeared. */
  #expire(): void {
    this.#head.expire();
    this.#history.expire();
    this.#lookSoon();
  }

  #tell(): void {
    this.#expiring.wait(Math.min(this.#head.nextUntil, this.#history.nextUntil));
    this.#shared.fleeting({ room: this.id, page: this.#head.ref.page }, this.#head.nextUntil);
    for (const listener of [...this.#listeners]) listener();
  }
  #tellPresence(): void {
    for (const listener of [...this.#presenceListeners]) listener();
  }

  /** The head that the server named, once this tab has a line to fetch it. */
  #aheadOnServer(): number | null {
    const head = this.summary?.head;
    if (head === undefined || head <= this.#head.ref.page || this.#jumpTimer !== undefined) return null;
    return this.#shared.mux.up && this.#head.loaded ? head : null;
  }

  /** Goes on to a later head: the next one after a seal, or the one that the server named. */
  async #advance(to: number): Promise<void> {
    if (this.#advancing || this.#closed) return;
    this.#advancing = true;
    try {
      const old = this.#head;
      await this.#sender.adopt(old.pending, old.ref.page);
      if (old.sealedTo === to) await this.#followSeal(old, to);
      else await this.#jump(old, to);
    } finally {
      this.#advancing = false;
    }
    this.#lookSoon();
  }

  /** The old head is complete on this device: it becomes the last older page as it is. */
  async #followSeal(old: PageReplica, to: number): Promise<void> {
    const page = old.ref.page;
    const entries = [...old.arrived];
    const whole = entries.filter(({ entry }) => !isErased(entry));
    const next = this.#newPage(to);
    await next.open();
    const kept = await this.#shared.sealed.keep({
      room: this.id,
      page,
      revision: 0,
      entries: whole.map(({ entry, arrival }) => arrivedEntry(entry, arrival!)),
      erased: entries.filter(({ entry }) => isErased(entry)).map(({ arrival }) => arrival!),
      late: []
    });
    if (this.#closed) return next.close();
    this.#history.add([{ page, entries, late: [] }], to);
    await this.#takeHead(next, old, kept);
  }

  /** This device was away while pages were sealed. What is shown stays until those between are here. */
  async #jump(old: PageReplica, to: number): Promise<void> {
    const from = to - old.ref.page > CATCH_UP_PAGES ? to - 1 : old.ref.page;
    const between = await this.#history.between(from, to);
    if (this.#closed) return;
    if (!between) {
      // The line went again, or the summary was ahead of the page.
      this.#jumpTimer = setTimeout(() => {
        this.#jumpTimer = undefined;
        this.#lookSoon();
      }, JUMP_AGAIN_MS);
      return;
    }
    const next = this.#newPage(to);
    await next.open();
    if (this.#closed) return next.close();
    this.#history.add(between, to);
    await this.#takeHead(next, old, true);
  }

  async #takeHead(next: PageReplica, old: PageReplica, discardOld: boolean): Promise<void> {
    this.#head = next;
    this.#sender.startOver();
    // The state goes on from the old head until the new one's snapshot is here.
    this.#arrived.startOver(this.#arrived.state);
    next.setPresence(this.#presence);
    if (next.synced) this.#syncedChanged();
    this.#look();
    await old.close(discardOld);
    if (!discardOld) return;
    await deleteDB(pageDbName(this.#shared.database, this.id, old.ref.page)).catch(() => undefined);
  }

  /** Older pages while the head is short, so that the person sees a stretch of history at once. */
  async #fill(): Promise<void> {
    const missing = (): boolean =>
      this.#history.reachesHead && this.#head.arrived.length + this.#history.count < TIMELINE_MIN_ENTRIES;
    if (this.#filling || this.forbidden || !missing()) return;
    this.#filling = true;
    for (let first = -1; !this.#closed && missing();) {
      const now = this.#history.first(this.#head.ref.page);
      if (now === 0 || now === first) break;
      first = now;
      await this.loadOlder();
    }
    this.#filling = false;
    // Who waits for `complete` looks again: background sync would hold its place for its whole time.
    this.#tell();
  }
}

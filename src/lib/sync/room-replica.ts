// A room on this device: the head page live, a window of sealed pages that reaches to it or shows the past, and own
// pending entries from the outbox. One look at everything a tick (`#look`), however much changed in it:
//   fold the new arrivals → settle what has arrived → append what is due → follow a seal, or fill up → tell
// Invariant: every entry in the outbox is shown; it leaves only when its arrival is seen, on this page or one before.

import type { RoomClosing } from '#protocol/api/room.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { effectTarget, type Entry } from '#protocol/entry.ts';
import { fold } from '#protocol/fold.ts';
import { TIMELINE_MIN_ENTRIES } from '#protocol/limits.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { ArrivedState } from './arrived-state.ts';
import type { PendingEntry } from './outbox.ts';
import type { OwnPresence } from './page-provider.ts';
import { isErased } from './erased-entry.ts';
import { HeadAdvance } from './head-advance.ts';
import type { OlderPage } from './older-page.ts';
import type { PageReplica } from './page-replica.ts';
import { RoomEntrance } from './room-entrance.ts';
import { RoomExpiry } from './room-expiry.ts';
import { RoomHead } from './room-head.ts';
import { RoomHistory, type HistoryState } from './room-history.ts';
import type { RoomShared } from './room-shared.ts';
import { Sender } from './sender.ts';

export class RoomReplica {
  readonly id: string;
  readonly #shared: RoomShared;
  readonly #history: RoomHistory;
  readonly #sender: Sender;
  readonly #expiry: RoomExpiry;
  readonly #advance: HeadAdvance;
  readonly #entrance: RoomEntrance;
  readonly #head: RoomHead;
  readonly #arrived = new ArrivedState();
  /** What was looked through for erased messages: another array once one is. */
  #looked: readonly OrderedEntry[] = [];
  #filling = false;
  #looking = false;
  #closed = false;
  readonly #listeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];

  constructor(id: string, shared: RoomShared) {
    this.id = id;
    this.#shared = shared;
    this.#history = new RoomHistory(
      id,
      shared.sealed,
      () => this.#tell(),
      () => shared.time.now()
    );
    this.#expiry = new RoomExpiry(shared.time, () => this.#expire());
    this.#sender = new Sender(
      id,
      shared,
      this.#history,
      () => this.head,
      () => this.#lookSoon(),
      () => this.state?.slowSeconds ?? 0
    );
    this.#advance = new HeadAdvance({
      ...{ room: id, shared, history: this.#history, sender: this.#sender },
      head: () => this.head,
      serverHead: () => this.summary?.head,
      newPage: (page) => this.#head.make(page),
      take: (next) => this.#takeHead(next),
      changed: () => this.#lookSoon()
    });
    this.#entrance = new RoomEntrance(id, shared, {
      createsRoom: () => this.#sender.createsRoom,
      openHead: (page) => this.#head.open(page),
      openAnew: () => this.#openAnew(),
      fail: (why) => this.#sender.failAll(why === 'banned' || why === 'deleted' ? why : 'closed'),
      changed: () => this.#lookSoon()
    });
    const row = shared.list.get(id);
    this.#head = new RoomHead(
      {
        ...{ room: id, shared },
        creates: () => this.#sender.creates,
        events: {
          changed: () => this.#lookSoon(),
          synced: () => this.#syncedChanged(),
          forbidden: () => void this.#entrance.shutOut(),
          adopt: (pending, page) => this.#sender.adopt(pending, page),
          // It gets them all again, under the same ids.
          rebuilt: () => this.#sender.startOver()
        }
      },
      row?.head ?? row?.summary?.head ?? 0
    );
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
    return this.#head.page;
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
    if (this.#history.first(this.head.ref.page) > 0) return this.#history.state;
    if (this.head.length > 0 || this.head.synced || this.#sender.createsRoom) return 'start';
    // Nothing of the room is on this device yet.
    return this.#shared.mux.up ? 'loading' : 'unavailable-offline';
  }
  /** Whether this device's copy was read, and something is there to show or the server was asked. */
  get ready(): boolean {
    if (!this.head.loaded) return false;
    return this.head.length > 0 || this.head.synced || this.summary !== null || this.#sender.createsRoom;
  }
  /** Whether all there is was fetched; it is on disk once `head.persisted` says so. */
  get complete(): boolean {
    return this.head.synced && !this.#advance.underWay && this.head.sealedTo === null && !this.#filling;
  }
  /** Own entries without arrival, by their own clock. */
  get pending(): readonly PendingEntry[] {
    return this.#sender.pending;
  }
  /** Entries of the head without arrival that the outbox does not know: not acknowledged yet. */
  get unacknowledged(): readonly OrderedEntry[] {
    return this.head.pending.filter(({ entry }) => !this.#shared.outbox.shows(this.id, entry.id));
  }

  /** Later entries that concern one on a loaded page. */
  effectsOn(id: string): readonly Entry[] {
    const later = this.older.flatMap(({ entries, late }) => [...entries, ...late]);
    const effects = [...later, ...this.head.arrived].map(({ entry }) => entry);
    return [
      ...new Map(effects.filter((entry) => effectTarget(entry) === id).map((entry) => [entry.id, entry])).values()
    ];
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  listenToPresence(listener: () => void): () => void {
    return this.#head.listenToPresence(listener);
  }

  setPresence(own: OwnPresence | null): void {
    this.#head.setPresence(own);
  }

  /** Writes an entry of one's own. Resolves once it is on disk, or is known not to be. */
  async write(entry: Entry): Promise<void> {
    await this.#shared.outbox.add(this.id, entry, this.head.ref.page);
  }

  /** The same for what can be called back for a moment: it goes out after that, whatever becomes of this tab. */
  async hold(entry: Entry): Promise<void> {
    await this.#shared.outbox.hold(this.id, entry, this.head.ref.page);
  }

  async retry(id: string, entry: Entry): Promise<void> {
    this.#sender.forget(id);
    await this.comeBack();
    await this.#shared.outbox.retry(this.id, id, entry, this.head.ref.page);
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
    return this.#history.loadOlder(this.head.ref.page);
  }

  /** Shows the page after the last one; resolves when it is there or cannot be had. */
  loadNewer(): Promise<void> {
    return this.#history.loadNewer(() => this.head.ref.page);
  }

  /** The window goes back to the head. */
  async toLatest(): Promise<void> {
    const missing = TIMELINE_MIN_ENTRIES - this.head.arrived.length;
    await this.#history.toLatest(() => this.head.ref.page, missing);
    if (!this.#closed) this.#lookSoon();
  }

  /** The window goes back to a page that says so; nothing changes (false) when there is none or it cannot be had. */
  goBack(isThere: (page: OlderPage) => boolean, signal: AbortSignal): Promise<boolean> {
    return this.#history.goBack(this.head.ref.page, isThere, signal);
  }

  /** The window goes to this page; false when it cannot be had, or is not wanted any more. */
  async goTo(page: number, signal: AbortSignal): Promise<boolean> {
    if (page < this.head.ref.page) return this.#history.goTo(page, () => this.head.ref.page, signal);
    await this.toLatest();
    return page === this.head.ref.page && !signal.aborted;
  }

  /** Keeps a sealed page at hand beside the window, until `unpin`. @returns false: the page cannot be had */
  async pin(page: number): Promise<boolean> {
    return page >= this.head.ref.page || this.#history.pin(page);
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
    this.#entrance.end();
    this.#history.close();
    this.#sender.close();
    this.#advance.close();
    this.#expiry.close();
    await this.#head.close();
  }

  async #openAnew(): Promise<void> {
    const next = this.#head.make(this.summary?.head ?? this.head.ref.page);
    const old = this.#head.replace(next);
    this.#sender.startOver();
    this.#arrived.startOver(null);
    await old.close();
    await next.open();
  }

  #syncedChanged(): void {
    if (this.head.synced) {
      void this.#shared.list.setHead(this.id, this.head.ref.page);
      this.#history.lineUp();
    }
    this.#head.tellPresence();
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
    const { arrived } = this.head;
    const fresh = this.#arrived.take(arrived);
    for (const { entry } of fresh) this.#shared.clock(this.id).observe(entry.sentAt);
    const looked = arrived === this.#looked ? fresh : arrived;
    this.#looked = arrived;
    this.#shared.erased(
      this.id,
      // What is only hidden may come back.
      looked.filter(({ entry }) => isErased(entry) && !this.head.has(entry.id)).map(({ entry }) => entry.id)
    );
    this.#sender.settle();
    this.#history.forgetBefore(Math.min(this.head.ref.page, ...this.#sender.pending.map(({ page }) => page)));
    if (!this.#advance.underWay && !this.forbidden) this.#sender.append();
    this.#sender.watch();
    const { next } = this.#advance;
    if (next !== null) void this.#advance.goTo(next);
    else if (this.head.length > 0 || this.head.synced) void this.#fill();
    this.#tell();
  }

  /** The server has told its time. @param wasAhead so far it was taken to be later */
  timeHeard(wasAhead: boolean): void {
    this.#expiry.clockChanged();
    if (wasAhead) void this.#history.reloadAll();
    this.#expire();
  }

  /** Hides what has disappeared, and takes it out once that is certain. */
  #expire(): void {
    this.head.expire();
    this.#history.expire();
    this.#lookSoon();
  }

  #tell(): void {
    this.#expiry.wait(Math.min(this.head.nextUntil, this.#history.nextUntil), this.head.nextDrop);
    this.#shared.fleeting({ room: this.id, page: this.head.ref.page }, this.head.nextDrop);
    for (const listener of [...this.#listeners]) listener();
  }

  #takeHead(next: PageReplica): void {
    this.#head.replace(next);
    this.#sender.startOver();
    // The state goes on from the old head until the new one's snapshot is here.
    this.#arrived.startOver(this.#arrived.state);
    if (next.synced) this.#syncedChanged();
    this.#look();
  }

  /** Older pages while the head is short, so that the person sees a stretch of history at once. */
  async #fill(): Promise<void> {
    const missing = (): boolean =>
      this.#history.reachesHead && this.head.arrived.length + this.#history.count < TIMELINE_MIN_ENTRIES;
    if (this.#filling || this.forbidden || !missing()) return;
    this.#filling = true;
    for (let first = -1; !this.#closed && missing();) {
      const now = this.#history.first(this.head.ref.page);
      if (now === 0 || now === first) break;
      first = now;
      await this.loadOlder();
    }
    this.#filling = false;
    // Who waits for `complete` looks again: background sync would hold its place for its whole time.
    this.#tell();
  }
}

// Entries of one's own without arrival, in memory and on disk. Invariant: an entry is `kept` only when the transaction
// that wrote it is complete, and leaves only by its arrival or by the person's will; a refusal keeps it, as failed.
// What goes to disk is signed by this device's key: nothing is written another way.

import { effectTarget, threadOf, type Entry } from '#protocol/entry.ts';
import type { Stored } from '../storage/storage-failure.ts';
import type { FailureCode, OutboxRow, UserDb } from '../storage/user-db.ts';
import { Holds } from './holds.ts';
import { isRemoval, Removals } from './removals.ts';

/** As MessageState of the interface, less `arrived`. */
export type PendingState = 'saving' | 'kept' | 'failed' | 'not-saved';

export interface PendingEntry extends Omit<OutboxRow, 'state'> {
  readonly state: PendingState;
}

export interface Signing {
  isCurrent(entry: Entry): boolean;
  sign(room: string, entry: Entry): Promise<Entry>;
}

export class Outbox {
  readonly #db: UserDb;
  readonly #tab: string;
  readonly #rooms = new Map<string, Map<string, PendingEntry>>();
  /** Messages whose rows another tab took away as arrived, by room and id. */
  readonly #goneElsewhere = new Map<string, Map<string, PendingEntry>>();
  /** Rows that this tab takes away, until they are off the disk: whoever reads them there meanwhile has not got them back. */
  readonly #leaving = new Set<string>();
  readonly #listeners = new Set<(room: string) => void>();
  readonly #beforeGone = new Set<(entries: readonly Entry[]) => Promise<unknown>>();
  /** Rows of the room changed on disk: other tabs want to know. */
  readonly #announce: (room: string) => void;
  readonly #signing: Signing;
  readonly #holds: Holds;
  readonly removals: Removals;
  readonly #changedRooms = new Set<string>();
  #waiting: { readonly row: OutboxRow; readonly done: (stored: Stored) => void }[] = [];
  #writing = false;

  /**
   * @param tab this tab's name
   * @param now by this device's clock, epoch ms
   */
  constructor(db: UserDb, tab: string, signing: Signing, announce: (room: string) => void, now: () => number) {
    this.#db = db;
    this.#tab = tab;
    this.#signing = signing;
    this.#announce = announce;
    this.#holds = new Holds(now, () => this.#holdsOver());
    this.removals = new Removals(this, this.#holds);
  }

  async load(): Promise<void> {
    for (const row of await this.#db.outbox()) this.#set(row);
    this.#watchHolds();
  }

  /** Another tab or the worker may have changed the room's rows. */
  async reload(room: string): Promise<void> {
    const rows = await this.#db.outboxOf(room).catch(() => null);
    if (!rows) return;
    const before = this.#rooms.get(room) ?? new Map<string, PendingEntry>();
    // What only this tab's memory holds stays; the rest is as the disk says.
    const after = new Map([...before].filter(([, { state }]) => state === 'saving' || state === 'not-saved'));
    for (const row of rows) if (!this.#leaving.has(keyOf(row))) after.set(row.id, sameRow(before.get(row.id), row));
    this.#rooms.set(room, after);
    this.#keepGone(room, before, after);
    this.#watchHolds();
    this.#tell(room);
  }

  /** Only an arrival takes a message away alone that had not failed; this tab, still without a line, has not seen it. */
  #keepGone(room: string, before: ReadonlyMap<string, PendingEntry>, after: ReadonlyMap<string, PendingEntry>): void {
    const gone = this.#goneElsewhere.get(room) ?? new Map<string, PendingEntry>();
    const removals = [...before.values()].filter((pending) => isRemoval(pending) && !after.has(pending.id));
    // Gone with its removal it was taken back.
    const takenBack = new Set(removals.map(({ entry }) => effectTarget(entry)));
    for (const [id, pending] of before) {
      if (pending.state !== 'kept' || pending.entry.type !== 'message' || after.has(id) || takenBack.has(id)) continue;
      gone.set(id, pending);
    }
    for (const id of after.keys()) gone.delete(id);
    this.#goneElsewhere.set(room, gone);
  }

  rooms(): string[] {
    return [...this.#rooms].filter(([, entries]) => entries.size > 0).map(([room]) => room);
  }
  of(room: string): readonly PendingEntry[] {
    return [...(this.#rooms.get(room)?.values() ?? [])];
  }
  /** Arrived as another tab has seen: to be shown until this tab's page has them. Not waiting, not unsent. */
  goneElsewhere(room: string): readonly PendingEntry[] {
    return [...(this.#goneElsewhere.get(room)?.values() ?? [])];
  }
  forgetGone(room: string, ids: readonly string[]): void {
    for (const id of ids) this.#goneElsewhere.get(room)?.delete(id);
  }
  /** Whether the entry is shown from here, waiting or gone. */
  shows(room: string, id: string): boolean {
    return this.get(room, id) !== undefined || this.#goneElsewhere.get(room)?.has(id) === true;
  }
  get(room: string, id: string): PendingEntry | undefined {
    return this.#rooms.get(room)?.get(id);
  }
  /** All that is on this device only, failed ones included. */
  get size(): number {
    let size = 0;
    for (const entries of this.#rooms.values()) size += entries.size;
    return size;
  }

  /** When the oldest of them was written, epoch ms; null: there is none. */
  get since(): number | null {
    let since: number | null = null;
    for (const entries of this.#rooms.values())
      for (const { entry } of entries.values()) since = Math.min(since ?? Infinity, entry.sentAt);
    return since;
  }

  /** Takes an entry; resolves once it is on disk, or could not be put there: then it is in memory alone. */
  async add(room: string, entry: Entry, page: number): Promise<PendingEntry['state']> {
    this.#set({ room, id: entry.id, entry, state: 'saving', code: null, page, tab: this.#tab });
    this.#tell(room);
    return this.#save(room, entry.id, 'kept', null);
  }

  /** The same for one that can be called back for a moment, by `remove`. */
  async hold(room: string, entry: Entry, page: number): Promise<void> {
    const heldUntil = this.#holds.end();
    this.#set({ room, id: entry.id, entry, state: 'saving', code: null, page, tab: this.#tab, heldUntil });
    this.#watchHolds();
    this.#tell(room);
    await this.#save(room, entry.id, 'kept', null);
  }

  /** What is held in these tabs is so no more: nobody is there to call it back. */
  async endHolds(isHere: (tab: string) => boolean): Promise<void> {
    const ended: PendingEntry[] = [];
    for (const entries of this.#rooms.values())
      for (const { heldUntil, ...pending } of [...entries.values()])
        if (this.#holds.isHeld({ heldUntil }) && isHere(pending.tab)) ended.push(pending);
    for (const pending of ended) this.#set(pending);
    const rooms = [...new Set(ended.map(({ room }) => room))];
    // Whoever shows the room sends it now, before the disk: there may be no later.
    for (const room of rooms) this.#tell(room);
    this.#watchHolds();
    const rows = ended.filter(isRow);
    if (rows.length > 0) await this.#db.putOutbox(rows);
    for (const room of rooms) this.#announceSoon(room);
  }

  /**
   * Takes back what was not sent, with what it alone is about: the server would only say that it is not there.
   * @returns false: the worker may have sent it since this window read it from disk, so that all of it is there again
   */
  async discard(room: string, id: string): Promise<boolean> {
    // A reply has words of its own, which stay to be copied.
    const about = this.of(room).filter(({ entry }) => effectTarget(entry) === id && threadOf(entry) !== id);
    const isKnown = this.get(room, id)?.posted !== undefined;
    const taken = this.#take(room, [id, ...about.map((one) => one.id)]);
    if (!isKnown && !(await this.#db.takeBack(room, id))) {
      await this.#putBack(room, taken);
      return false;
    }
    await this.#drop(room, taken);
    return true;
  }

  /** An entry that cannot be sent as it is: kept, with the reason. */
  async addFailed(room: string, entry: Entry, page: number, code: FailureCode): Promise<void> {
    this.#set({ room, id: entry.id, entry, state: 'saving', code: null, page, tab: this.#tab });
    await this.#save(room, entry.id, 'failed', code);
  }

  /** Own entries found in a document that the outbox does not know, before that document is dropped. */
  async adopt(room: string, entries: readonly Entry[], page: number): Promise<void> {
    await Promise.all(entries.filter(({ id }) => !this.get(room, id)).map((entry) => this.add(room, entry, page)));
  }

  /** Arrived, or of no more use: the rows go. */
  async remove(room: string, ids: readonly string[]): Promise<void> {
    await this.#drop(room, this.#take(room, ids));
  }

  /** From memory. */
  #take(room: string, ids: readonly string[]): PendingEntry[] {
    const entries = this.#rooms.get(room);
    const taken = ids.flatMap((id) => entries?.get(id) ?? []);
    for (const one of taken) {
      entries!.delete(one.id);
      this.#leaving.add(keyOf(one));
    }
    if (taken.length > 0) this.#tell(room);
    return taken;
  }

  /** From disk. */
  async #drop(room: string, taken: readonly PendingEntry[]): Promise<void> {
    if (taken.length === 0) return;
    await this.#letGo(taken.map(({ entry }) => entry));
    await this.#erase(taken);
    this.#announceSoon(room);
  }

  /** A row whose deletion fails is seen as arrived again at the next start. */
  async #erase(gone: readonly Pick<OutboxRow, 'room' | 'id'>[]): Promise<void> {
    for (const one of gone) this.#leaving.add(keyOf(one));
    const { ok } = await this.#db.deleteOutbox(gone.map(({ room, id }) => [room, id]));
    if (ok) for (const one of gone) this.#leaving.delete(keyOf(one));
  }

  /** What was not to go after all, as the disk has it; what the disk has not got yet is written anew. */
  async #putBack(room: string, taken: readonly PendingEntry[]): Promise<void> {
    for (const one of taken) this.#leaving.delete(keyOf(one));
    await this.reload(room);
    const unwritten = taken.filter((one) => !isRow(one) && !this.get(room, one.id));
    for (const one of unwritten) this.#set({ ...one, state: 'saving' });
    this.#watchHolds();
    this.#tell(room);
    await Promise.all(unwritten.map(({ id }) => this.#save(room, id, 'kept', null)));
  }

  async fail(room: string, id: string, code: FailureCode): Promise<void> {
    if (this.get(room, id)) await this.#save(room, id, 'failed', code);
  }

  /** Tries a failed or unsaved entry again; a changed one takes the old one's place. */
  async retry(room: string, id: string, entry: Entry, page: number): Promise<void> {
    const before = this.get(room, id);
    if (!before) return;
    const same = { ...before, state: 'saving', code: null, page, tab: this.#tab } as const;
    const after: PendingEntry =
      entry.id === id ? { ...same, entry } : { ...same, id: entry.id, entry, posted: undefined };
    this.#rooms.get(room)!.delete(id);
    if (entry.id !== id) this.#leaving.add(keyOf(before));
    this.#set(after);
    this.#tell(room);
    await this.#save(room, entry.id, 'kept', null);
    if (entry.id === id) return;
    await this.#letGo([before.entry]);
    await this.#erase([before]);
  }

  /** Whether it is signed by this device's present key. */
  isSigned({ entry }: PendingEntry): boolean {
    return this.#signing.isCurrent(entry);
  }

  /** Signs anew what another key signed, or none. It goes out once it is on disk so. */
  async sign(room: string, ids: readonly string[]): Promise<void> {
    const due = ids.filter((id) => {
      const pending = this.get(room, id);
      return pending !== undefined && pending.state !== 'saving' && pending.state !== 'failed';
    });
    for (const id of due) this.#set({ ...this.get(room, id)!, state: 'saving' });
    await Promise.all(due.map((id) => this.#save(room, id, 'kept', null)));
  }

  /** The entries were appended to this page's document, by this tab. */
  async moved(room: string, ids: readonly string[], page: number): Promise<void> {
    const rows: OutboxRow[] = [];
    for (const id of ids) {
      const before = this.get(room, id);
      if (!before || (before.page === page && before.tab === this.#tab)) continue;
      const after = { ...before, page, tab: this.#tab };
      this.#set(after);
      if (isRow(after)) rows.push(after);
    }
    if (rows.length > 0) await this.#db.putOutbox(rows);
  }

  listen(listener: (room: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param listener told of entries before they leave the disk, which waits for it: what stands elsewhere for their sake goes first */
  listenBeforeGone(listener: (entries: readonly Entry[]) => Promise<unknown>): () => void {
    this.#beforeGone.add(listener);
    return () => this.#beforeGone.delete(listener);
  }

  close(): void {
    this.#holds.close();
  }

  async #letGo(entries: readonly Entry[]): Promise<void> {
    await Promise.allSettled([...this.#beforeGone].map((listener) => listener(entries)));
  }

  #watchHolds(): void {
    this.#holds.watch([...this.#rooms.values()].flatMap((entries) => [...entries.values()]));
  }

  #holdsOver(): void {
    for (const room of this.rooms()) if (this.removals.isAny(room)) this.#tell(room);
    this.#watchHolds();
  }

  async #save(room: string, id: string, state: OutboxRow['state'], code: FailureCode | null): Promise<PendingState> {
    const before = this.get(room, id);
    if (!before) return state;
    this.#leaving.delete(keyOf(before));
    const entry = state === 'kept' ? await this.#signed(room, before.entry) : before.entry;
    const meanwhile = this.get(room, id);
    if (!meanwhile || (state === 'kept' && meanwhile.state === 'failed')) return meanwhile?.state ?? state;
    const stored = await this.#put({ ...before, entry, state, code });
    const now = this.get(room, id);
    if (!now) {
      // It arrived, or was deleted, while it was being written.
      await this.#erase([before]);
      return state;
    }
    // A refusal is shown as such though it could not be written down.
    const after: PendingState = stored.ok || state === 'failed' ? state : 'not-saved';
    // While the write was under way the server may have refused it: its word is the later one.
    if (state === 'kept' && now.state === 'failed') return now.state;
    this.#set({ ...now, entry, state: after, code });
    this.#tell(room);
    this.#announceSoon(room);
    return after;
  }

  async #signed(room: string, entry: Entry): Promise<Entry> {
    return this.#signing.isCurrent(entry) ? entry : this.#signing.sign(room, entry);
  }

  /** Group commit: what comes in while a transaction is under way goes into the next one. */
  #put(row: OutboxRow): Promise<Stored> {
    return new Promise((done) => {
      this.#waiting.push({ row, done });
      if (!this.#writing) void this.#writeWaiting();
    });
  }

  async #writeWaiting(): Promise<void> {
    this.#writing = true;
    // What is written in the same tick goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const stored = await this.#db.putOutbox(group.map(({ row }) => row));
      if (stored.ok || group.length === 1) for (const { done } of group) done(stored);
      // One that is too large for what room is left must not take the others with it.
      else for (const { row, done } of group) done(await this.#db.putOutbox([row]));
    }
    this.#writing = false;
  }

  #announceSoon(room: string): void {
    this.#changedRooms.add(room);
    if (this.#changedRooms.size > 1) return;
    queueMicrotask(() => {
      const rooms = [...this.#changedRooms];
      this.#changedRooms.clear();
      for (const changed of rooms) this.#announce(changed);
    });
  }

  #set(entry: PendingEntry): void {
    const entries = this.#rooms.get(entry.room);
    if (entries) entries.set(entry.id, entry);
    else this.#rooms.set(entry.room, new Map([[entry.id, entry]]));
  }

  #tell(room: string): void {
    for (const listener of [...this.#listeners]) listener(room);
  }
}

const isRow = (entry: PendingEntry): entry is PendingEntry & OutboxRow =>
  entry.state === 'kept' || entry.state === 'failed';

const keyOf = ({ room, id }: Pick<OutboxRow, 'room' | 'id'>): string => `${room}/${id}`;

/** The object of before where nothing changed, so that what is shown stays the same. */
function sameRow(before: PendingEntry | undefined, row: OutboxRow): PendingEntry {
  const same = before?.state === row.state && before.code === row.code && before.page === row.page;
  const sameWay = before?.tab === row.tab && before.heldUntil === row.heldUntil && before.posted === row.posted;
  return same && sameWay ? before : row;
}

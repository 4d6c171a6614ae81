// Rooms that nobody looks at: their news are fetched and their unsent entries sent, two rooms at a time, then closed,
// so that history is there when the network goes. Invariant: a room counts as fetched only when it is on disk.

import type { Entry } from '#protocol/entry.ts';
import type { MuxSocket } from './mux-socket.ts';
import type { Outbox } from './outbox.ts';
import { newestOf, type RoomList } from './room-list.ts';
import type { RoomReplica } from './room-replica.ts';
import type { VisitedRooms } from './visited-rooms.ts';

const ROOMS_AT_ONCE = 2;
/** A room that does not get done holds its place no longer than this. */
const ROOM_TIMEOUT_MS = 30_000;

export interface BackgroundOptions {
  readonly mux: MuxSocket;
  readonly list: RoomList;
  readonly outbox: Outbox;
  readonly visited: Pick<VisitedRooms, 'rooms' | 'news' | 'fetched'>;
  readonly leads: () => boolean;
  readonly sendsFor: (tab: string) => boolean;
  /** Whether nothing that it names is still to be uploaded. */
  readonly ready: (entry: Entry) => boolean;
  readonly open: (room: string) => { readonly replica: RoomReplica; readonly release: () => Promise<void> };
  readonly busy: (busy: boolean) => void;
  /** All of it is here now; it is closed again right after. */
  readonly fetched: (room: string, replica: RoomReplica) => void;
}

export class BackgroundSync {
  readonly #options: BackgroundOptions;
  readonly #active = new Set<string>();
  /** Rooms that did not get done: not again before something about them changes. */
  readonly #given = new Map<string, string>();
  /** Of rooms that are on their way: look whether they are done. */
  readonly #looks = new Set<() => void>();
  #checking = false;
  #closed = false;

  constructor(options: BackgroundOptions) {
    this.#options = options;
  }

  /** Something changed: starts on what is to be done, once a tick. */
  check(): void {
    if (this.#checking || this.#closed) return;
    this.#checking = true;
    queueMicrotask(() => {
      this.#checking = false;
      this.#check();
    });
  }

  #check(): void {
    const { mux, list, outbox, visited } = this.#options;
    if (!mux.up || this.#closed) return;
    const rooms = new Set([...outbox.rooms(), ...list.all().map(({ id }) => id), ...visited.rooms]);
    for (const room of rooms) {
      if (this.#active.size >= ROOMS_AT_ONCE) break;
      const task = this.#task(room);
      if (task !== null && !this.#active.has(room) && this.#given.get(room) !== task) void this.#run(room, task);
    }
    this.#options.busy(this.#active.size > 0);
  }

  /** The line is new: what did not work before may now. */
  lineUp(): void {
    this.#given.clear();
    this.check();
  }

  close(): void {
    this.#closed = true;
    for (const look of [...this.#looks]) look();
  }

  /** What is to be done for the room, as a string that changes with it; null: nothing. */
  #task(room: string): string | null {
    const newestUnsent = this.#sendable(room).at(-1)?.id ?? null;
    const news = this.#news(room);
    return newestUnsent === null && news === null ? null : `${news ?? ''} ${newestUnsent ?? ''}`;
  }

  #sendable(room: string) {
    const { outbox, ready, sendsFor } = this.#options;
    const notNow = outbox.removals.notNow(room);
    return outbox
      .of(room)
      .filter((pending) => pending.state !== 'failed' && !notNow.has(pending.id) && ready(pending.entry))
      .filter((pending) => sendsFor(outbox.removals.tabOf(pending)));
  }

  /** The place of the newest thing in the room that this device lacks, an edit or erasure too; null: it has all. */
  #news(room: string): string | null {
    const row = this.#options.list.get(room);
    if (!this.#options.leads()) return null;
    if (!row) return this.#options.visited.news(room);
    if (!row.summary) return null;
    const newest = newestOf(row.summary);
    return row.fetched === newest ? null : newest;
  }

  async #run(room: string, task: string): Promise<void> {
    this.#active.add(room);
    const news = this.#news(room);
    const { replica, release } = this.#options.open(room);
    const isHere = (await this.#settled(room, replica)) && (await replica.head.persisted());
    if (isHere) this.#options.fetched(room, replica);
    const isNoted = isHere && news !== null && (await this.#noteFetched(room, news));
    if (!isNoted) this.#given.set(room, task);
    await release();
    this.#active.delete(room);
    this.check();
  }

  /** @returns false where the disk cannot now: it is fetched once more with the next line */
  async #noteFetched(room: string, news: string): Promise<boolean> {
    const { list, visited } = this.#options;
    try {
      await (list.get(room) ? list.setFetched(room, news) : visited.fetched(room, news));
      return true;
    } catch {
      return false;
    }
  }

  /** Resolves with whether all of it is here and sent; not when it is forbidden, takes too long, or the line goes. */
  #settled(room: string, replica: RoomReplica): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (done: boolean): void => {
        clearTimeout(timer);
        stop();
        this.#looks.delete(look);
        resolve(done);
      };
      const look = (): void => {
        if (replica.forbidden || !this.#options.mux.up || this.#closed) finish(false);
        else if (replica.complete && this.#sendable(room).length === 0) finish(true);
      };
      const timer = setTimeout(() => finish(false), ROOM_TIMEOUT_MS);
      const stop = replica.listen(look);
      this.#looks.add(look);
      look();
    });
  }
}

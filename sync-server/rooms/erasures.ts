// Takes erased bytes off the disk. A commit that erases has rewritten its keys in its own batch and left a mark there;
// what is done here for each mark may be done again: delete what a room that is over has left, then compact.
// Invariant: a mark goes only after the compaction that began after it, so a process that dies in between starts anew.

import type { RoomId } from '#protocol/ids.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import { recordsOf } from '../store/log-keys.ts';
import type { RoomLog } from '../store/room-log.ts';
import { decodeStored } from '../store/stored-json.ts';
import type { Timers } from '../timers.ts';
import { pageRevisionSchema } from './change-sequence.ts';
import {
  ALL_ERASURES,
  changeKey,
  contentOf,
  entryOfKey,
  erasuresOf,
  isEntryKey,
  remainsOf,
  revisionsOf,
  roomKey,
  roomOfErasure,
  roomStateKey
} from './keys.ts';
import type { RoomBlobs } from './room-blobs.ts';
import { roomMetaSchema } from './room-meta.ts';
import { droppedBlobs, storedEntrySchema } from './stored-entry.ts';

/** Many are taken away one after the other: one compaction is for all of them. */
const COMPACT_AFTER_MS = 1_000;
const AGAIN_AFTER_MS = 30_000;
const DELETE_AT_ONCE = 1_000;

export interface ErasuresDeps {
  readonly kv: KeyValue;
  readonly log: RoomLog;
  readonly timers: Timers;
  readonly blobs: Pick<RoomBlobs, 'dropped'>;
  /**
   * Deletes what others keep of a room that is over, as reports, and tells where its bytes lay. May be asked again.
   */
  readonly forget: (room: RoomId) => Promise<readonly { readonly gte: string; readonly lt: string }[]>;
  readonly onError: (error: unknown, room: RoomId) => void;
}

export class Erasures {
  readonly #deps: ErasuresDeps;
  readonly #waiting = new Set<RoomId>();
  #cancel: (() => void) | null = null;
  /** Of rooms where it failed. */
  readonly #cancelAgain = new Map<RoomId, () => void>();
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(deps: ErasuresDeps) {
    this.#deps = deps;
  }

  /** Goes on with what a process before left. @throws StoreError */
  static async open(deps: ErasuresDeps): Promise<Erasures> {
    const erasures = new Erasures(deps);
    for await (const [key] of deps.kv.range(ALL_ERASURES)) erasures.schedule(roomOfErasure(key));
    return erasures;
  }

  /** A commit of the room has left a mark. */
  schedule(room: RoomId): void {
    this.#waiting.add(room);
    this.#plan(COMPACT_AFTER_MS);
  }

  /** Nothing waits any more, for tests and for who wants to say that it is done. */
  async settled(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#closed) await this.#run();
    await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    for (const cancel of this.#cancelAgain.values()) cancel();
    await this.#running;
  }

  #plan(afterMs: number): void {
    if (this.#cancel || this.#closed) return;
    this.#cancel = this.#deps.timers.after(afterMs, () => void this.#run());
  }

  /** One after the other. Never rejects. */
  #run(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#running = this.#running.then(() => this.#eraseWaiting());
    return this.#running;
  }

  async #eraseWaiting(): Promise<void> {
    for (const room of [...this.#waiting]) {
      if (this.#closed) return;
      this.#waiting.delete(room);
      try {
        await this.#erase(room);
      } catch (error) {
        if (!this.#closed) this.#deps.onError(error, room);
        // The mark stays, for this process or the next.
        this.#tryAgain(room);
      }
    }
  }

  #tryAgain(room: RoomId): void {
    if (this.#closed) return;
    this.#cancelAgain.get(room)?.();
    const cancel = this.#deps.timers.after(AGAIN_AFTER_MS, () => {
      this.#cancelAgain.delete(room);
      this.schedule(room);
    });
    this.#cancelAgain.set(room, cancel);
  }

  async #erase(room: RoomId): Promise<void> {
    const { kv } = this.#deps;
    const marks: Operation[] = [];
    for await (const [key] of kv.range(erasuresOf(room))) marks.push({ type: 'del', key });
    const value = await kv.get(roomKey(room));
    const isOver = value !== undefined && decodeStored(roomMetaSchema, roomKey(room), value).deleted;
    if (isOver) await this.#deleteRemains(room);
    const elsewhere = isOver ? await this.#deps.forget(room) : [];
    const ranges = [...(isOver ? remainsOf(room) : contentOf(room)), recordsOf(room), ...elsewhere];
    for (const { gte, lt } of ranges) await kv.compactRange(gte, lt);
    // Previews, names, topics of before.
    for (const key of [roomKey(room), roomStateKey(room)]) await kv.compactRange(key, key);
    if (marks.length > 0) await kv.batch(marks, { sync: true });
  }

  async #deleteRemains(room: RoomId): Promise<void> {
    const { kv, log } = this.#deps;
    const changes: Operation[] = [];
    for await (const [key, value] of kv.range(revisionsOf(room))) {
      changes.push({ type: 'del', key: changeKey(decodeStored(pageRevisionSchema, key, value).seq) });
    }
    if (changes.length > 0) await kv.batch(changes, { sync: true });
    for (const range of remainsOf(room)) {
      for (;;) {
        const some: Operation[] = [];
        for await (const [key, value] of kv.range({ ...range, limit: DELETE_AT_ONCE })) {
          some.push({ type: 'del', key });
          // With the last that is known of a message go its references to files.
          if (isEntryKey(key))
            some.push(...droppedBlobs(room, entryOfKey(key)[1], decodeStored(storedEntrySchema, key, value)));
        }
        if (some.length === 0) break;
        await kv.batch(some, { sync: true });
      }
    }
    this.#deps.blobs.dropped();
    await log.trim(room, await log.position(room));
  }
}

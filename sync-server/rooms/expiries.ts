// Takes away what has disappeared: a commit puts each such entry into an index by its time, and one timer waits for the
// first of them. Invariant: a place in the index goes only after the entry's content has, so a process that dies in
// between begins anew; what is gone already costs nothing. A room that fails is tried again, and holds up no other.

import type { EntryId, RoomId } from '#protocol/ids.ts';
import type { KeyValue, Operation } from '../store/key-value.ts';
import type { Timers } from '../timers.ts';
import { ALL_EXPIRIES, entryOfExpiry, expiriesUpTo, untilOfExpiry } from './keys.ts';

/** A page is rewritten whole for each time: what is due within this goes together. Devices hide it to the moment. */
const TOGETHER_MS = 5_000;
const AT_ONCE = 1_000;
const AGAIN_AFTER_MS = 30_000;
/** Timers of a process cannot wait for longer than 24 days. */
const WAIT_MAX_MS = 24 * 3_600_000;

export interface ExpiriesDeps {
  readonly kv: KeyValue;
  readonly timers: Timers;
  /** Erases entries of a room with all that was made of them; those that are gone are left out. @throws StoreError */
  readonly expire: (room: RoomId, ids: readonly EntryId[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export class Expiries {
  readonly #deps: ExpiriesDeps;
  /** Epoch ms of the sweep that is waited for. */
  #nextAt = Infinity;
  #cancel: (() => void) | null = null;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(deps: ExpiriesDeps) {
    this.#deps = deps;
  }

  /** Goes on with what the index holds. @throws StoreError */
  async start(): Promise<void> {
    for await (const [key] of this.#deps.kv.range({ ...ALL_EXPIRIES, limit: 1 })) this.schedule(untilOfExpiry(key));
  }

  /** A commit has put something into the index. @param until epoch ms */
  schedule(until: number): void {
    const at = until + TOGETHER_MS;
    if (at >= this.#nextAt || this.#closed) return;
    this.#plan(at);
  }

  /** Resolves when the sweep under way is over, for tests. */
  settled(): Promise<void> {
    return this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
  }

  #plan(at: number): void {
    this.#cancel?.();
    this.#nextAt = at;
    const waitMs = Math.min(Math.max(0, at - this.#deps.timers.nowMs()), WAIT_MAX_MS);
    this.#cancel = this.#deps.timers.after(waitMs, () => {
      this.#nextAt = Infinity;
      this.#cancel = null;
      this.#running = this.#running.then(() => this.#sweep());
    });
  }

  /** Never rejects. */
  async #sweep(): Promise<void> {
    const failed = new Set<RoomId>();
    try {
      while (!this.#closed && (await this.#sweepSome(failed)));
      if (this.#closed) return;
      if (failed.size > 0) this.#plan(this.#deps.timers.nowMs() + AGAIN_AFTER_MS);
      else await this.start();
    } catch (error) {
      if (this.#closed) return;
      this.#deps.onError(error);
      this.#plan(this.#deps.timers.nowMs() + AGAIN_AFTER_MS);
    }
  }

  /** @param failed rooms that are left for later @returns whether there may be more */
  async #sweepSome(failed: Set<RoomId>): Promise<boolean> {
    const { kv, timers, expire } = this.#deps;
    const due: string[] = [];
    let isFull = false;
    for await (const [key] of kv.range(expiriesUpTo(timers.nowMs()))) {
      if (failed.has(entryOfExpiry(key)[0])) continue;
      // A message and what was made of it have one time, and go together.
      isFull = due.length >= AT_ONCE && untilOfExpiry(key) !== untilOfExpiry(due.at(-1)!);
      if (isFull) break;
      due.push(key);
    }
    if (due.length === 0) return false;
    const gone: Operation[] = [];
    for (const [room, keys] of Map.groupBy(due, (key) => entryOfExpiry(key)[0])) {
      try {
        await expire(
          room,
          keys.map((key) => entryOfExpiry(key)[1])
        );
        gone.push(...keys.map((key): Operation => ({ type: 'del', key })));
      } catch (error) {
        if (this.#closed) throw error;
        this.#deps.onError(error);
        failed.add(room);
      }
    }
    if (gone.length > 0) await kv.batch(gone, { sync: true });
    return isFull;
  }
}

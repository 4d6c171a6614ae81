// Tells the server how far this device has its rooms on disk: at once when it has been quiet, else every STORED_EVERY_MS.
// Invariant: a position is told only once the transaction that stored it is complete, and by the leading tab alone.

import { STORED_EVERY_MS, STORED_MAX_ROOMS } from '#protocol/limits.ts';

/** What was told this shortly before a line went may not have reached the server’s disk. */
const TOLD_AGAIN_MS = 60_000;

export interface StoredReportsOptions {
  /** Rooms, and up to which Arrival.n they are on disk. */
  readonly stored: () => Iterable<readonly [room: string, n: number]>;
  readonly mayTell: () => boolean;
  readonly now: () => number;
  readonly send: (rooms: readonly { readonly room: string; readonly n: number }[]) => void;
}

export class StoredReports {
  readonly #options: StoredReportsOptions;
  readonly #told = new Map<string, { readonly n: number; readonly at: number }>();
  #sentAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: StoredReportsOptions) {
    this.#options = options;
  }

  lineUp(): void {
    const now = this.#options.now();
    for (const [room, { at }] of this.#told) if (now - at < TOLD_AGAIN_MS) this.#told.delete(room);
    this.check();
  }

  /** Something may have been stored. */
  check(): void {
    if (this.#timer !== null || !this.#options.mayTell() || this.#news().length === 0) return;
    // A clock that was set back must not keep it quiet.
    const sinceMs = Math.max(0, this.#options.now() - this.#sentAt);
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, STORED_EVERY_MS - sinceMs));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#timer = null;
    if (!this.#options.mayTell()) return;
    const rooms = this.#news().slice(0, STORED_MAX_ROOMS);
    if (rooms.length === 0) return;
    this.#options.send(rooms);
    this.#sentAt = this.#options.now();
    for (const { room, n } of rooms) this.#told.set(room, { n, at: this.#sentAt });
    this.check();
  }

  #news(): { readonly room: string; readonly n: number }[] {
    const news: { readonly room: string; readonly n: number }[] = [];
    for (const [room, n] of this.#options.stored()) {
      if (n > (this.#told.get(room)?.n ?? 0)) news.push({ room, n });
    }
    return news;
  }
}

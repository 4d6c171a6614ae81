// Rooms that this person is not in, and of which this device has copies: public ones that were looked at, and those that
// were left. Nobody tells what happens there. Invariant: with each line one tab asks; where something changed it is fetched,
// looked at or not, so that erased content does not live on here, and what is closed by now leaves the device.

import { deleteDB } from 'idb';
import { pageDbName } from '../storage/user-db.ts';
import type { Files } from './files.ts';
import { headOf, newestOf, type RoomList } from './room-list.ts';
import type { LookedUp } from './room-shared.ts';
import type { SealedPages } from './sealed-pages.ts';

export interface VisitedRoomsOptions {
  /** First part of the names of pages' databases. */
  readonly database: string;
  readonly list: Pick<RoomList, 'visited' | 'rejoined' | 'setSeen' | 'forgetVisited'>;
  readonly sealed: Pick<SealedPages, 'doubt' | 'drop' | 'refresh'>;
  readonly files: Pick<Files, 'closed'>;
  readonly lookUp: (room: string) => Promise<LookedUp>;
  /** Whether there is a line, and this tab asks for all. */
  readonly mayAsk: () => boolean;
  /** Whether this tab has the room open: then it is in step. */
  readonly isOpen: (room: string) => boolean;
  /** There is something to be fetched. */
  readonly changed: () => void;
}

export class VisitedRooms {
  readonly #options: VisitedRoomsOptions;
  /** Rooms that changed since they were here last, and up to where. */
  readonly #news = new Map<string, string>();
  #asked = false;

  constructor(options: VisitedRoomsOptions) {
    this.#options = options;
  }

  /** Something may have been done there since the line before. */
  lineUp(): void {
    this.#asked = false;
    this.check();
  }

  /** This tab may be the one that asks by now. */
  check(): void {
    if (this.#asked || !this.#options.mayAsk()) return;
    this.#asked = true;
    void this.#askAll().catch(() => undefined);
  }

  get rooms(): Iterable<string> {
    return this.#news.keys();
  }
  news(room: string): string | null {
    return this.#news.get(room) ?? null;
  }

  async fetched(room: string, news: string): Promise<void> {
    const { list } = this.#options;
    if (this.#news.get(room) === news) this.#news.delete(room);
    const head = headOf(news);
    const heads = (await list.visited()).find(({ id }) => id === room)?.heads ?? [];
    // Nothing that is erased there now would reach the document of a page that was the newest as one left.
    await this.#deleteDocuments(
      room,
      heads.filter((one) => one < head)
    );
    await list.setSeen(room, news);
  }

  /** One after the other: nobody waits for them. */
  async #askAll(): Promise<void> {
    const { list, mayAsk, isOpen, lookUp, sealed, changed } = this.#options;
    for (const { id, heads, seen } of await list.visited()) {
      if (!mayAsk()) return;
      if (isOpen(id)) continue;
      const found = await lookUp(id);
      if (found.kind === 'offline') return;
      if (found.kind === 'closed') {
        await this.#leave(id, heads);
        continue;
      }
      const newest = newestOf(found.summary);
      if (newest === seen) continue;
      await sealed.doubt(id);
      void sealed.refresh();
      this.#news.set(id, newest);
      changed();
    }
    await this.#tidyRejoined();
  }

  /** Where one is in again, the room goes on from its newest page, and nobody minds those from before. */
  async #tidyRejoined(): Promise<void> {
    const { list, isOpen } = this.#options;
    for (const { id, heads } of await list.rejoined()) {
      if (isOpen(id)) continue;
      await this.#deleteDocuments(id, heads);
      await list.forgetVisited(id);
    }
  }

  async #leave(id: string, heads: readonly number[]): Promise<void> {
    const { list, sealed, files } = this.#options;
    this.#news.delete(id);
    await sealed.drop(id);
    await files.closed(id);
    await this.#deleteDocuments(id, heads);
    await list.forgetVisited(id);
  }

  async #deleteDocuments(id: string, pages: readonly number[]): Promise<void> {
    for (const page of pages) await deleteDB(pageDbName(this.#options.database, id, page)).catch(() => undefined);
  }
}

// What disappears on this device in rooms that nobody looks at: copies of pages on the disk, and lines of the list of
// rooms. Rooms that are open see to their own (room-replica.ts). Invariant: a page is in the index as long as something
// on its copy is to disappear, so that no start has to read every page.

import * as Y from 'yjs';
import { docName, parseDocName, type PageRef } from '#protocol/ids.ts';
import { PagePersistence } from '../storage/page-persistence.ts';
import { pageDbName, type UserDb } from '../storage/user-db.ts';
import { ExpiryTimer } from './expiry-timer.ts';
import { PageDocument } from './page-document.ts';
import type { RoomList } from './room-list.ts';
import type { SealedPages } from './sealed-pages.ts';

/** Where the times of pages lie, by document name. */
const FLEETING = 'fleetingPages';

type Times = Readonly<Record<string, number>>;

export interface ExpiryWatchOptions {
  readonly db: Pick<UserDb, 'name' | 'meta' | 'swapMeta'>;
  readonly list: Pick<RoomList, 'nextUntil' | 'expire' | 'listen'>;
  readonly sealed: Pick<SealedPages, 'expire'>;
  /** Epoch ms by the server's clock, as far as it is known. */
  readonly now: () => number;
  /** Whether this tab has the room open. */
  readonly isOpen: (room: string) => boolean;
}

export class ExpiryWatch {
  readonly #options: ExpiryWatchOptions;
  readonly #times = new Map<string, number>();
  readonly #timer: ExpiryTimer;
  readonly #stop: () => void;
  /** Writes and sweeps, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ExpiryWatchOptions) {
    this.#options = options;
    this.#timer = new ExpiryTimer(options.now, () => this.#enqueue(() => this.#sweep()));
    this.#stop = options.list.listen(() => this.#wait());
  }

  /** Reads the index, and takes away what fell due while nobody was here. */
  async load(): Promise<void> {
    const times = (await this.#options.db.meta<Times>(FLEETING)) ?? {};
    for (const [page, until] of Object.entries(times)) this.#times.set(page, until);
    await this.#sweep();
  }

  /** @param until when the first of what is on the page disappears; Infinity: nothing does */
  note(ref: PageRef, until: number): void {
    const page = docName(ref);
    if ((this.#times.get(page) ?? Infinity) === until) return;
    if (until === Infinity) this.#times.delete(page);
    else this.#times.set(page, until);
    this.#wait();
    this.#enqueue(() => this.#write(page));
  }

  async close(): Promise<void> {
    this.#stop();
    this.#timer.close();
    await this.#queue;
    this.#closed = true;
  }

  #wait(): void {
    if (!this.#closed) this.#timer.wait(Math.min(this.#options.list.nextUntil, ...this.#times.values()));
  }

  /** Never rejects: what could not be done is done at the next start. */
  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch(() => undefined);
  }

  async #write(page: string): Promise<void> {
    const until = this.#times.get(page);
    await this.#options.db.swapMeta<Times>(FLEETING, (before = {}) => {
      const { [page]: _, ...rest } = before;
      return until === undefined ? rest : { ...rest, [page]: until };
    });
  }

  async #sweep(): Promise<void> {
    const { list, sealed, now, isOpen } = this.#options;
    const nowMs = now();
    await list.expire(nowMs);
    for (const [page, until] of [...this.#times]) {
      const ref = parseDocName(page);
      if (until > nowMs || !ref) continue;
      // On a page that was the head once, either may lie.
      const inSealed = await sealed.expire(ref);
      const inDocument = isOpen(ref.room) ? Infinity : await this.#expireDocument(ref);
      this.note(ref, Math.min(inSealed, inDocument));
    }
    this.#wait();
  }

  async #expireDocument({ room, page }: PageRef): Promise<number> {
    const { db, now } = this.#options;
    const doc = new Y.Doc();
    const document = new PageDocument(doc, () => undefined, now);
    const disk = new PagePersistence(pageDbName(db.name, room, page), doc, {
      stored: () => undefined,
      superseded: () => undefined
    });
    try {
      const loaded = await disk.load();
      if (!loaded.ok) return document.nextUntil;
      document.expire();
      return document.nextUntil;
    } finally {
      await disk.close();
      document.close();
      doc.destroy();
    }
  }
}

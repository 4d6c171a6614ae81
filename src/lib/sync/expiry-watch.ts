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
import type { ServerTime } from './server-clock.ts';

/** Where the times of pages lie, by document name. */
const FLEETING = 'fleetingPages';

type Times = Readonly<Record<string, number>>;

export interface ExpiryWatchOptions {
  readonly db: Pick<UserDb, 'name' | 'meta' | 'swapMeta'>;
  readonly list: Pick<RoomList, 'nextUntil' | 'nextDrop' | 'expire' | 'listen'>;
  readonly sealed: Pick<SealedPages, 'expire'>;
  readonly time: ServerTime;
  /** Whether this tab has the room open. */
  readonly isOpen: (room: string) => boolean;
}

export class ExpiryWatch {
  readonly #options: ExpiryWatchOptions;
  readonly #times = new Map<string, number>();
  readonly #hiding: ExpiryTimer;
  readonly #dropping: ExpiryTimer;
  readonly #stop: () => void;
  /** Writes and sweeps, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ExpiryWatchOptions) {
    this.#options = options;
    const sweep = (): void => this.#enqueue(() => this.#sweep());
    this.#hiding = new ExpiryTimer(() => options.time.now(), sweep);
    this.#dropping = new ExpiryTimer(() => options.time.proven(), sweep);
    this.#stop = options.list.listen(() => this.#wait());
  }

  /** Reads the index, and takes away what fell due while nobody was here. */
  async load(): Promise<void> {
    const times = (await this.#options.db.meta<Times>(FLEETING)) ?? {};
    for (const [page, until] of Object.entries(times)) this.#times.set(page, until);
    await this.#sweep();
  }

  /** The server has told its time. */
  timeHeard(): void {
    this.#hiding.clockChanged();
    this.#dropping.clockChanged();
    this.#enqueue(() => this.#sweep());
  }

  /** @param until when the first of what is on the page is to be deleted; Infinity: nothing is */
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
    this.#hiding.close();
    this.#dropping.close();
    await this.#queue;
    this.#closed = true;
  }

  #wait(): void {
    if (this.#closed) return;
    const { nextUntil, nextDrop } = this.#options.list;
    this.#hiding.wait(nextUntil);
    this.#dropping.wait(Math.min(nextDrop, ...this.#times.values()));
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
    const { list, sealed, time, isOpen } = this.#options;
    const provenMs = time.proven();
    await list.expire();
    for (const [page, until] of [...this.#times]) {
      const ref = parseDocName(page);
      if (until > provenMs || !ref) continue;
      // On a page that was the head once, either may lie.
      const inSealed = await sealed.expire(ref);
      const inDocument = isOpen(ref.room) ? Infinity : await this.#expireDocument(ref);
      this.note(ref, Math.min(inSealed, inDocument));
    }
    this.#wait();
  }

  async #expireDocument({ room, page }: PageRef): Promise<number> {
    const { db, time } = this.#options;
    const doc = new Y.Doc();
    const document = new PageDocument(doc, () => undefined, time);
    const disk = new PagePersistence(pageDbName(db.name, room, page), doc, {
      stored: () => undefined,
      superseded: () => undefined
    });
    try {
      const loaded = await disk.load();
      if (!loaded.ok) return document.nextDrop;
      document.expire();
      return document.nextDrop;
    } finally {
      await disk.close();
      document.close();
      doc.destroy();
    }
  }
}

// A room's way on to a later head: to the next one after a seal, or to the one that the server named while this device was
// away. Invariant: what is shown stays until the pages between are here, and the old head leaves the disk only once it is
// kept there as a sealed page, or all of it is at the server.

import { deleteDB } from 'idb';
import { arrivedEntry } from '#protocol/arrival.ts';
import { pageDbName } from '../storage/user-db.ts';
import { isErased } from './erased-entry.ts';
import type { PageReplica } from './page-replica.ts';
import type { RoomHistory } from './room-history.ts';
import type { RoomShared } from './room-shared.ts';
import type { Sender } from './sender.ts';

/** A device that is further behind than this shows the newest pages and loads those between on demand. */
const CATCH_UP_PAGES = 5;
const JUMP_AGAIN_MS = 3_000;

export interface HeadAdvanceOptions {
  readonly room: string;
  readonly shared: Pick<RoomShared, 'database' | 'mux' | 'sealed'>;
  readonly history: RoomHistory;
  readonly sender: Sender;
  readonly head: () => PageReplica;
  /** The newest page by the server's word; undefined: not known. */
  readonly serverHead: () => number | undefined;
  readonly newPage: (page: number) => PageReplica;
  /** It is open, and the room's head from now on. */
  readonly take: (next: PageReplica) => void;
  /** It is to be looked again. */
  readonly changed: () => void;
}

export class HeadAdvance {
  readonly #options: HeadAdvanceOptions;
  #underWay = false;
  #closed = false;
  #againTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HeadAdvanceOptions) {
    this.#options = options;
  }

  get underWay(): boolean {
    return this.#underWay;
  }

  /** The page to go on to; null: the head is the newest, as far as is known. */
  get next(): number | null {
    const head = this.#options.head();
    const next = head.sealedTo ?? this.#aheadOnServer(head);
    return next !== null && next > head.ref.page ? next : null;
  }

  async goTo(page: number): Promise<void> {
    if (this.#underWay || this.#closed) return;
    this.#underWay = true;
    try {
      const old = this.#options.head();
      await this.#options.sender.adopt(old.pending, old.ref.page);
      if (old.sealedTo === page) await this.#followSeal(old, page);
      else await this.#jump(old, page);
    } finally {
      this.#underWay = false;
    }
    this.#options.changed();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#againTimer);
  }

  /** The head that the server named, once this tab has a line to fetch it. */
  #aheadOnServer(head: PageReplica): number | null {
    const named = this.#options.serverHead();
    if (named === undefined || this.#againTimer !== undefined) return null;
    return this.#options.shared.mux.up && head.loaded ? named : null;
  }

  /** The old head is complete on this device: it becomes the last older page as it is. */
  async #followSeal(old: PageReplica, to: number): Promise<void> {
    const { history, newPage, room, shared } = this.#options;
    const page = old.ref.page;
    const entries = [...old.arrived];
    const whole = entries.filter(({ entry }) => !isErased(entry));
    const next = newPage(to);
    await next.open();
    const kept = await shared.sealed.keep({
      room,
      page,
      revision: 0,
      entries: whole.map(({ entry, arrival }) => arrivedEntry(entry, arrival!)),
      erased: entries.filter(({ entry }) => isErased(entry)).map(({ arrival }) => arrival!),
      late: []
    });
    if (this.#closed) return next.close();
    history.add([{ page, entries, late: [] }], to);
    await this.#exchange(old, next, kept);
  }

  /** This device was away while pages were sealed. What is shown stays until those between are here. */
  async #jump(old: PageReplica, to: number): Promise<void> {
    const { changed, history, newPage } = this.#options;
    const from = to - old.ref.page > CATCH_UP_PAGES ? to - 1 : old.ref.page;
    const between = await history.between(from, to);
    if (this.#closed) return;
    if (!between) {
      // The line went again, or the summary was ahead of the page.
      this.#againTimer = setTimeout(() => {
        this.#againTimer = undefined;
        changed();
      }, JUMP_AGAIN_MS);
      return;
    }
    const next = newPage(to);
    await next.open();
    if (this.#closed) return next.close();
    history.add(between, to);
    await this.#exchange(old, next, true);
  }

  async #exchange(old: PageReplica, next: PageReplica, discardOld: boolean): Promise<void> {
    const { room, shared, take } = this.#options;
    take(next);
    await old.close(discardOld);
    if (discardOld) await deleteDB(pageDbName(shared.database, room, old.ref.page)).catch(() => undefined);
  }
}

// The head page of a room on this device, whichever page that is by now, and what this person shows of themself there.
// Invariant: one page is the head at a time, and only that one is heard of presence, of being in step and of being closed.

import type { UserId } from '#protocol/ids.ts';
import type { OrderedEntry } from '#protocol/order.ts';
import { pageDbName } from '../storage/user-db.ts';
import type { OwnPresence } from './page-provider.ts';
import { PageReplica } from './page-replica.ts';
import type { RoomShared } from './room-shared.ts';

export interface RoomHeadOptions {
  readonly room: string;
  readonly shared: Pick<RoomShared, 'database' | 'mux' | 'tabs' | 'locks' | 'time' | 'stored' | 'rememberDatabase'>;
  /** As OpenRequest.create. */
  readonly creates: () => true | UserId | null;
  readonly events: RoomHeadEvents;
}

export interface RoomHeadEvents {
  /** Something is otherwise on the head, or on a page that is to be it. */
  readonly changed: () => void;
  /** The head is in step with the server, or is no more. */
  readonly synced: () => void;
  /** The room is closed to this person. */
  readonly forbidden: () => void;
  /** The copy of a page is about to be dropped with these entries, which have no arrival. */
  readonly adopt: (pending: readonly OrderedEntry[], page: number) => Promise<void>;
  /** The head's document is a fresh one, under a client id of its own. */
  readonly rebuilt: () => void;
}

export class RoomHead {
  readonly #options: RoomHeadOptions;
  #page: PageReplica;
  #presence: OwnPresence | null = null;
  #closed = false;
  readonly #presenceListeners = new Set<() => void>();

  /** @param page its number, as far as is known by now */
  constructor(options: RoomHeadOptions, page: number) {
    this.#options = options;
    this.#page = this.make(page);
  }

  get page(): PageReplica {
    return this.#page;
  }

  /** A page that is not open yet, to be the head later. */
  make(page: number): PageReplica {
    const { creates, events, room, shared } = this.#options;
    const { mux, tabs, locks, stored, rememberDatabase, time } = shared;
    const database = pageDbName(shared.database, room, page);
    rememberDatabase(database);
    const isHead = (): boolean => replica === this.#page && !this.#closed;
    const replica: PageReplica = new PageReplica({
      ref: { room, page },
      ...{ database, mux, tabs, locks, time },
      create: () => (page === 0 ? creates() : null),
      events: {
        changed: events.changed,
        synced: () => {
          if (isHead()) events.synced();
        },
        presence: () => {
          if (isHead()) this.tellPresence();
        },
        stored: (outcome) => stored(database, outcome),
        forbidden: () => {
          if (isHead()) events.forbidden();
        },
        beforeRebuild: async (pending) => {
          await events.adopt(pending, page);
          if (isHead()) events.rebuilt();
        }
      }
    });
    return replica;
  }

  /** @returns the one before, to be closed */
  replace(next: PageReplica): PageReplica {
    const before = this.#page;
    this.#page = next;
    next.setPresence(this.#presence);
    return before;
  }

  /** Opens it; by now it is known to be this page. */
  async open(page: number): Promise<void> {
    if (page !== this.#page.ref.page) await this.replace(this.make(page)).close();
    await this.#page.open();
  }

  setPresence(own: OwnPresence | null): void {
    this.#presence = own;
    this.#page.setPresence(own);
  }

  listenToPresence(listener: () => void): () => void {
    this.#presenceListeners.add(listener);
    return () => this.#presenceListeners.delete(listener);
  }

  tellPresence(): void {
    for (const listener of [...this.#presenceListeners]) listener();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#presenceListeners.clear();
    await this.#page.close();
  }
}

// Finds a message by its id, in any room and on any page: for links, pins and stars, which know no more of it.
// Invariant: what was erased is never given as if it were there, and nothing is kept here of what was found.

import type { EntryPlace } from '#protocol/api/room.ts';
import { effectTarget, type Entry } from '#protocol/entry.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { UserDb } from '../storage/user-db.ts';
import { isErased } from './erased-entry.ts';
import type { Outbox } from './outbox.ts';
import type { RoomReplica } from './room-replica.ts';
import type { SealedPages } from './sealed-pages.ts';

export type Place =
  | { readonly kind: 'page'; readonly page: number }
  /** The room has no such message, or is closed to this person. */
  | { readonly kind: 'gone' }
  /** Not on this device, and there is no line to ask. */
  | { readonly kind: 'offline' };

export type Found =
  | {
      readonly kind: 'found';
      readonly entry: Entry;
      /** What changes it, in arrival order, then one's own that wait. */
      readonly effects: readonly Entry[];
      readonly page: number;
    }
  | { readonly kind: 'gone' }
  | { readonly kind: 'offline' };

export interface MessageFinderOptions {
  readonly api: Pick<ApiClient, 'get'>;
  readonly db: Pick<UserDb, 'sealedNumbers'>;
  readonly sealed: Pick<SealedPages, 'load' | 'cached'>;
  readonly outbox: Pick<Outbox, 'of'>;
  readonly lineUp: () => boolean;
  readonly open: (room: string) => { readonly replica: RoomReplica; readonly release: () => Promise<void> };
}

/** A line that brings nothing for so long is not waited for. */
const READY_MS = 4_000;

export class MessageFinder {
  readonly #options: MessageFinderOptions;

  constructor(options: MessageFinderOptions) {
    this.#options = options;
  }

  /** @param hint the page that it was on when last seen */
  async place(room: string, id: string, hint: number | null = null): Promise<Place> {
    if (hint !== null && (await this.#isOn(room, id, hint))) return { kind: 'page', page: hint };
    const answer = await this.#options.api.get<EntryPlace>(`/api/rooms/${room}/entries/${id}`);
    if (answer.ok) return answer.value.page === null ? { kind: 'gone' } : { kind: 'page', page: answer.value.page };
    if (isClosed(answer.code)) return { kind: 'gone' };
    for (const page of await this.#options.db.sealedNumbers(room).catch(() => []))
      if (await this.#isOn(room, id, page)) return { kind: 'page', page };
    return { kind: 'offline' };
  }

  /** The message with what became of it. Never throws. */
  async read(room: string, id: string, hint: number | null = null): Promise<Found> {
    const waiting = this.#options.outbox.of(room).map(({ entry }) => entry);
    const own = waiting.find((entry) => entry.id === id);
    const pending = waiting.filter((entry) => effectTarget(entry) === id);
    if (own) return { kind: 'found', entry: own, effects: pending, page: hint ?? 0 };
    const inHinted = hint === null ? null : await this.#onSealed(room, id, hint, pending);
    if (inHinted) return inHinted;
    const head = await this.#onHead(room, id, pending);
    if (head.kind !== 'none') return head;
    const place = await this.place(room, id, null);
    if (place.kind !== 'page') return place;
    return (await this.#onSealed(room, id, place.page, pending)) ?? { kind: 'offline' };
  }

  async #isOn(room: string, id: string, page: number): Promise<boolean> {
    const body = await this.#options.sealed.cached({ room, page });
    return (
      body !== null && (body.entries.some(({ entry }) => entry.id === id) || body.erased.some((one) => one.id === id))
    );
  }

  async #onSealed(room: string, id: string, page: number, pending: readonly Entry[]): Promise<Found | null> {
    const loaded = await this.#options.sealed.load({ room, page });
    if (loaded.kind !== 'page') return null;
    const { entries, late, erased } = loaded.body;
    if (erased.some((one) => one.id === id)) return { kind: 'gone' };
    const all = [...entries, ...late].map(({ entry }) => entry);
    const entry = all.find((one) => one.id === id);
    if (!entry) return null;
    return { kind: 'found', entry, effects: [...all.filter((one) => effectTarget(one) === id), ...pending], page };
  }

  /** Among what this device has of the newest pages, once it is read. */
  async #onHead(room: string, id: string, pending: readonly Entry[]): Promise<Found | { readonly kind: 'none' }> {
    const { replica, release } = this.#options.open(room);
    try {
      const pages = () => [...replica.older, { page: replica.head.ref.page, entries: replica.head.arrived }];
      const has = (): boolean => pages().some(({ entries }) => entries.some(({ entry }) => entry.id === id));
      await isRead(replica, has, this.#options.lineUp);
      for (const { page, entries } of pages()) {
        const entry = entries.find((one) => one.entry.id === id)?.entry;
        if (!entry) continue;
        if (isErased(entry)) return { kind: 'gone' };
        return { kind: 'found', entry, effects: [...replica.effectsOn(id), ...pending], page };
      }
      return { kind: 'none' };
    } finally {
      await release();
    }
  }
}

const isClosed = (code: string): boolean => code === 'not-found' || code === 'forbidden' || code.startsWith('room-');

/** Resolves when what is looked for is here, or all that can be had now. */
function isRead(replica: RoomReplica, has: () => boolean, lineUp: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const done = (): void => {
      for (const stop of stops) stop();
      resolve();
    };
    const isDone = (): boolean => {
      if (replica.forbidden) return true;
      if (!replica.head.loaded || !replica.ready) return false;
      return has() || replica.complete || !lineUp();
    };
    if (isDone()) return done();
    const timer = setTimeout(done, READY_MS);
    stops.push(
      replica.listen(() => isDone() && done()),
      () => clearTimeout(timer)
    );
  });
}

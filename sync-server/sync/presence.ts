// The presence of all pages. A page is kept while a channel has a seat on it.

import type { PageRef, RoomId, UserId } from '#protocol/ids.ts';
import type { PrivacyChoices } from '../personal/privacy-choices.ts';
import { PagePresence } from './page-presence.ts';
import type { Timers } from '../timers.ts';

/** Of each of these people who is present: the rooms where, and how. */
export type PresentIn = (
  users: readonly UserId[]
) => ReadonlyMap<UserId, readonly (readonly [room: RoomId, status: 'here' | 'away'])[]>;

export class Presence {
  readonly #privacy: Pick<PrivacyChoices, 'of'>;
  readonly #timers: Timers;
  readonly #random32: () => number;
  readonly #rooms = new Map<RoomId, Map<number, PagePresence>>();

  constructor(privacy: Pick<PrivacyChoices, 'of'>, timers: Timers, random32: () => number = randomUint32) {
    this.#privacy = privacy;
    this.#timers = timers;
    this.#random32 = random32;
  }

  /** The page's presence, to take a seat on it at once. */
  page(ref: PageRef): PagePresence {
    const pages = this.#rooms.get(ref.room) ?? new Map<number, PagePresence>();
    this.#rooms.set(ref.room, pages);
    const page = pages.get(ref.page) ?? new PagePresence(this.#privacy, this.#timers, this.#random32);
    pages.set(ref.page, page);
    return page;
  }

  /** A person tells others that they type from now on, or keeps that back. */
  privacyChanged(user: UserId): void {
    for (const pages of this.#rooms.values()) for (const page of pages.values()) page.privacyChanged(user);
  }

  /** After a seat was left. */
  release(ref: PageRef): void {
    const pages = this.#rooms.get(ref.room);
    if (!pages?.get(ref.page)?.isEmpty) return;
    pages.delete(ref.page);
    if (pages.size === 0) this.#rooms.delete(ref.room);
  }

  readonly presentIn: PresentIn = (users) => {
    const found = new Map<UserId, [RoomId, 'here' | 'away'][]>();
    const wanted = new Set(users);
    for (const [room, pages] of this.#rooms) {
      for (const page of pages.values()) {
        for (const [user, status] of page.statuses()) {
          if (!wanted.has(user)) continue;
          const rooms = found.get(user);
          if (rooms) rooms.push([room, status]);
          else found.set(user, [[room, status]]);
        }
      }
    }
    return found;
  };

  /** People present on any page of the room, sorted. */
  users(room: RoomId): UserId[] {
    const users = new Set<UserId>();
    for (const page of this.#rooms.get(room)?.values() ?? []) for (const user of page.users()) users.add(user);
    return [...users].sort();
  }
}

const randomUint32 = (): number => globalThis.crypto.getRandomValues(new Uint32Array(1))[0]!;

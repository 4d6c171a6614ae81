// What a person does with rooms for themselves alone: favourites, muted, put away, how loud, read and unread. Kept in their
// own document. Invariant: nothing here waits for the network.

import type { NotificationRules, QuietHours } from '#protocol/notification-rules.ts';
import type { NotificationLevel } from '#protocol/personal.ts';
import type { SyncClient } from '../sync/sync-client.ts';

export interface OwnRooms {
  /** Of rooms that have none of their own. Reactive. */
  readonly defaultLevel: NotificationLevel;
  setDefaultLevel(level: NotificationLevel): void;
  /** Words that one hears of as if one were mentioned. Reactive. */
  readonly keywords: readonly string[];
  setKeywords(words: readonly string[]): void;
  /** When one hears of nothing; null: never. Reactive. */
  readonly quietHours: QuietHours | null;
  setQuietHours(quiet: QuietHours | null): void;
  /** null: the default. */
  setLevel(room: string, level: NotificationLevel | null): void;
  /** It goes below the other favourites. */
  setFavourite(room: string, favourite: boolean): void;
  /** @param before the favourite that it goes above; null: below all */
  moveFavourite(room: string, before: string | null): void;
  setMuted(room: string, muted: boolean): void;
  setArchived(room: string, archived: boolean): void;
  markRead(room: string): void;
  /** From the newest message on; nothing where there is none. */
  markUnread(room: string): void;
  markAllRead(): void;
}

export class RoomsOfOne implements OwnRooms {
  readonly #client: () => SyncClient | null;
  readonly #rules: () => NotificationRules;

  constructor(client: () => SyncClient | null, rules: () => NotificationRules) {
    this.#client = client;
    this.#rules = rules;
  }

  get defaultLevel(): NotificationLevel {
    return this.#rules().level;
  }
  setDefaultLevel(level: NotificationLevel): void {
    this.#do(({ marks }) => marks.setDefaultLevel(level));
  }
  get keywords(): readonly string[] {
    return this.#rules().keywords;
  }
  setKeywords(words: readonly string[]): void {
    this.#do(({ marks }) => marks.setKeywords(words));
  }
  get quietHours(): QuietHours | null {
    return this.#rules().quiet;
  }
  setQuietHours(quiet: QuietHours | null): void {
    this.#do(({ marks }) => marks.setQuietHours(quiet));
  }
  setLevel(room: string, level: NotificationLevel | null): void {
    this.#do(({ marks }) => marks.set(room, 'level', level));
  }
  setFavourite(room: string, favourite: boolean): void {
    this.#do(({ marks }) => (favourite ? marks.setFavourite(room, null) : marks.set(room, 'favourite', null)));
  }
  moveFavourite(room: string, before: string | null): void {
    this.#do(({ marks }) => marks.setFavourite(room, before));
  }
  setMuted(room: string, muted: boolean): void {
    this.#do(({ marks }) => marks.set(room, 'muted', muted || null));
  }
  setArchived(room: string, archived: boolean): void {
    this.#do(({ marks, list }) => marks.set(room, 'archived', archived ? (list.summary(room)?.n ?? 0) : null));
  }
  markRead(room: string): void {
    this.#do(({ unread }) => unread.markRead(room));
  }
  markUnread(room: string): void {
    this.#do(({ unread }) => unread.markUnread(room, null, 1));
  }
  markAllRead(): void {
    this.#do(({ unread }) => unread.markAllRead());
  }

  #do(write: (client: SyncClient) => Promise<unknown>): void {
    const client = this.#client();
    if (client) void client.hold(write(client));
  }
}

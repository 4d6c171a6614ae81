// News of rooms on their way to the screen: an open room has a moment to see them first, then whoever listens is told.
// Invariant: what is seen by then is told to nobody, in any tab.

import type { RoomSummary } from '#protocol/control.ts';
import { isTold, type News } from '../sync/news.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { PersonView } from './app-model.ts';

export interface RoomNotice {
  readonly room: string;
  readonly kind: RoomSummary['kind'];
  readonly author: PersonView;
  /** The first of its words, without marks. */
  readonly text: string;
  readonly mention: boolean;
  /** The root of the thread that it stands in; null: in none. */
  readonly thread: string | null;
  /** Of all tabs of this browser this one makes the sound. */
  readonly leads: boolean;
}

/** How long a new message may take to be seen by the open room, here or in another tab. */
const SETTLE_MS = 300;

export class Notices {
  readonly #listeners = new Set<(notice: RoomNotice) => void>();
  readonly #person: (id: string) => PersonView;
  readonly #plain: (body: string) => string;
  /** The newest that waits, by room or thread. */
  readonly #waiting = new Map<string, { readonly news: News; readonly timer: ReturnType<typeof setTimeout> }>();

  constructor(person: (id: string) => PersonView, plain: (body: string) => string) {
    this.#person = person;
    this.#plain = plain;
  }

  /** @returns ends it */
  listen(listener: (notice: RoomNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  heard(client: SyncClient, news: News): void {
    const key = keyOf(news);
    const before = this.#waiting.get(key);
    clearTimeout(before?.timer);
    const mentioned = news.mentioned || before?.news.mentioned === true;
    const timer = setTimeout(() => this.#settle(client, { ...news, mentioned }), SETTLE_MS);
    this.#waiting.set(key, { news: { ...news, mentioned }, timer });
  }

  close(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #settle(client: SyncClient, news: News): void {
    this.#waiting.delete(keyOf(news));
    const summary = client.list.summary(news.room);
    const author = this.#person(news.author);
    if (!summary || author.blocked || isSeen(client, news)) return;
    if (!isTold(news, summary.kind, client.marks.of(news.room), client.marks.defaultLevel)) return;
    const text = this.#plain(news.body).replace(/\s+/gu, ' ');
    const { room, mentioned: mention } = news;
    const thread = news.thread?.root ?? null;
    const notice: RoomNotice = { room, kind: summary.kind, author, text, mention, thread, leads: client.leads };
    for (const listener of [...this.#listeners]) listener(notice);
  }
}

const keyOf = ({ room, thread }: News): string => (thread ? `${room}/${thread.root}` : room);

const isSeen = (client: SyncClient, { room, n, thread }: News): boolean =>
  thread ? (client.threadSeen(thread.root) ?? 0) >= thread.at : client.list.readUpTo(room) >= n;

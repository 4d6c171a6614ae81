// News of rooms on their way to the screen: an open room has a moment to see them first, then one tab tells of them.
//
//   heard → (SETTLE_MS) → read, or not to be told of? nothing
//                         the window in use tells at once; else, a turn later each: the leading one in sight, another
//                         one in sight, the leading one that is hidden, by its tone alone
//   told in another tab → nothing more here
//
// Invariant: what is seen by then is told to nobody, in any tab, and what one tab has told of no other one does.

import type { RoomSummary } from '#protocol/control.ts';
import { isTold } from '#protocol/notification-rules.ts';
import type { Environment } from '../environment.ts';
import type { News } from '../sync/news.ts';
import type { SyncClient } from '../sync/sync-client.ts';
import type { PersonView } from './person-view.ts';
import { summaryWords } from './attachment-words.ts';

export interface RoomNotice {
  readonly room: string;
  readonly kind: RoomSummary['kind'];
  readonly author: PersonView;
  /** The first of its words, without marks. */
  readonly text: string;
  readonly mention: boolean;
  /** The root of the thread that it stands in; null: in none. */
  readonly thread: string | null;
}

/** How long a new message may take to be seen by the open room, here or in another tab. */
const SETTLE_MS = 300;
/** How long the tab whose turn it is may take to say that it has told. */
const TURN_MS = 200;

interface Waiting {
  readonly news: News;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Notices {
  readonly #listeners = new Set<(notice: RoomNotice) => void>();
  readonly #person: (id: string) => PersonView;
  readonly #plain: (body: string) => string;
  readonly #window: Pick<Environment, 'focused' | 'visible'>;
  /** The newest that waits, by room or thread. */
  readonly #waiting = new Map<string, Waiting>();
  /** By room or thread, how far another tab has told: its line may be ahead of this one's. */
  readonly #told = new Map<string, number>();

  constructor(
    person: (id: string) => PersonView,
    plain: (body: string) => string,
    window: Pick<Environment, 'focused' | 'visible'>
  ) {
    this.#person = person;
    this.#plain = plain;
    this.#window = window;
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
    this.#wait({ ...news, mentioned }, SETTLE_MS, (settled) => this.#settle(client, settled));
  }

  /** @param of a room or thread @param place as `placeOf` has it */
  toldElsewhere(of: string, place: number): void {
    this.#told.set(of, Math.max(place, this.#told.get(of) ?? 0));
    const waiting = this.#waiting.get(of);
    if (!waiting || placeOf(waiting.news) > place) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(of);
  }

  close(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#told.clear();
  }

  #wait(news: News, ms: number, then: (news: News) => void): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(keyOf(news));
      then(news);
    }, ms);
    this.#waiting.set(keyOf(news), { news, timer });
  }

  #settle(client: SyncClient, news: News): void {
    if (!this.#isDue(client, news)) return;
    const turn = this.#turn(client);
    if (turn === 0) this.#tell(client, news);
    else if (turn !== null) this.#wait(news, turn * TURN_MS, (waited) => this.#tell(client, waited));
  }

  /** How many are asked before this tab; null: it tells of nothing. */
  #turn(client: SyncClient): number | null {
    if (this.#window.focused()) return 0;
    if (this.#window.visible()) return client.leads ? 1 : 2;
    return client.leads ? 3 : null;
  }

  #isDue(client: SyncClient, news: News): boolean {
    const summary = client.list.summary(news.room);
    if (!summary || this.#person(news.author).blocked || isSeen(client, news)) return false;
    if ((this.#told.get(keyOf(news)) ?? 0) >= placeOf(news)) return false;
    const told = { mentioned: news.mentioned, text: this.#plain(news.body) };
    const { marks } = client;
    return isTold(told, summary.kind, marks.of(news.room), marks.rules, client.serverNow());
  }

  #tell(client: SyncClient, news: News): void {
    // It may have been read, or its room muted, while others had their turn.
    if (!this.#isDue(client, news)) return;
    const { room, mentioned: mention } = news;
    client.announceTold(keyOf(news), placeOf(news));
    const thread = news.thread?.root ?? null;
    const { kind } = client.list.summary(room)!;
    const words = this.#plain(news.body).replace(/\s+/gu, ' ');
    const text = summaryWords(words, news.files);
    const notice: RoomNotice = { room, kind, author: this.#person(news.author), text, mention, thread };
    for (const listener of [...this.#listeners]) listener(notice);
  }
}

const keyOf = ({ room, thread }: News): string => (thread ? `${room}/${thread.root}` : room);

/** Where it stands: in a room by its number, in a thread by the time of its arrival. */
const placeOf = ({ n, thread }: News): number => thread?.at ?? n;

const isSeen = (client: SyncClient, { room, n, thread }: News): boolean =>
  thread ? (client.threadSeen(thread.root) ?? 0) >= thread.at : client.list.readUpTo(room) >= n;

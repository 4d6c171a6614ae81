// What happens in the rooms, told to the connections of the people it concerns. Per person and NOTICE_EVERY_MS one
// round: all that changed since the last one, summaries read when they are sent, so the last word is always true.

import type { ServerMessage } from '#protocol/control.ts';
import { docName, type PageRef, type RoomId, type UserId } from '#protocol/ids.ts';
import type { Session } from '../accounts/session.ts';
import type { RoomEvents, RoomService } from '../rooms/room-service.ts';
import { splitBySize } from './split-by-size.ts';
import type { SyncLog } from './sync-contract.ts';
import type { Timers } from '../timers.ts';

const NOTICE_EVERY_MS = 500;

/** A connection with a control channel. */
export interface NoticeReader {
  readonly session: Session;
  notify(message: ServerMessage): void;
  /** Whether this very connection moved the marker there. */
  hasRead(room: RoomId, n: number): boolean;
}

interface Person {
  readonly readers: Set<NoticeReader>;
  changed: Set<RoomId>;
  gone: Set<RoomId>;
  pages: Map<string, PageRef & { readonly revision: number }>;
  cursor: number;
  round: 'none' | 'planned' | 'running';
  roundAtMs: number;
  cancelRound: () => void;
}

export class UserNotices implements RoomEvents {
  readonly #rooms: Pick<RoomService, 'summary'>;
  readonly #timers: Timers;
  readonly #log: SyncLog;
  readonly #people = new Map<UserId, Person>();

  constructor(rooms: Pick<RoomService, 'summary'>, timers: Timers, log: SyncLog) {
    this.#rooms = rooms;
    this.#timers = timers;
    this.#log = log;
  }

  add(reader: NoticeReader): void {
    const user = reader.session.user.id;
    const person = this.#people.get(user);
    if (person) person.readers.add(reader);
    else this.#people.set(user, newPerson(reader));
  }

  remove(reader: NoticeReader): void {
    const user = reader.session.user.id;
    const person = this.#people.get(user);
    if (!person?.readers.delete(reader) || person.readers.size > 0) return;
    this.#people.delete(user);
    person.cancelRound();
  }

  /** To every connection of a person. */
  tell(user: UserId, message: ServerMessage): void {
    const person = this.#people.get(user);
    if (person) send(person, [message]);
  }

  /** To every connection there is. */
  tellAll(message: ServerMessage): void {
    for (const person of this.#people.values()) send(person, [message]);
  }

  changed(user: UserId, room: RoomId): void {
    const person = this.#people.get(user);
    if (!person) return;
    person.gone.delete(room);
    person.changed.add(room);
    this.#plan(user, person);
  }

  gone(user: UserId, room: RoomId): void {
    const person = this.#people.get(user);
    if (!person) return;
    person.changed.delete(room);
    person.gone.add(room);
    this.#plan(user, person);
  }

  read(user: UserId, room: RoomId, n: number, unread: number): void {
    for (const reader of this.#people.get(user)?.readers ?? []) {
      if (!reader.hasRead(room, n)) reader.notify({ type: 'read', room, n, unread });
    }
  }

  /** Told by ReceiptNotices to those who ask. */
  receipt(): void {}

  pageChanged(user: UserId, { room, page }: PageRef, revision: number, cursor: number): void {
    const person = this.#people.get(user);
    if (!person) return;
    person.pages.set(docName({ room, page }), { room, page, revision });
    person.cursor = Math.max(person.cursor, cursor);
    this.#plan(user, person);
  }

  #plan(user: UserId, person: Person): void {
    if (person.round !== 'none') return;
    person.round = 'planned';
    const waitMs = Math.max(0, person.roundAtMs + NOTICE_EVERY_MS - this.#timers.nowMs());
    person.cancelRound = this.#timers.after(waitMs, () => void this.#runRound(user, person));
  }

  /** Never rejects. */
  async #runRound(user: UserId, person: Person): Promise<void> {
    const { changed, gone, pages, cursor } = person;
    person.changed = new Set();
    person.gone = new Set();
    person.pages = new Map();
    person.round = 'running';
    person.roundAtMs = this.#timers.nowMs();
    try {
      // All have gone home meanwhile.
      if (person.readers.size > 0) send(person, await this.#roomMessages(user, changed, gone));
    } catch (error) {
      this.#log.warn({ user, err: error }, 'a person could not be told what changed');
    }
    send(person, pageMessages([...pages.values()], cursor));
    person.round = 'none';
    if (person.changed.size + person.gone.size + person.pages.size > 0) this.#plan(user, person);
  }

  async #roomMessages(user: UserId, changed: Set<RoomId>, gone: Set<RoomId>): Promise<ServerMessage[]> {
    const rooms = [...changed];
    const summaries = await Promise.all(rooms.map((room) => this.#rooms.summary(user, room)));
    rooms.forEach((room, at) => {
      if (summaries[at] === null) gone.add(room);
    });
    const lists = splitBySize(summaries.filter((summary) => summary !== null));
    if (lists.length === 0 && gone.size > 0) lists.push([]);
    return lists.map((list, at) => ({ type: 'rooms', changed: list, gone: at === 0 ? [...gone] : [] }));
  }
}

function newPerson(reader: NoticeReader): Person {
  return {
    readers: new Set([reader]),
    changed: new Set(),
    gone: new Set(),
    pages: new Map(),
    cursor: 0,
    round: 'none',
    roundAtMs: -Infinity,
    cancelRound: () => undefined
  };
}

function pageMessages(pages: readonly (PageRef & { revision: number })[], cursor: number): ServerMessage[] {
  return splitBySize(pages).map((changed) => ({ type: 'pages', changed, cursor }));
}

function send(person: Person, messages: readonly ServerMessage[]): void {
  for (const message of messages) for (const reader of person.readers) reader.notify(message);
}

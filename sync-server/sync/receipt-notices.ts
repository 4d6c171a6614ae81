// How far the members of a room have come, told to those who look at the room: all of it when they begin to look, then
// one message per room and RECEIPTS_EVERY_MS with what has changed, so that n members cost O(n) messages. In rooms of more than
// RECEIPTS_MAX_LISTED these are counts, made once a round for all who look. The store is read once for a room, not for
// each who looks: a thousand who come back at once would ask it for a million records.
// Invariant: nobody who is not a member hears anything, nobody is told of a reading that its person keeps back, and who
// keeps theirs back is told of nobody's.

import type { MemberReceipt, ServerMessage } from '#protocol/control.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { RECEIPTS_MAX_LISTED } from '#protocol/limits.ts';
import { furthest, type Receipt } from '#protocol/receipt.ts';
import type { Session } from '../accounts/session.ts';
import type { PrivacyChoices } from '../personal/privacy-choices.ts';
import type { RoomEvents, RoomService } from '../rooms/room-service.ts';
import type { Timers } from '../timers.ts';
import type { SyncLog } from './sync-contract.ts';

export const RECEIPTS_EVERY_MS = 1_000;
/** Of counts, the standings that are told: people further behind matter to messages that few look at. */
const STANDINGS_MAX = 100;

/** A connection with a control channel. */
export interface ReceiptReader {
  readonly session: Session;
  notify(message: ServerMessage): void;
}

interface WatchedRoom {
  /** Those who are members for certain: they are told. */
  readonly readers: Set<ReceiptReader>;
  /** All who have asked, and which look at their membership counts: who is no member yet hears as soon as they are. */
  readonly asked: Map<ReceiptReader, object>;
  readonly people: Map<UserId, Receipt>;
  /** `people` are all of its members, and kept so by what is heard. */
  learned: boolean;
  /** While they are being read: who went meanwhile. */
  learning: { readonly done: Promise<unknown>; readonly went: Set<UserId> } | null;
  changed: Set<UserId>;
  gone: Set<UserId>;
  /** `people` counted, while nothing has changed since. */
  crowd: Crowd | null;
  /** Told as counts last. */
  crowded: boolean;
  toldAtMs: number;
  cancelRound: (() => void) | null;
}

/** How many have come how far, newest first: one more than are told, of which the reader may be one. */
interface Crowd {
  readonly size: number;
  /** Of those who let others know. */
  readonly read: readonly Standing[];
  readonly stored: readonly Standing[];
}
type Standing = [n: number, count: number];

export class ReceiptNotices implements RoomEvents {
  readonly #rooms: Pick<RoomService, 'receipts' | 'isMember'>;
  readonly #privacy: Pick<PrivacyChoices, 'of'>;
  readonly #timers: Timers;
  readonly #log: SyncLog;
  readonly #watched = new Map<RoomId, WatchedRoom>();
  readonly #byReader = new Map<ReceiptReader, Set<RoomId>>();

  constructor(
    rooms: Pick<RoomService, 'receipts' | 'isMember'>,
    privacy: Pick<PrivacyChoices, 'of'>,
    timers: Timers,
    log: SyncLog
  ) {
    this.#rooms = rooms;
    this.#privacy = privacy;
    this.#timers = timers;
    this.#log = log;
  }

  /** Rooms in memory. */
  get watchedCount(): number {
    return this.#watched.size;
  }

  /** From here on the reader hears of these rooms, as far as it may, and of no others. */
  watch(reader: ReceiptReader, rooms: readonly RoomId[]): void {
    const wanted = new Set(rooms);
    const before = this.#byReader.get(reader) ?? new Set();
    for (const room of before) if (!wanted.has(room)) this.#forget(room, reader);
    if (wanted.size === 0) this.#byReader.delete(reader);
    else this.#byReader.set(reader, wanted);
    for (const room of wanted) if (!before.has(room)) void this.#admit(room, reader);
  }

  remove(reader: ReceiptReader): void {
    this.watch(reader, []);
  }

  close(): void {
    for (const { cancelRound } of this.#watched.values()) cancelRound?.();
  }

  /** A person shares their readings now, or keeps them back. */
  privacyChanged(user: UserId): void {
    for (const [room, watched] of this.#watched) {
      if (watched.people.has(user)) this.#change(room, watched, () => watched.changed.add(user));
      for (const reader of watched.readers) if (reader.session.user.id === user) this.#tellWhole(room, watched, reader);
    }
  }

  // RoomEvents

  receipt(user: UserId, room: RoomId, receipt: Receipt): void {
    const watched = this.#watched.get(room);
    if (!watched) return;
    const before = watched.people.get(user);
    // Of who comes back, what was before does not count any more.
    const isNew = !before || receipt.from > before.from;
    watched.people.set(user, isNew ? receipt : furthest(before, receipt));
    if (isNew) {
      watched.learning?.went.delete(user);
      for (const reader of watched.asked.keys()) {
        if (reader.session.user.id === user && !watched.readers.has(reader)) void this.#admit(room, reader);
      }
    }
    this.#change(room, watched, () => {
      watched.changed.add(user);
      watched.gone.delete(user);
    });
  }

  gone(user: UserId, room: RoomId): void {
    const watched = this.#watched.get(room);
    if (!watched) return;
    watched.learning?.went.add(user);
    for (const reader of watched.asked.keys()) {
      if (reader.session.user.id !== user) continue;
      watched.readers.delete(reader);
      watched.asked.set(reader, {});
    }
    if (!watched.people.delete(user)) return;
    this.#change(room, watched, () => {
      watched.gone.add(user);
      watched.changed.delete(user);
    });
  }

  changed(): void {}
  read(): void {}
  pageChanged(): void {}

  /** Never rejects. */
  async #admit(room: RoomId, reader: ReceiptReader): Promise<void> {
    const watched: WatchedRoom = this.#watched.get(room) ?? newRoom();
    this.#watched.set(room, watched);
    const look = {};
    watched.asked.set(reader, look);
    try {
      const isMember = await this.#learn(room, watched, reader.session.user.id);
      // Gone meanwhile, or no member.
      if (watched.asked.get(reader) !== look || !isMember) return;
      watched.readers.add(reader);
      this.#tellWhole(room, watched, reader);
    } catch (error) {
      this.#log.warn({ user: reader.session.user.id, room, err: error }, 'receipts could not be read');
      this.#forget(room, reader);
    }
  }

  /** Whether the person is a member: then all members are known. */
  async #learn(room: RoomId, watched: WatchedRoom, user: UserId): Promise<boolean> {
    // What fails for others is theirs to hear of.
    while (watched.learning) await watched.learning.done.catch(() => undefined);
    if (watched.learned) return this.#rooms.isMember(user, room);
    const reading = this.#rooms.receipts(user, room);
    const went = new Set<UserId>();
    watched.learning = { done: reading, went };
    try {
      const people = await reading;
      if (!people) return false;
      // What has been heard meanwhile is in both, or newer: who went while this was read is not brought back.
      for (const [user, receipt] of people) {
        const known = watched.people.get(user);
        if (!went.has(user)) watched.people.set(user, known ? furthest(receipt, known) : receipt);
      }
      watched.crowd = null;
      watched.learned = true;
      return true;
    } finally {
      watched.learning = null;
    }
  }

  #forget(room: RoomId, reader: ReceiptReader): void {
    this.#byReader.get(reader)?.delete(room);
    const watched = this.#watched.get(room);
    if (!watched) return;
    watched.asked.delete(reader);
    watched.readers.delete(reader);
    if (watched.asked.size > 0) return;
    watched.cancelRound?.();
    this.#watched.delete(room);
  }

  #change(room: RoomId, watched: WatchedRoom, note: () => void): void {
    note();
    watched.crowd = null;
    if (watched.cancelRound) return;
    const waitMs = Math.max(0, watched.toldAtMs + RECEIPTS_EVERY_MS - this.#timers.nowMs());
    watched.cancelRound = this.#timers.after(waitMs, () => this.#round(room, watched));
  }

  #round(room: RoomId, watched: WatchedRoom): void {
    const { changed, gone, crowded } = watched;
    watched.cancelRound = null;
    watched.toldAtMs = this.#timers.nowMs();
    watched.changed = new Set();
    watched.gone = new Set();
    watched.crowded = isCrowded(watched);
    if (watched.crowded || crowded) {
      for (const reader of watched.readers) this.#tellWhole(room, watched, reader);
      return;
    }
    const people = this.#told(watched, changed);
    for (const reader of watched.readers) {
      const { id } = reader.session.user;
      const others = this.#for(reader, people);
      const left = [...gone].filter((user) => user !== id);
      if (others.length > 0 || left.length > 0) {
        reader.notify({ type: 'receipts', room, whole: false, people: others, gone: left });
      }
    }
  }

  #tellWhole(room: RoomId, watched: WatchedRoom, reader: ReceiptReader): void {
    watched.crowded = isCrowded(watched);
    if (!watched.crowded) {
      const people = this.#for(reader, this.#told(watched, watched.people.keys()));
      return reader.notify({ type: 'receipts', room, whole: true, people, gone: [] });
    }
    const { id } = reader.session.user;
    const { size, read, stored } = (watched.crowd ??= this.#count(watched));
    const own = watched.people.get(id);
    reader.notify({
      type: 'receipt-counts',
      room,
      others: size - (own ? 1 : 0),
      read: this.#privacy.of(id).readReceipts ? withoutOne(read, own && (own.read ?? 0)) : null,
      stored: withoutOne(stored, own?.stored)
    });
  }

  #count({ people }: WatchedRoom): Crowd {
    const [read, stored] = [new Map<number, number>(), new Map<number, number>()];
    for (const [user, receipt] of people) {
      count(stored, receipt.stored);
      if (this.#privacy.of(user).readReceipts) count(read, receipt.read ?? 0);
    }
    return { size: people.size, read: standings(read), stored: standings(stored) };
  }

  /** As others may know it. */
  #told({ people }: WatchedRoom, users: Iterable<UserId>): MemberReceipt[] {
    return [...users].flatMap((user) => {
      const receipt = people.get(user);
      if (!receipt) return [];
      return [{ user, ...receipt, read: this.#privacy.of(user).readReceipts ? receipt.read : null }];
    });
  }

  #for(reader: ReceiptReader, people: readonly MemberReceipt[]): MemberReceipt[] {
    const { id } = reader.session.user;
    const others = people.filter(({ user }) => user !== id);
    return this.#privacy.of(id).readReceipts ? others : others.map((receipt) => ({ ...receipt, read: null }));
  }
}

const newRoom = (): WatchedRoom => ({
  readers: new Set(),
  asked: new Map(),
  people: new Map(),
  learned: false,
  learning: null,
  crowd: null,
  changed: new Set(),
  gone: new Set(),
  crowded: false,
  toldAtMs: -Infinity,
  cancelRound: null
});

const isCrowded = ({ people }: WatchedRoom): boolean => people.size > RECEIPTS_MAX_LISTED;

const count = (counts: Map<number, number>, n: number): unknown => counts.set(n, (counts.get(n) ?? 0) + 1);

/** Newest first. */
const standings = (counts: ReadonlyMap<number, number>): Standing[] =>
  [...counts].sort(([a], [b]) => b - a).slice(0, STANDINGS_MAX + 1);

/** @param own where the one to be left out stands; undefined: nowhere */
const withoutOne = (all: readonly Standing[], own: number | undefined): Standing[] =>
  all
    .flatMap(([n, count]): Standing[] => (n !== own ? [[n, count]] : count > 1 ? [[n, count - 1]] : []))
    .slice(0, STANDINGS_MAX);

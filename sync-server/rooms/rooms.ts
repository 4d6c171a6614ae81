// All rooms of the server, as the rest of it sees them: what is asked goes to the directory, what changes a room to the
// live room. Invariant: after a failed write nothing is written under the client ids, or from the memory, of before.

import type { MemberInfo, RoomClosing } from '#protocol/api/room.ts';
import type { ArrivedEntry, SealedPage } from '#protocol/api/sealed-page.ts';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { Role } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import type { MembershipEntry, RoomEntry } from '#protocol/room-entries.ts';
import {
  isEntryId,
  isRoomId,
  newEntryId,
  type EntryId,
  type PageRef,
  type RoomId,
  type UserId
} from '#protocol/ids.ts';
import type { Receipt } from '#protocol/receipt.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { StoreError, type KeyValue, type Operation } from '../store/key-value.ts';
import type { RoomLog } from '../store/room-log.ts';
import { ChangeSequence } from './change-sequence.ts';
import { Erasures, type ErasuresDeps } from './erasures.ts';
import { Expiries } from './expiries.ts';
import { leftKey, readKey, receiptKey, saidKey, unreadOfPerson } from './keys.ts';
import { LiveRooms } from './live-rooms.ts';
import type { PageChannel } from './page-channel.ts';
import { readPageContent } from './page-content.ts';
import { PersonErasures } from './person-erasures.ts';
import { PublicRooms } from './public-rooms.ts';
import { unreadOf } from './read-marker.ts';
import { RoomDirectory } from './room-directory.ts';
import { RoomEventHub } from './room-event-hub.ts';
import { checkImported } from './room-import.ts';
import { NO_BLOBS, type RoomBlobs } from './room-blobs.ts';
import { OPEN_POLICY, type RoomPolicy } from './room-policy.ts';
import type {
  Attached,
  DirectoryPart,
  ImportCount,
  OpenPage,
  PageReader,
  RoomEvents,
  RoomService
} from './room-service.ts';
import { freshServerClientIds, type ServerClientIds } from '../gate/server-client-ids.ts';
import type { Timers } from '../timers.ts';

/** The part of the store that rooms stand on. */
export interface RoomStore {
  readonly kv: KeyValue;
  readonly log: RoomLog;
  healthy(): boolean;
  /** Called before the failed write rejects. */
  onFailure(listener: (cause: StoreError) => void): () => void;
}

export interface RoomsOptions {
  readonly store: RoomStore;
  readonly timers: Timers;
  /** A random unsigned integer of 32 bits. */
  readonly random32: () => number;
  /** By default everybody may make rooms, and nobody signs. */
  readonly policy?: RoomPolicy;
  /** By default no message names a file. */
  readonly blobs?: RoomBlobs;
  /**
   * A reader's copy is newer than the store, which was restored from a backup: give the store another generation.
   * Called at most once a process, as no restore can happen under a running one. When it resolves, all channels of
   * older copies are closed with CLOSE.discardCopy.
   */
  readonly onAheadOfStore: (ref: PageRef, user: UserId) => Promise<void>;
  /** Deletes what others keep of a room that is over, and tells where its bytes lay. By default nobody keeps anything. */
  readonly forget?: ErasuresDeps['forget'];
  /** Failures that no caller hears of. */
  readonly onError: (error: unknown, room: RoomId) => void;
}

export class Rooms implements RoomService {
  readonly #options: RoomsOptions;
  readonly #directory: RoomDirectory;
  readonly #events = new RoomEventHub();
  readonly #publicRooms: PublicRooms;
  readonly #erasures: Erasures;
  readonly #expiries: Expiries;
  readonly #blobs: RoomBlobs;
  readonly #live: LiveRooms;
  readonly #personErasures: PersonErasures;
  readonly #stopListening: () => void;
  #serverIds: ServerClientIds;
  #restored: Promise<void> | null = null;
  #closed = false;

  private constructor(options: RoomsOptions, changes: ChangeSequence, erasures: Erasures) {
    const { store, timers, random32, onError } = options;
    this.#options = options;
    this.#serverIds = freshServerClientIds(random32);
    const publicRooms = new PublicRooms(store.kv);
    this.#publicRooms = publicRooms;
    this.#erasures = erasures;
    this.#expiries = new Expiries({
      ...{ kv: store.kv, timers },
      expire: async (room, ids) => (await this.#live.get(room)).expire(ids),
      onError: (error) => onError(error, '')
    });
    this.#directory = new RoomDirectory(store.kv, changes, publicRooms);
    this.#blobs = options.blobs ?? NO_BLOBS;
    this.#live = new LiveRooms({
      publicRooms,
      erasures,
      expiries: this.#expiries,
      kv: store.kv,
      log: store.log,
      timers,
      changes,
      events: this.#events,
      policy: options.policy ?? OPEN_POLICY,
      blobs: this.#blobs,
      serverIds: () => this.#serverIds,
      aheadOfStore: (channel) => this.#aheadOfStore(channel),
      retire: (room) => this.#live.forget(room),
      report: (error, room) => onError(error, room.id)
    });
    this.#personErasures = new PersonErasures(store.kv, this.#live);
    this.#stopListening = store.onFailure((cause) => this.#storeFailed(cause));
  }

  /** @throws StoreError */
  static async open(options: RoomsOptions): Promise<Rooms> {
    const { store, timers, onError, forget = async () => [], blobs = NO_BLOBS } = options;
    const { kv, log } = store;
    const changes = await ChangeSequence.open(kv);
    const rooms = new Rooms(options, changes, await Erasures.open({ kv, log, timers, blobs, forget, onError }));
    await rooms.#personErasures.goOn((error) => rooms.#closed || onError(error, ''));
    await rooms.#expiries.start();
    return rooms;
  }

  async attach(page: OpenPage, reader: PageReader): Promise<Attached> {
    if (this.#closed) return { ok: false, close: CLOSE.stopping };
    if (!this.healthy()) return { ok: false, close: CLOSE.storage };
    if (!isRoomId(page.room)) return { ok: false, close: CLOSE.forbidden };
    try {
      return await (await this.#live.get(page.room)).attach(page, reader);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#options.onError(error, page.room);
      return { ok: false, close: this.#closed ? CLOSE.stopping : CLOSE.storage };
    }
  }

  joined(user: UserId): Promise<RoomSummary[]> {
    return this.#directory.joined(user);
  }

  publicRooms(user: UserId, part: DirectoryPart = {}): Promise<RoomSummary[]> {
    return this.#directory.publicRooms(user, part);
  }

  async summary(user: UserId, room: RoomId): Promise<RoomSummary | null> {
    if (!isRoomId(room)) return null;
    const live = this.#live.loaded(room);
    return live ? live.summary(user) : this.#directory.summary(user, room);
  }

  async closing(user: UserId, room: RoomId): Promise<RoomClosing | null> {
    return isRoomId(room) ? this.#directory.closing(user, room) : null;
  }

  async isDeleted(room: RoomId): Promise<boolean> {
    return isRoomId(room) && this.#directory.isDeleted(room);
  }

  async closingErasure(user: UserId): Promise<Operation[]> {
    return (await this.#directory.closedTo(user)).map((room) => ({ type: 'del', key: leftKey(user, room) }));
  }

  async members(user: UserId, room: RoomId): Promise<Omit<MemberInfo, 'name'>[] | null> {
    const state = isRoomId(room) ? await this.#directory.state(user, room) : null;
    return state && Object.entries(state.members).map(([id, member]) => ({ id, ...member }));
  }

  async sealedPage(user: UserId, ref: PageRef): Promise<SealedPage | 'not-sealed' | null> {
    return isRoomId(ref.room) ? this.#directory.sealedPage(user, ref) : null;
  }

  async markRead(user: UserId, room: RoomId, n: number, shown = true): Promise<{ n: number; unread: number } | null> {
    if (!(await this.summary(user, room))) return null;
    const live = await this.#live.get(room);
    const marker = await live.read(user, n, shown);
    return { n: marker.n, unread: unreadOf(marker, live.view.meta ?? { n: marker.n, gone: [] }) };
  }

  async markStored(user: UserId, room: RoomId, n: number): Promise<void> {
    // A device tells of all its rooms when it comes back: those where it has nothing new stay asleep.
    const known = isRoomId(room) ? await this.#directory.receiptOf(user, room) : null;
    if (known && n > known.stored) await (await this.#live.get(room)).stored(user, n);
  }

  async receipts(user: UserId, room: RoomId): Promise<ReadonlyMap<UserId, Receipt> | null> {
    return isRoomId(room) ? this.#directory.receipts(user, room) : null;
  }

  async isMember(user: UserId, room: RoomId): Promise<boolean> {
    return isRoomId(room) && this.#directory.isMember(user, room);
  }

  sharingRoom(user: UserId, others: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    return this.#directory.sharingRoom(user, others);
  }

  async receiptErasure(user: UserId): Promise<Operation[]> {
    const { kv } = this.#options.store;
    const keys: string[] = [];
    for (const { id } of await this.#directory.joined(user)) {
      keys.push(receiptKey(id, user), readKey(id, user), saidKey(id, user));
      for (const range of unreadOfPerson(id, user)) for await (const [key] of kv.range(range)) keys.push(key);
    }
    return keys.map((key) => ({ type: 'del', key }));
  }

  changedPages(
    user: UserId,
    since: number
  ): Promise<{ changed: { room: RoomId; page: number; revision: number }[]; cursor: number }> {
    return this.#directory.changedPages(user, since);
  }

  async append(entry: Entry, room: RoomId): Promise<RefusalCode | null> {
    if (!isRoomId(room)) return 'no-room';
    return (await this.#live.get(room)).append(entry, false);
  }

  async createForHost(entry: RoomEntry, room: RoomId): Promise<RefusalCode | null> {
    if (!isRoomId(room)) return 'no-room';
    return (await this.#live.get(room)).append(entry, true);
  }

  async joinByInvitation(room: RoomId, user: UserId, invitedBy: UserId, role?: Role): Promise<RefusalCode | null> {
    if (!isRoomId(room)) return 'no-room';
    const nowMs = this.#options.timers.nowMs();
    const joined: MembershipEntry = {
      ...{ id: newEntryId(nowMs), type: 'membership', action: 'joined' },
      ...{ author: user, sentAt: nowMs, invitedBy },
      ...(role !== undefined && role !== 'member' && { role })
    };
    return (await this.#live.get(room)).append(joined, true);
  }

  async authorOf(user: UserId, room: RoomId, entry: EntryId): Promise<string | null> {
    return isRoomId(room) ? this.#directory.authorOf(user, room, entry) : null;
  }

  async pageOf(user: UserId, room: RoomId, entry: EntryId): Promise<number | null> {
    return isRoomId(room) && isEntryId(entry) ? this.#directory.pageOf(user, room, entry) : null;
  }

  async holds(room: RoomId, entry: Entry): Promise<boolean> {
    return isRoomId(room) && this.#directory.holds(room, entry);
  }

  async import(room: RoomId, entries: readonly Entry[]): Promise<ImportCount> {
    checkImported(entries);
    return (await this.#live.get(room)).import(entries);
  }

  async deleteRoom(room: RoomId, by: UserId): Promise<boolean> {
    if (!isRoomId(room)) return false;
    const live = await this.#live.get(room);
    const { state } = live.view;
    if (!state || state.deleted) return false;
    const nowMs = this.#options.timers.nowMs();
    const entry: Entry = { id: newEntryId(nowMs), type: 'room', action: 'deleted', author: by, sentAt: nowMs };
    return (await live.append(entry, true)) === null;
  }

  eraseMessagesOf(user: UserId): Promise<void> {
    return this.#personErasures.erase(user);
  }

  async erasuresSettled(): Promise<void> {
    await this.#personErasures.settled();
    await this.#expiries.settled();
    await this.#erasures.settled();
    await this.#blobs.settled();
  }

  async findByName(name: string): Promise<RoomId | null | RoomId[]> {
    const rooms = await this.#directory.named(name);
    return rooms.length > 1 ? rooms : (rooms[0] ?? null);
  }

  async headEntries(room: RoomId): Promise<ArrivedEntry[]> {
    return isRoomId(room) ? [...readPageContent((await this.#live.get(room)).headBytes()).entries] : [];
  }

  avatarsInUse(): Promise<ReadonlySet<string>> {
    return this.#directory.avatars();
  }

  subscribe(events: RoomEvents): () => void {
    return this.#events.subscribe(events);
  }

  healthy(): boolean {
    return !this.#closed && this.#options.store.healthy();
  }

  /** Ends every channel on a page, for a reason that lies outside of its room. */
  endChannels(code: CloseCode): void {
    this.#live.endChannels(code);
  }

  /** Rooms in memory. */
  get liveCount(): number {
    return this.#live.count;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#live.stopLoading();
    await this.#expiries.close();
    await this.#erasures.close();
    await this.#live.close();
    await this.#personErasures.settled();
    await this.#restored;
    this.#stopListening();
  }

  #storeFailed(cause: StoreError): void {
    // What was under way may or may not be on disk, so its clocks are not used again.
    this.#serverIds = freshServerClientIds(this.#options.random32);
    this.#publicRooms.forget();
    this.#live.storeFailed(cause);
  }

  #aheadOfStore(channel: PageChannel): void {
    this.#restored ??= this.#tellOfRestore(channel.ref, channel.user);
    // Later finders hold the same old copies: their own to discard, and no reason for yet another generation.
    void this.#restored.then(() => channel.end(CLOSE.discardCopy));
  }

  async #tellOfRestore(ref: PageRef, user: UserId): Promise<void> {
    try {
      await this.#options.onAheadOfStore(ref, user);
      this.endChannels(CLOSE.discardCopy);
    } catch (error) {
      this.#restored = null;
      this.#options.onError(error, ref.room);
      this.endChannels(CLOSE.storage);
    }
  }
}

// All rooms of the server: keeps at most one live room per id, and forgets it when it is idle or the store has failed.

import type { ArrivedEntry, MemberInfo, RoomClosing, SealedPage } from '#protocol/api.ts';
import { CLOSE, type CloseCode } from '#protocol/close-codes.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { Entry, MembershipEntry, Role, RoomEntry } from '#protocol/entry.ts';
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
import {
  ALL_ENTRIES,
  ALL_ERASED_PEOPLE,
  entryOfKey,
  erasePersonKey,
  leftKey,
  readKey,
  receiptKey,
  saidKey,
  unreadOfPerson,
  userOfKey
} from './keys.ts';
import { storedEntrySchema } from './stored-entry.ts';
import { decodeStored } from '../store/stored-json.ts';
import { LiveRoom } from './live-room.ts';
import type { PageChannel } from './page-channel.ts';
import { readPageContent } from './page-content.ts';
import { PublicRooms } from './public-rooms.ts';
import { unreadOf } from './read-marker.ts';
import { RoomDirectory } from './room-directory.ts';
import { RoomEventHub } from './room-event-hub.ts';
import { checkImported } from './room-import.ts';
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
import type { RoomSurroundings } from './room-surroundings.ts';
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
  /** Of people whose messages are being erased. */
  readonly #erasing = new Map<UserId, Promise<void>>();
  readonly #surroundings: RoomSurroundings;
  readonly #live = new Map<RoomId, Promise<LiveRoom>>();
  readonly #loaded = new Map<RoomId, LiveRoom>();
  readonly #stopListening: () => void;
  #serverIds: ServerClientIds;
  /** Failures of the store so far. */
  #failures = 0;
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
      expire: async (room, ids) => (await this.#room(room)).expire(ids),
      onError: (error) => onError(error, '')
    });
    this.#directory = new RoomDirectory(store.kv, changes, publicRooms);
    this.#surroundings = {
      publicRooms,
      erasures,
      expiries: this.#expiries,
      kv: store.kv,
      log: store.log,
      timers,
      changes,
      events: this.#events,
      policy: options.policy ?? OPEN_POLICY,
      serverIds: () => this.#serverIds,
      aheadOfStore: (channel) => this.#aheadOfStore(channel),
      retire: (room) => this.#forget(room),
      report: (error, room) => onError(error, room.id)
    };
    this.#stopListening = store.onFailure((cause) => this.#storeFailed(cause));
  }

  /** @throws StoreError */
  static async open(options: RoomsOptions): Promise<Rooms> {
    const { store, timers, onError, forget = async () => [] } = options;
    const { kv, log } = store;
    const changes = await ChangeSequence.open(kv);
    const rooms = new Rooms(options, changes, await Erasures.open({ kv, log, timers, forget, onError }));
    await rooms.#goOnErasing();
    await rooms.#expiries.start();
    return rooms;
  }

  async attach(page: OpenPage, reader: PageReader): Promise<Attached> {
    if (this.#closed) return { ok: false, close: CLOSE.stopping };
    if (!this.healthy()) return { ok: false, close: CLOSE.storage };
    if (!isRoomId(page.room)) return { ok: false, close: CLOSE.forbidden };
    try {
      return await (await this.#room(page.room)).attach(page, reader);
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
    const live = this.#loaded.get(room);
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
    const live = await this.#room(room);
    const marker = await live.read(user, n, shown);
    return { n: marker.n, unread: unreadOf(marker, live.view.meta ?? { n: marker.n, gone: [] }) };
  }

  async markStored(user: UserId, room: RoomId, n: number): Promise<void> {
    // A device tells of all its rooms when it comes back: those where it has nothing new stay asleep.
    const known = isRoomId(room) ? await this.#directory.receiptOf(user, room) : null;
    if (known && n > known.stored) await (await this.#room(room)).stored(user, n);
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
    return (await this.#room(room)).append(entry, false);
  }

  async createForHost(entry: RoomEntry, room: RoomId): Promise<RefusalCode | null> {
    if (!isRoomId(room)) return 'no-room';
    return (await this.#room(room)).append(entry, true);
  }

  async joinByInvitation(room: RoomId, user: UserId, invitedBy: UserId, role?: Role): Promise<RefusalCode | null> {
    if (!isRoomId(room)) return 'no-room';
    const nowMs = this.#options.timers.nowMs();
    const joined: MembershipEntry = {
      ...{ id: newEntryId(nowMs), type: 'membership', action: 'joined' },
      ...{ author: user, sentAt: nowMs, invitedBy },
      ...(role !== undefined && role !== 'member' && { role })
    };
    return (await this.#room(room)).append(joined, true);
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
    return (await this.#room(room)).import(entries);
  }

  async deleteRoom(room: RoomId, by: UserId): Promise<boolean> {
    if (!isRoomId(room)) return false;
    const live = await this.#room(room);
    const { state } = live.view;
    if (!state || state.deleted) return false;
    const nowMs = this.#options.timers.nowMs();
    const entry: Entry = { id: newEntryId(nowMs), type: 'room', action: 'deleted', author: by, sentAt: nowMs };
    return (await live.append(entry, true)) === null;
  }

  async eraseMessagesOf(user: UserId): Promise<void> {
    const { kv } = this.#options.store;
    await kv.batch([{ type: 'put', key: erasePersonKey(user), value: new Uint8Array() }], { sync: true });
    await this.#eraseAll(user);
  }

  async erasuresSettled(): Promise<void> {
    await Promise.allSettled([...this.#erasing.values()]);
    await this.#expiries.settled();
    await this.#erasures.settled();
  }

  async findByName(name: string): Promise<RoomId | null | RoomId[]> {
    const rooms = await this.#directory.named(name);
    return rooms.length > 1 ? rooms : (rooms[0] ?? null);
  }

  async headEntries(room: RoomId): Promise<ArrivedEntry[]> {
    return isRoomId(room) ? [...readPageContent((await this.#room(room)).headBytes()).entries] : [];
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
    for (const room of this.#loaded.values()) room.endChannels(code);
  }

  /** Rooms in memory. */
  get liveCount(): number {
    return this.#loaded.size;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#expiries.close();
    await this.#erasures.close();
    await Promise.allSettled([...this.#live.values()]);
    await Promise.all([...this.#loaded.values()].map((room) => room.close()));
    await Promise.allSettled([...this.#erasing.values()]);
    await this.#restored;
    this.#stopListening();
  }

  /** People whose messages a process before was to erase. @throws StoreError */
  async #goOnErasing(): Promise<void> {
    for await (const [key] of this.#options.store.kv.range(ALL_ERASED_PEOPLE)) {
      const user = userOfKey(key);
      this.#eraseAll(user).catch((error: unknown) => this.#closed || this.#options.onError(error, ''));
    }
  }

  /** One at a time for a person; again does no harm. @throws StoreError */
  #eraseAll(user: UserId): Promise<void> {
    const erasing = (this.#erasing.get(user) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#eraseNow(user))
      .finally(() => this.#erasing.get(user) === erasing && this.#erasing.delete(user));
    this.#erasing.set(user, erasing);
    return erasing;
  }

  async #eraseNow(user: UserId): Promise<void> {
    const { kv } = this.#options.store;
    // What they sent last may wait in a room's queue: it is on disk once the room has done this. One that is gone has none.
    await Promise.allSettled([...this.#loaded.values()].map((room) => room.erase([])));
    const written = new Map<RoomId, EntryId[]>();
    for await (const [key, value] of kv.range(ALL_ENTRIES)) {
      const { author, type, redacted } = decodeStored(storedEntrySchema, key, value);
      if (author !== user || type !== 'message' || redacted) continue;
      const [room, id] = entryOfKey(key);
      const ids = written.get(room);
      if (ids) ids.push(id);
      else written.set(room, [id]);
    }
    for (const [room, ids] of written) await (await this.#room(room)).erase(ids);
    await kv.batch([{ type: 'del', key: erasePersonKey(user) }], { sync: true });
  }

  /** @throws StoreError */
  #room(id: RoomId): Promise<LiveRoom> {
    const known = this.#live.get(id);
    if (known) return known;
    const loading = this.#load(id);
    this.#live.set(id, loading);
    // A failed load is its callers' to hear of; the next one tries again.
    loading.catch(() => this.#live.get(id) === loading && this.#live.delete(id));
    return loading;
  }

  async #load(id: RoomId): Promise<LiveRoom> {
    const failures = this.#failures;
    if (this.#closed) throw new StoreError('closed', 'The server is stopping.');
    const room = await LiveRoom.load(this.#surroundings, id);
    // Read while the store was failing: what it read may be neither what was nor what will be.
    if (failures !== this.#failures) throw new StoreError('io', 'The store failed while the room was loaded.');
    this.#loaded.set(id, room);
    return room;
  }

  #forget(room: LiveRoom): void {
    if (this.#loaded.get(room.id) !== room) return;
    this.#loaded.delete(room.id);
    this.#live.delete(room.id);
  }

  #storeFailed(cause: StoreError): void {
    this.#failures += 1;
    // What was under way may or may not be on disk, so its clocks are not used again.
    this.#serverIds = freshServerClientIds(this.#options.random32);
    this.#publicRooms.forget();
    for (const room of [...this.#loaded.values()]) room.drop(cause);
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

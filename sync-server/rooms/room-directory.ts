// Lists rooms, and serves what is sealed, out of the store's projections: no page is loaded, no room wakes up.

import type * as v from 'valibot';
import type { RoomClosing } from '#protocol/api/room.ts';
import type { ArrivedEntry, SealedPage } from '#protocol/api/sealed-page.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { Entry } from '#protocol/entry.ts';
import { roomStateSchema } from '#protocol/room-entries.ts';
import type { EntryId, PageRef, RoomId, UserId } from '#protocol/ids.ts';
import type { Receipt } from '#protocol/receipt.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { entryHash } from '../gate/entry-hash.ts';
import type { KeyValue } from '../store/key-value.ts';
import { changeSchema, pageRevisionSchema, type Change, type ChangeSequence } from './change-sequence.ts';
import {
  ALL_CHANGES,
  ALL_ROOMS,
  bannedKey,
  bansOf,
  changeKey,
  entryKey,
  erasedKey,
  invitationsOf,
  invitedKey,
  lateOf,
  leftBy,
  leftKey,
  memberKey,
  readKey,
  revisionKey,
  roomKey,
  roomOfKey,
  roomsOf,
  roomStateKey,
  sealedKey
} from './keys.ts';
import { readReceipts } from './move-receipt.ts';
import { readMarkerSchema, unreadOf, type Places, type ReadMarker } from './read-marker.ts';
import type { DirectoryPart } from './room-service.ts';
import { RoomMentions } from './room-mentions.ts';
import type { PublicRooms } from './public-rooms.ts';
import {
  byActivity,
  invitationSchema,
  membershipSchema,
  roomMetaSchema,
  summaryOf,
  type RoomMeta
} from './room-meta.ts';
import { arrivedSchema, erasedSchema, sealedSchema } from './stored-page.ts';
import { storedEntrySchema } from './stored-entry.ts';
import { decodeStored } from '../store/stored-json.ts';

/** Rooms whose records are read at once; a list of all public rooms may be long. */
const READ_AT_ONCE = 256;

interface RoomRecord {
  readonly meta: RoomMeta;
  readonly summary: RoomSummary;
  readonly isBanned: boolean;
}

/** As `mayRead` has it. */
const isReadable = ({ summary: { kind, role, invitedBy }, isBanned }: RoomRecord): boolean =>
  role !== null || invitedBy !== null || (kind === 'public' && !isBanned);

export class RoomDirectory {
  readonly #kv: KeyValue;
  readonly #changes: ChangeSequence;
  readonly #publicRooms: PublicRooms;

  constructor(kv: KeyValue, changes: ChangeSequence, publicRooms: PublicRooms) {
    this.#kv = kv;
    this.#changes = changes;
    this.#publicRooms = publicRooms;
  }

  /** Pictures that rooms show. */
  async avatars(): Promise<ReadonlySet<string>> {
    const avatars = new Set<string>();
    for await (const [key, value] of this.#kv.range(ALL_ROOMS)) {
      const { avatar } = decodeStored(roomMetaSchema, key, value);
      if (avatar !== null) avatars.add(avatar);
    }
    return avatars;
  }

  async joined(user: UserId): Promise<RoomSummary[]> {
    const [joined, invited] = await Promise.all([this.#roomsIn(roomsOf(user)), this.#roomsIn(invitationsOf(user))]);
    const records = await this.#records(user, [...new Set([...joined, ...invited])]);
    return records
      .map(({ summary }) => summary)
      .filter(({ role, invitedBy }) => role !== null || invitedBy !== null)
      .sort(byActivity);
  }

  async publicRooms(user: UserId, part: DirectoryPart): Promise<RoomSummary[]> {
    const banned = new Set(await this.#roomsIn(bansOf(user)));
    const rooms = await this.#publicRooms.part(part, banned);
    const records = await this.#records(user, rooms);
    // It may have changed between the two reads.
    return records.filter(isReadable).map(({ summary }) => summary);
  }

  /** null: absent, or closed to this person. */
  async summary(user: UserId, room: RoomId): Promise<RoomSummary | null> {
    return (await this.#readable(user, room))?.summary ?? null;
  }

  /** Why a room is closed to somebody who could open it once; null to everybody else, at the same cost. */
  async closing(user: UserId, room: RoomId): Promise<RoomClosing | null> {
    const [left, banned, meta] = await this.#kv.getMany([leftKey(user, room), bannedKey(user, room), roomKey(room)]);
    if (!left || !meta) return null;
    if (decodeStored(roomMetaSchema, roomKey(room), meta).deleted) return 'deleted';
    return banned ? 'banned' : 'removed';
  }

  /** Rooms that were closed to this person by others. */
  closedTo(user: UserId): Promise<RoomId[]> {
    return this.#roomsIn(leftBy(user));
  }

  async isDeleted(room: RoomId): Promise<boolean> {
    const meta = await this.#kv.get(roomKey(room));
    return meta !== undefined && decodeStored(roomMetaSchema, roomKey(room), meta).deleted;
  }

  /** null: absent, or closed to this person. */
  async state(user: UserId, room: RoomId): Promise<RoomState | null> {
    if (!(await this.#readable(user, room))) return null;
    const key = roomStateKey(room);
    const value = await this.#kv.get(key);
    return value ? decodeStored(roomStateSchema, key, value) : null;
  }

  /** How far all members have come, for one of them; null: whoever asks is none. */
  async receipts(user: UserId, room: RoomId): Promise<Map<UserId, Receipt> | null> {
    const state = await this.state(user, room);
    if (!state || !Object.hasOwn(state.members, user)) return null;
    return readReceipts(this.#kv, room, Object.keys(state.members));
  }

  /** Those of the others who are in a room that this person is in or invited to. */
  async sharingRoom(user: UserId, others: readonly UserId[]): Promise<Set<UserId>> {
    const [joined, invited] = await Promise.all([this.#roomsIn(roomsOf(user)), this.#roomsIn(invitationsOf(user))]);
    const own = new Set([...joined, ...invited]);
    const sharing = new Set<UserId>();
    for (const other of own.size > 0 ? others : []) {
      for await (const [key] of this.#kv.range(roomsOf(other))) {
        if (!own.has(roomOfKey(key))) continue;
        sharing.add(other);
        break;
      }
    }
    return sharing;
  }

  async isMember(user: UserId, room: RoomId): Promise<boolean> {
    return (await this.#kv.get(memberKey(user, room))) !== undefined;
  }

  /** One's own; null: one is no member. */
  async receiptOf(user: UserId, room: RoomId): Promise<Receipt | null> {
    if (!(await this.isMember(user, room))) return null;
    return (await readReceipts(this.#kv, room, [user])).get(user)!;
  }

  async sealedPage(user: UserId, ref: PageRef): Promise<SealedPage | 'not-sealed' | null> {
    const record = await this.#readable(user, ref.room);
    if (!record || ref.page > record.meta.head) return null;
    if (ref.page === record.meta.head) return 'not-sealed';
    // The revision first: entries that come in between make the page newer than it says, and are told of again.
    const keys = [sealedKey(ref), revisionKey(ref), erasedKey(ref)] as const;
    const [sealed, revision, erased] = await this.#kv.getMany(keys);
    if (!sealed) return null;
    const late: ArrivedEntry[] = [];
    for await (const [key, value] of this.#kv.range(lateOf(ref))) late.push(decodeStored(arrivedSchema, key, value));
    return {
      ...ref,
      revision: revision ? decodeStored(pageRevisionSchema, keys[1], revision).revision : 0,
      entries: decodeStored(sealedSchema, keys[0], sealed).entries,
      erased: erased ? decodeStored(erasedSchema, keys[2], erased).entries : [],
      late
    };
  }

  async changedPages(user: UserId, since: number): Promise<{ changed: Change[]; cursor: number }> {
    // Read before the list: what settles meanwhile is told again, never missed.
    const { cursor } = this.#changes;
    if (since >= cursor) return { changed: [], cursor };
    const changed: Change[] = [];
    const readable = new Map<RoomId, boolean>();
    for await (const [key, value] of this.#kv.range({ gt: changeKey(since), lt: ALL_CHANGES.lt })) {
      const change = decodeStored(changeSchema, key, value);
      if (!readable.has(change.room)) readable.set(change.room, (await this.#readable(user, change.room)) !== null);
      if (readable.get(change.room)) changed.push(change);
    }
    return { changed, cursor };
  }

  /** null: no such entry, or the room is absent or closed to this person. */
  async authorOf(user: UserId, room: RoomId, entry: EntryId): Promise<string | null> {
    if (!(await this.#readable(user, room))) return null;
    const key = entryKey(room, entry);
    const value = await this.#kv.get(key);
    return value ? decodeStored(storedEntrySchema, key, value).author : null;
  }

  /** The page that an entry is on; null: no such entry, or the room is absent or closed to this person. */
  async pageOf(user: UserId, room: RoomId, entry: EntryId): Promise<number | null> {
    if (!(await this.#readable(user, room))) return null;
    const key = entryKey(room, entry);
    const value = await this.#kv.get(key);
    return value ? decodeStored(storedEntrySchema, key, value).page : null;
  }

  /** Whether the room holds this very entry, or held it before its content was erased. */
  async holds(room: RoomId, entry: Entry): Promise<boolean> {
    const key = entryKey(room, entry.id);
    const value = await this.#kv.get(key);
    return value !== undefined && decodeStored(storedEntrySchema, key, value).hash === entryHash(entry);
  }

  async named(name: string): Promise<RoomId[]> {
    const rooms: RoomId[] = [];
    for await (const [key, value] of this.#kv.range(ALL_ROOMS)) {
      const meta = decodeStored(roomMetaSchema, key, value);
      if (meta.name === name && !meta.deleted) rooms.push(roomOfKey(key));
    }
    return rooms;
  }

  async #roomsIn(range: { gte: string; lt: string }): Promise<RoomId[]> {
    const rooms: RoomId[] = [];
    for await (const [key] of this.#kv.range(range)) rooms.push(roomOfKey(key));
    return rooms;
  }

  async #readable(user: UserId, room: RoomId): Promise<RoomRecord | null> {
    const [record] = await this.#records(user, [room]);
    return record && isReadable(record) ? record : null;
  }

  /** Those of the rooms that exist and are not over. */
  async #records(user: UserId, rooms: readonly RoomId[]): Promise<RoomRecord[]> {
    const records: RoomRecord[] = [];
    for (let from = 0; from < rooms.length; from += READ_AT_ONCE) {
      const some = rooms.slice(from, from + READ_AT_ONCE);
      const keys = some.flatMap((room) => [
        roomKey(room),
        memberKey(user, room),
        readKey(room, user),
        invitedKey(user, room),
        bannedKey(user, room)
      ]);
      const values = await this.#kv.getMany(keys);
      const read = <Output>(schema: v.GenericSchema<unknown, Output>, at: number): Output | null => {
        const value = values[at];
        return value ? decodeStored(schema, keys[at]!, value) : null;
      };
      for (const [index, room] of some.entries()) {
        const at = index * (keys.length / some.length);
        const meta = read(roomMetaSchema, at);
        if (!meta || meta.deleted) continue;
        const role = read(membershipSchema, at + 1)?.role ?? null;
        const invitedBy = read(invitationSchema, at + 3)?.by ?? null;
        const marker = read(readMarkerSchema, at + 2);
        const mentions = role && marker ? await this.#mentions(user, room, marker, meta) : [];
        const summary = summaryOf(room, meta, { role, invitedBy, marker, mentions });
        records.push({ meta, summary, isBanned: values[at + 4] !== undefined });
      }
    }
    return records;
  }

  async #mentions(user: UserId, room: RoomId, marker: ReadMarker, places: Places): Promise<number[]> {
    // Most rooms are read, and need not be asked.
    if (unreadOf(marker, places) === 0) return [];
    const mentions = new RoomMentions(this.#kv, room);
    await mentions.learn([user], marker.n);
    return mentions.unread(user, marker.n);
  }
}

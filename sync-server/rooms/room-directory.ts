// Lists rooms, and serves what is sealed, out of the store's projections: no page is loaded, no room wakes up.

import * as v from 'valibot';
import type { ArrivedEntry, SealedPage } from '#protocol/api.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { roomStateSchema, type Entry, type Role } from '#protocol/entry.ts';
import type { EntryId, PageRef, RoomId, UserId } from '#protocol/ids.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { KeyValue } from '../store/key-value.ts';
import { changeSchema, pageRevisionSchema, type Change, type ChangeSequence } from './change-sequence.ts';
import {
  ALL_CHANGES,
  ALL_PUBLIC,
  ALL_ROOMS,
  changeKey,
  entryKey,
  lateOf,
  memberKey,
  readKey,
  revisionKey,
  roomKey,
  roomOfKey,
  roomsOf,
  roomStateKey,
  sealedKey
} from './keys.ts';
import { readMarkerSchema } from './read-marker.ts';
import { byActivity, membershipSchema, roomMetaSchema, summaryOf, type RoomMeta } from './room-meta.ts';
import { storedEntrySchema } from './stored-entry.ts';
import { decodeStored } from '../store/stored-json.ts';

/** Rooms whose records are read at once; a list of all public rooms may be long. */
const READ_AT_ONCE = 256;

// Entries were checked on their way in, and unknown ones are looser than a schema could say.
const arrivedSchema = v.strictObject({
  entry: v.custom<Entry>((value) => typeof value === 'object' && value !== null),
  at: v.number(),
  n: v.number()
});
const sealedSchema = v.strictObject({ entries: v.array(arrivedSchema) });

interface RoomRecord {
  readonly meta: RoomMeta;
  readonly role: Role | null;
  readonly summary: RoomSummary;
}

export class RoomDirectory {
  readonly #kv: KeyValue;
  readonly #changes: ChangeSequence;

  constructor(kv: KeyValue, changes: ChangeSequence) {
    this.#kv = kv;
    this.#changes = changes;
  }

  async joined(user: UserId): Promise<RoomSummary[]> {
    const rooms = await this.#roomsIn(roomsOf(user));
    const records = await this.#records(user, rooms);
    return records
      .map(({ summary }) => summary)
      .filter(({ role }) => role !== null)
      .sort(byActivity);
  }

  async publicRooms(user: UserId): Promise<RoomSummary[]> {
    const records = await this.#records(user, await this.#roomsIn(ALL_PUBLIC));
    return records
      .map(({ summary }) => summary)
      .filter(({ kind }) => kind === 'public')
      .sort(byActivity);
  }

  /** null: absent, or closed to this person. */
  async summary(user: UserId, room: RoomId): Promise<RoomSummary | null> {
    return (await this.#readable(user, room))?.summary ?? null;
  }

  /** null: absent, or closed to this person. */
  async state(user: UserId, room: RoomId): Promise<RoomState | null> {
    if (!(await this.#readable(user, room))) return null;
    const key = roomStateKey(room);
    const value = await this.#kv.get(key);
    return value ? decodeStored(roomStateSchema, key, value) : null;
  }

  async sealedPage(user: UserId, ref: PageRef): Promise<SealedPage | 'not-sealed' | null> {
    const record = await this.#readable(user, ref.room);
    if (!record || ref.page > record.meta.head) return null;
    if (ref.page === record.meta.head) return 'not-sealed';
    // The revision first: entries that come in between make the page newer than it says, and are told of again.
    const keys = [sealedKey(ref), revisionKey(ref)] as const;
    const [sealed, revision] = await this.#kv.getMany(keys);
    if (!sealed) return null;
    const late: ArrivedEntry[] = [];
    for await (const [key, value] of this.#kv.range(lateOf(ref))) late.push(decodeStored(arrivedSchema, key, value));
    return {
      ...ref,
      revision: revision ? decodeStored(pageRevisionSchema, keys[1], revision).revision : 0,
      entries: decodeStored(sealedSchema, keys[0], sealed).entries,
      erased: [],
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

  async named(name: string): Promise<RoomId[]> {
    const rooms: RoomId[] = [];
    for await (const [key, value] of this.#kv.range(ALL_ROOMS)) {
      if (decodeStored(roomMetaSchema, key, value).name === name) rooms.push(roomOfKey(key));
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
    return record && (record.meta.kind === 'public' || record.role) ? record : null;
  }

  /** Those of the rooms that exist. */
  async #records(user: UserId, rooms: readonly RoomId[]): Promise<RoomRecord[]> {
    const records: RoomRecord[] = [];
    for (let from = 0; from < rooms.length; from += READ_AT_ONCE) {
      const some = rooms.slice(from, from + READ_AT_ONCE);
      const keys = some.flatMap((room) => [roomKey(room), memberKey(user, room), readKey(room, user)]);
      const values = await this.#kv.getMany(keys);
      for (const [index, room] of some.entries()) {
        const [metaBytes, memberBytes, markerBytes] = values.slice(index * 3, index * 3 + 3);
        if (!metaBytes) continue;
        const meta = decodeStored(roomMetaSchema, keys[index * 3]!, metaBytes);
        const role = memberBytes ? decodeStored(membershipSchema, keys[index * 3 + 1]!, memberBytes).role : null;
        const marker = markerBytes ? decodeStored(readMarkerSchema, keys[index * 3 + 2]!, markerBytes) : null;
        records.push({ meta, role, summary: summaryOf(room, meta, role, marker) });
      }
    }
    return records;
  }
}

// The directory of public rooms: names and latest activity of all of them in memory, so that listing and searching ten
// thousand costs milliseconds. Read from the store when first asked for, kept up by each commit.

import type { RoomId } from '#protocol/ids.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored } from '../store/stored-json.ts';
import { ALL_PUBLIC, roomKey, roomOfKey } from './keys.ts';
import { roomMetaSchema, type RoomMeta } from './room-meta.ts';
import { DIRECTORY_PART_ROOMS, type DirectoryPart } from './room-service.ts';

/** Rooms whose records are read at once. */
const READ_AT_ONCE = 256;

interface Listed {
  readonly id: RoomId;
  /** As it is searched. */
  readonly name: string;
  /** Epoch ms. */
  readonly activeAt: number;
}

const searchable = (text: string): string => text.normalize('NFKC').toLowerCase();

export class PublicRooms {
  readonly #kv: KeyValue;
  #loading: Promise<Map<RoomId, Listed>> | null = null;
  /** What was committed while the store is being read: newer than what is read. */
  #changed = new Map<RoomId, Listed | null>();
  #rooms: Map<RoomId, Listed> | null = null;
  /** Newest activity first; null: out of order. */
  #sorted: readonly Listed[] | null = null;

  constructor(kv: KeyValue) {
    this.#kv = kv;
  }

  /** A commit of a room is on disk. */
  changed(id: RoomId, meta: RoomMeta | null): void {
    const listed = meta && meta.kind === 'public' && !meta.deleted ? listedOf(id, meta) : null;
    if (this.#loading && !this.#rooms) this.#changed.set(id, listed);
    if (!this.#rooms) return;
    const before = this.#rooms.get(id);
    if (!listed && !before) return;
    if (listed) this.#rooms.set(id, listed);
    else this.#rooms.delete(id);
    this.#sorted = null;
  }

  /** The store has failed: what is in memory may not be there. */
  forget(): void {
    this.#loading = null;
    this.#rooms = null;
    this.#sorted = null;
    this.#changed = new Map();
  }

  /** @throws StoreError */
  async part({ query = '', after }: DirectoryPart, without: ReadonlySet<RoomId>): Promise<RoomId[]> {
    this.#loading ??= this.#load();
    const rooms = await this.#loading;
    if (this.#rooms === rooms) this.#sorted ??= [...rooms.values()].sort(byActivity);
    const sorted = this.#sorted ?? [...rooms.values()].sort(byActivity);
    const last = after === undefined ? undefined : rooms.get(after);
    const wanted = searchable(query.trim());
    const found: RoomId[] = [];
    for (const listed of sorted) {
      // By its place in the order, since what was listed before may have moved up meanwhile.
      if (last && byActivity(listed, last) <= 0) continue;
      if (without.has(listed.id) || !listed.name.includes(wanted)) continue;
      if (found.push(listed.id) === DIRECTORY_PART_ROOMS) break;
    }
    return found;
  }

  async #load(): Promise<Map<RoomId, Listed>> {
    const rooms = new Map<RoomId, Listed>();
    const changed = this.#changed;
    const mine = (): boolean => this.#changed === changed;
    try {
      const ids: RoomId[] = [];
      for await (const [key] of this.#kv.range(ALL_PUBLIC)) ids.push(roomOfKey(key));
      for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
        const some = ids.slice(from, from + READ_AT_ONCE);
        const values = await this.#kv.getMany(some.map(roomKey));
        for (const [at, id] of some.entries()) {
          const value = values[at];
          if (value) rooms.set(id, listedOf(id, decodeStored(roomMetaSchema, roomKey(id), value)));
        }
      }
    } catch (error) {
      if (mine()) this.forget();
      throw error;
    }
    for (const [id, listed] of changed) {
      if (listed) rooms.set(id, listed);
      else rooms.delete(id);
    }
    changed.clear();
    if (mine()) this.#rooms = rooms;
    return rooms;
  }
}

const listedOf = (id: RoomId, { name, last, createdAt }: RoomMeta): Listed => ({
  id,
  name: searchable(name),
  activeAt: last?.at ?? createdAt
});

const byActivity = (a: Listed, b: Listed): number =>
  b.activeAt - a.activeAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

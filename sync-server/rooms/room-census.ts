// All rooms as whoever runs the server sees them: how large, how busy, never what is said. Read out of the store's
// projections, so no room wakes up.

import * as v from 'valibot';
import type { AdminRoom } from '#protocol/api/admin.ts';
import type { RoomId } from '#protocol/ids.ts';
import type { KeyValue } from '../store/key-value.ts';
import { storedBytes } from '../store/stored-bytes.ts';
import { decodeStored } from '../store/stored-json.ts';
import { ALL_ROOMS, roomKey, roomOfKey } from './keys.ts';
import { roomMetaSchema, type RoomMeta } from './room-meta.ts';

const CENSUS_PAGE_ROOMS = 50;
/** What lies under `<prefix>/<room>/`. */
const PREFIXES = ['gate', 'base', 'id', 'sealed', 'late', 'revision', 'read', 'own', 'log'];

/** Where a page of the list ended: rooms are busy meanwhile, so it is a place and not a room. */
const cursorForm = v.pipe(v.string(), v.regex(/^\d{1,16}\.[A-Za-z0-9_-]{22}$/));

export class RoomCensus {
  readonly #kv: KeyValue;

  constructor(kv: KeyValue) {
    this.#kv = kv;
  }

  /**
   * Newest activity first.
   * @param query part of a name, or an id; '' for all
   * @param after `<activeAt>.<id>` of the last room of the page before; null starts
   * @returns null: `after` is no such place
   */
  async page(query: string, after: string | null): Promise<AdminRoom[] | null> {
    if (after !== null && !v.is(cursorForm, after)) return null;
    const [at, id] = after?.split('.') ?? [];
    const last = at === undefined || id === undefined ? null : { id, activeAt: Number(at) };
    const wanted = folded(query);
    const found: Omit<AdminRoom, 'bytes'>[] = [];
    for await (const room of this.#rooms()) {
      if (wanted !== '' && !folded(room.name).includes(wanted) && room.id !== query) continue;
      if (last === null || byActivity(room, last) > 0) found.push(room);
    }
    const page = found.sort(byActivity).slice(0, CENSUS_PAGE_ROOMS);
    return Promise.all(page.map(async (room) => ({ ...room, bytes: await this.#bytes(room.id) })));
  }

  /** Of those that are there. */
  async names(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, string>> {
    const wanted = [...new Set(rooms)];
    const values = await this.#kv.getMany(wanted.map(roomKey));
    const names = new Map<RoomId, string>();
    for (const [i, room] of wanted.entries()) {
      const value = values[i];
      const meta = value && decodeStored(roomMetaSchema, roomKey(room), value);
      if (meta && isThere(meta)) names.set(room, meta.name);
    }
    return names;
  }

  async count(): Promise<{ rooms: number; messages: number }> {
    let [rooms, messages] = [0, 0];
    for await (const room of this.#rooms()) {
      rooms += 1;
      messages += room.messages;
    }
    return { rooms, messages };
  }

  async *#rooms(): AsyncGenerator<Omit<AdminRoom, 'bytes'>> {
    for await (const [key, value] of this.#kv.range(ALL_ROOMS)) {
      const meta = decodeStored(roomMetaSchema, key, value);
      if (!isThere(meta)) continue;
      const { name, kind, members, n, imported, createdAt, last } = meta;
      const activeAt = last?.at ?? createdAt;
      yield { id: roomOfKey(key), name, kind, members, messages: n + imported, createdAt, activeAt };
    }
  }

  #bytes(room: RoomId): Promise<number> {
    return storedBytes(
      this.#kv,
      PREFIXES.map((prefix) => [`${prefix}/${room}/`, `${prefix}/${room}0`])
    );
  }
}

const isThere = (meta: RoomMeta & { readonly deleted?: boolean }): boolean => meta.deleted !== true;

const folded = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

type Place = Pick<AdminRoom, 'id' | 'activeAt'>;
const byActivity = (a: Place, b: Place): number => b.activeAt - a.activeAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

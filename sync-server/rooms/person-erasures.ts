// Takes away all messages of people whose account went with them, in every room.
// Invariant: who is being erased is on the disk before the first message goes and until the last one has, so that a
// process that dies in between is followed by one that goes on.

import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';
import type { KeyValue } from '../store/key-value.ts';
import { decodeStored } from '../store/stored-json.ts';
import { ALL_ENTRIES, ALL_ERASED_PEOPLE, entryOfKey, erasePersonKey, userOfKey } from './keys.ts';
import type { LiveRooms } from './live-rooms.ts';
import { storedEntrySchema } from './stored-entry.ts';

export class PersonErasures {
  readonly #kv: KeyValue;
  readonly #live: Pick<LiveRooms, 'all' | 'get'>;
  readonly #underWay = new Map<UserId, Promise<void>>();

  constructor(kv: KeyValue, live: Pick<LiveRooms, 'all' | 'get'>) {
    this.#kv = kv;
    this.#live = live;
  }

  /** Those of a process before. @param onError of those that fail @throws StoreError */
  async goOn(onError: (error: unknown) => void): Promise<void> {
    for await (const [key] of this.#kv.range(ALL_ERASED_PEOPLE)) this.#erase(userOfKey(key)).catch(onError);
  }

  /** @throws StoreError */
  async erase(user: UserId): Promise<void> {
    await this.#kv.batch([{ type: 'put', key: erasePersonKey(user), value: new Uint8Array() }], { sync: true });
    await this.#erase(user);
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#underWay.values()]);
  }

  /** One at a time for a person; again does no harm. @throws StoreError */
  #erase(user: UserId): Promise<void> {
    const erasing = (this.#underWay.get(user) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#eraseNow(user))
      .finally(() => this.#underWay.get(user) === erasing && this.#underWay.delete(user));
    this.#underWay.set(user, erasing);
    return erasing;
  }

  async #eraseNow(user: UserId): Promise<void> {
    // What they sent last may wait in a room's queue: it is on disk once the room has done this. One that is gone has none.
    await Promise.allSettled(this.#live.all().map((room) => room.erase([])));
    const written = new Map<RoomId, EntryId[]>();
    for await (const [key, value] of this.#kv.range(ALL_ENTRIES)) {
      const { author, type, redacted } = decodeStored(storedEntrySchema, key, value);
      if (author !== user || type !== 'message' || redacted) continue;
      const [room, id] = entryOfKey(key);
      const ids = written.get(room);
      if (ids) ids.push(id);
      else written.set(room, [id]);
    }
    for (const [room, ids] of written) await (await this.#live.get(room)).erase(ids);
    await this.#kv.batch([{ type: 'del', key: erasePersonKey(user) }], { sync: true });
  }
}

// What is written in rooms that need not be open: their creation, and that one joins or declines. Written down like a
// message, and sent by the background as one.

import { directRoomId } from '#protocol/direct-room.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import type { SyncClient } from '../sync/sync-client.ts';

export class RoomMaking {
  readonly #client: SyncClient;
  readonly #now: () => number;

  /** @param now epoch ms */
  constructor(client: SyncClient, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** @returns the room's id */
  async room(name: string, kind: 'public' | 'private'): Promise<string> {
    const id = newRoomId();
    await this.#create(id, { name: name.trim(), kind });
    return id;
  }

  /** @returns the id of the room of oneself and these others, which may have been there */
  async direct(others: readonly string[]): Promise<string> {
    const people = [this.#client.me.id, ...others].sort().filter((id, at, all) => id !== all[at - 1]);
    if (people.length < 2) throw new TypeError('a conversation is with somebody');
    if (people.length > 2) {
      const id = newRoomId();
      await this.#create(id, { kind: 'group', people });
      return id;
    }
    const id = directRoomId(people[0]!, people[1]!);
    // The other may have made it as well, at this moment or long ago: it is one room, whose second creation is dropped.
    if (!this.#has(id)) await this.#create(id, { kind: 'direct', people });
    return id;
  }

  async enter(room: string, action: 'joined' | 'left'): Promise<void> {
    await this.#write(room, { type: 'membership', action }, this.#client.list.get(room)?.head ?? 0);
  }

  #has(id: string): boolean {
    const { list, outbox } = this.#client;
    return list.summary(id) !== null || outbox.of(id).some(({ entry, state }) => state !== 'failed' && creates(entry));
  }

  async #create(id: string, payload: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#client.list.add(id);
    await this.#write(id, { type: 'room', action: 'created', ...payload }, 0);
  }

  async #write(room: string, payload: Readonly<Record<string, unknown>>, page: number): Promise<void> {
    const { me, outbox } = this.#client;
    const sentAt = this.#client.clock(room).next();
    const entry = { ...payload, id: newEntryId(this.#now()), author: me.id, sentAt } as Entry;
    await outbox.add(room, entry, page);
  }
}

const creates = (entry: Entry): boolean => isKnown(entry) && entry.type === 'room' && entry.action === 'created';

// What is written in rooms that need not be open: their creation, and that one joins or declines. Written down like a
// message, and sent by the background as one.

import { directRoomId } from '#protocol/direct-room.ts';
import { isKnown, type Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import type { SyncClient } from '../sync/sync-client.ts';

type Payload = Readonly<Record<string, unknown>>;

export class RoomMaking {
  readonly #client: () => Promise<SyncClient | null>;
  readonly #now: () => number;

  /** @param client null: nobody is signed in @param now epoch ms */
  constructor(client: () => Promise<SyncClient | null>, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** @returns the room's id */
  async room(name: string, kind: 'public' | 'private'): Promise<string> {
    const client = await this.#attached();
    const id = newRoomId();
    await this.#create(client, id, { name: name.trim(), kind });
    return id;
  }

  /** @returns the id of the room of oneself and these others, which may have been there */
  async direct(others: readonly string[]): Promise<string> {
    const client = await this.#attached();
    const people = [client.me.id, ...others].sort().filter((id, at, all) => id !== all[at - 1]);
    if (people.length < 2) throw new TypeError('a conversation is with somebody');
    if (people.length > 2) {
      const id = newRoomId();
      await this.#create(client, id, { kind: 'group', people });
      return id;
    }
    const id = directRoomId(people[0]!, people[1]!);
    // The other may have made it as well, at this moment or long ago: it is one room, whose second creation is dropped.
    if (!isMade(client, id)) await this.#create(client, id, { kind: 'direct', people });
    return id;
  }

  async enter(room: string, action: 'joined' | 'left'): Promise<void> {
    const client = await this.#attached();
    const page = client.list.get(room)?.head ?? 0;
    await client.hold(this.#write(client, room, { type: 'membership', action }, page));
  }

  async #attached(): Promise<SyncClient> {
    const client = await this.#client();
    if (!client) throw new TypeError('nobody is signed in');
    return client;
  }

  async #create(client: SyncClient, id: string, payload: Payload): Promise<void> {
    const create = async (): Promise<void> => {
      await client.list.add(id);
      await this.#write(client, id, { type: 'room', action: 'created', ...payload }, 0);
    };
    await client.hold(create());
  }

  async #write(client: SyncClient, room: string, payload: Payload, page: number): Promise<void> {
    const sentAt = client.clock(room).next();
    const entry = { ...payload, id: newEntryId(this.#now()), author: client.me.id, sentAt } as Entry;
    await client.outbox.add(room, entry, page);
  }
}

const isMade = ({ list, outbox }: SyncClient, id: string): boolean =>
  list.summary(id) !== null || outbox.of(id).some(({ entry, state }) => state !== 'failed' && creates(entry));

const creates = (entry: Entry): boolean => isKnown(entry) && entry.type === 'room' && entry.action === 'created';

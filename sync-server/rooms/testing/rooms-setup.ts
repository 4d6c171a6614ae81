// Rooms over a disk in memory, with faults and time in the test's hand; can be stopped and started again on that disk.

import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RoomKind } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId, newUserId, type RoomId, type UserId } from '#protocol/ids.ts';
import { MemoryDisk } from '../../store/memory-disk.ts';
import { Store } from '../../store/store.ts';
import { OPEN_POLICY, type RoomPolicy } from '../room-policy.ts';
import { Rooms } from '../rooms.ts';
import { DocClient, type ConnectOptions } from './doc-client.ts';
import { HeldReads } from './held-reads.ts';
import { HandTimers } from '../../testing/hand-timers.ts';

const START_MS = Date.UTC(2026, 0, 5, 9, 12);

export class RoomsSetup implements AsyncDisposable {
  readonly timers = new HandTimers(START_MS);
  readonly errors: unknown[] = [];
  /** Times the rooms found that the store was restored. */
  restores = 0;
  readonly reads = new HeldReads();
  disk: MemoryDisk;
  /** As the rest of the server would have it; read at each use. */
  policy: RoomPolicy = OPEN_POLICY;
  store!: Store;
  rooms!: Rooms;

  private constructor(disk: MemoryDisk) {
    this.disk = disk;
  }

  static async start(disk: MemoryDisk = new MemoryDisk()): Promise<RoomsSetup> {
    const setup = new RoomsSetup(disk);
    await setup.#open();
    return setup;
  }

  async #open(): Promise<void> {
    // Reopening after a failure waits for a turn of the event loop, not for the clock.
    this.store = await Store.over({
      open: async () => this.reads.over(await this.disk.open()),
      pause: () => nextTurn()
    });
    this.rooms = await Rooms.open({
      store: this.store,
      timers: this.timers,
      random32: () => randomBytes(4).readUInt32LE(),
      policy: this.#livePolicy,
      onAheadOfStore: async () => {
        this.restores += 1;
        await this.store.newGeneration();
      },
      onError: (error) => this.errors.push(error)
    });
  }

  readonly #livePolicy: RoomPolicy = ((setup: RoomsSetup) => ({
    get peopleSign() {
      return setup.policy.peopleSign;
    },
    deviceKey: (id) => setup.policy.deviceKey(id),
    isErased: (user) => setup.policy.isErased(user),
    admitsRoom: (kind, author, sender) => setup.policy.admitsRoom(kind, author, sender)
  }))(this);

  async restart(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await this.#open();
  }

  /** Like a killed process: nothing is committed or closed in order, and the next one finds what the disk has. */
  async crash(): Promise<void> {
    await this.store.close();
    await this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rooms.close();
    await this.store.close();
  }

  message(author: UserId, body = 'hello', more: Partial<Entry> = {}): Entry {
    const sentAt = this.timers.nowMs();
    return { id: newEntryId(sentAt), type: 'message', author, sentAt, body, ...more };
  }

  entry(author: UserId, content: { readonly type: string; readonly [key: string]: unknown }): Entry {
    const sentAt = this.timers.nowMs();
    return { id: newEntryId(sentAt), author, sentAt, ...content };
  }

  created(author: UserId, kind: RoomKind, name = 'Hallway'): Entry {
    return this.entry(author, { type: 'room', action: 'created', name, kind });
  }

  /** A room made by `owner`, with `others` in it. */
  async room(owner: UserId, kind: RoomKind, ...others: readonly UserId[]): Promise<RoomId> {
    const room = newRoomId();
    await this.rooms.append(this.created(owner, kind), room);
    for (const user of others) await this.rooms.joinByInvitation(room, user, owner);
    return room;
  }

  user(): UserId {
    return newUserId();
  }

  /** A client that is on the page and in step. */
  async client(user: UserId, room: RoomId, page = 0, options: ConnectOptions = {}): Promise<DocClient> {
    const client = new DocClient(user, { room, page });
    await client.connect(this.rooms, options);
    return client;
  }
}

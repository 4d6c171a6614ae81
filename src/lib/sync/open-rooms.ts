// The rooms that are open in this tab, each once for all who hold it, and the clocks that date what is written in them.
// Invariant: a replica is closed with the last who held it.

import { HybridClock } from '#protocol/clock.ts';
import { isUserId } from '#protocol/ids.ts';
import type { RoomState } from '#protocol/room-state.ts';
import { RoomReplica } from './room-replica.ts';
import type { RoomShared } from './room-shared.ts';
import type { ServerTime } from './server-clock.ts';

export interface OpenRoom {
  readonly replica: RoomReplica;
  readonly release: () => Promise<void>;
}

export interface OpenRoomsOptions {
  /** This device's clock, epoch ms. */
  readonly now: () => number;
  readonly time: ServerTime;
  readonly shared: () => RoomShared;
  /** These people are members of an open room. */
  readonly meet: (users: readonly string[]) => void;
}

export class OpenRooms {
  readonly #options: OpenRoomsOptions;
  readonly #rooms = new Map<string, { readonly replica: RoomReplica; holders: number }>();
  readonly #clocks = new Map<string, HybridClock>();

  constructor(options: OpenRoomsOptions) {
    this.#options = options;
  }

  get(room: string): RoomReplica | undefined {
    return this.#rooms.get(room)?.replica;
  }

  /** The room's replica, shared by all who ask for it. */
  open(room: string): OpenRoom {
    let open = this.#rooms.get(room);
    if (!open) {
      const replica = new RoomReplica(room, this.#options.shared());
      this.#rooms.set(room, (open = { replica, holders: 0 }));
      let members: RoomState['members'] | undefined;
      replica.listen(() => {
        const now = replica.state?.members;
        if (now === members) return;
        members = now;
        this.#options.meet(Object.keys(now ?? {}).filter(isUserId));
      });
    }
    const held = open;
    held.holders += 1;
    let released = false;
    return {
      replica: held.replica,
      release: async () => {
        if (released) return;
        released = true;
        held.holders -= 1;
        if (held.holders > 0) return;
        this.#rooms.delete(room);
        await held.replica.close();
      }
    };
  }

  /** The clock of a room's `sentAt`. */
  clock(room: string): HybridClock {
    let clock = this.#clocks.get(room);
    if (!clock) {
      clock = new HybridClock(this.#options.now);
      clock.setServerTime(this.#options.time.now());
      this.#clocks.set(room, clock);
    }
    return clock;
  }

  /** @param wasAhead so far the server's time was taken to be later */
  timeHeard(serverTimeMs: number, wasAhead: boolean): void {
    for (const clock of this.#clocks.values()) clock.setServerTime(serverTimeMs);
    for (const { replica } of this.#rooms.values()) replica.timeHeard(wasAhead);
  }

  /** Something outside changed what this tab may do. */
  wake(): void {
    for (const { replica } of this.#rooms.values()) replica.wake();
  }

  async close(): Promise<void> {
    const rooms = [...this.#rooms.values()];
    this.#rooms.clear();
    await Promise.all(rooms.map(({ replica }) => replica.close()));
  }
}

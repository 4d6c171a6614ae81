// What a room is to this person: whether it is open to them, why it is closed, their role in it, and whether they may write.

import { refusal } from '#protocol/refusal.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import type { RoomState } from '#protocol/room-state.ts';
import type { RoomReplica } from '../sync/room-replica.ts';
import { closedBy } from './room-closed.ts';
import type { RoomModel } from './room-model.ts';

type Closed = RoomModel['closed'];

export class RoomAccess {
  readonly #room: string;
  #status = $state<RoomModel['status']>('loading');
  #closed = $state<Closed>(null);
  #role = $state<RoomModel['role']>(null);
  #cannotWrite = $state<RefusalCode | null>(null);
  /** Kept over another try to open the room, which drops what is known of it. */
  #closedLast: Closed = null;

  constructor(room: string) {
    this.#room = room;
  }

  get status() {
    return this.#status;
  }
  get closed() {
    return this.#closed;
  }
  get role() {
    return this.#role;
  }
  get cannotWrite() {
    return this.#cannotWrite;
  }

  update(replica: RoomReplica, state: RoomState | null, me: string): void {
    const { forbidden, pending, ready, summary } = replica;
    this.#closed = this.#closedNow(replica, state, me);
    this.#role = (state ? state.members[me]?.role : summary?.role) ?? null;
    this.#cannotWrite = this.#writeRefusal(forbidden, state, me);
    // What failed for good stays to be read and copied.
    if (forbidden) this.#status = pending.length > 0 ? 'ready' : 'absent';
    else this.#status = ready ? 'ready' : 'loading';
  }

  #closedNow({ closing, forbidden, head }: RoomReplica, state: RoomState | null, me: string): Closed {
    if (forbidden) return (this.#closedLast = closedBy(me, head.arrived, state, closing, this.#closedLast));
    if (head.synced) this.#closedLast = null;
    return null;
  }

  #writeRefusal(forbidden: boolean, state: RoomState | null, me: string): RefusalCode | null {
    if (forbidden) return this.#closed === 'banned' || this.#closed === 'deleted' ? this.#closed : 'not-member';
    if (!state) return null;
    return refusal(this.#room, state, { id: 'a-message', type: 'message', author: me, sentAt: 0, body: '?' }, null);
  }
}

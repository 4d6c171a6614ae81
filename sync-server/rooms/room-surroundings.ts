// What a live room has from outside: the store, time, the server's client ids, and who wants to hear of it.

import type { KeyValue } from '../store/key-value.ts';
import type { RoomLog } from '../store/room-log.ts';
import type { ChangeSequence } from './change-sequence.ts';
import type { Erasures } from './erasures.ts';
import type { Expiries } from './expiries.ts';
import type { LiveRoom } from './live-room.ts';
import type { PageChannel } from './page-channel.ts';
import type { PublicRooms } from './public-rooms.ts';
import type { RoomBlobs } from './room-blobs.ts';
import type { RoomPolicy } from './room-policy.ts';
import type { RoomEvents } from './room-service.ts';
import type { ServerClientIds } from '../gate/server-client-ids.ts';
import type { Timers } from '../timers.ts';

export interface RoomSurroundings {
  readonly kv: KeyValue;
  readonly log: RoomLog;
  readonly timers: Timers;
  readonly changes: ChangeSequence;
  readonly events: RoomEvents;
  readonly policy: RoomPolicy;
  readonly blobs: RoomBlobs;
  readonly publicRooms: PublicRooms;
  readonly erasures: Pick<Erasures, 'schedule'>;
  readonly expiries: Pick<Expiries, 'schedule'>;
  serverIds(): ServerClientIds;
  aheadOfStore(channel: PageChannel): void;
  /** The room has nothing to do and nobody reads it, or it has failed: it is to be forgotten. */
  retire(room: LiveRoom): void;
  /** Background failure of a room, for the log. */
  report(error: unknown, room: LiveRoom): void;
}

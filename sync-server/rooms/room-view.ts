// A room as it stands on disk, in two immutable pieces: what everybody outside of a commit sees.

import type { RoomState } from '#protocol/room-state.ts';
import type { RoomMeta } from './room-meta.ts';

export interface RoomView {
  /** Both null: the room does not exist. */
  readonly meta: RoomMeta | null;
  readonly state: RoomState | null;
}

export const ABSENT_ROOM: RoomView = { meta: null, state: null };

// Rooms, who is in them, and where in them an entry stands.

import type { RoomSummary } from '#protocol/control.ts';
import type { Role } from '#protocol/entry-fields.ts';

/**
 * GET /api/rooms: rooms that one is in or invited to. GET /api/rooms?scope=public&query=&after=<room>: public rooms, joined
 * or not, newest activity first, 50 at a time. GET /api/rooms/:id one; 404 for a closed and an absent one alike, with a
 * code of RoomClosing for who was in it.
 */
export type RoomInfo = RoomSummary;

/** Why a room is closed to somebody who was in it: told to them with the 404, as `room-<why>`, and to no stranger. */
export type RoomClosing = 'removed' | 'banned' | 'deleted';

/** GET /api/rooms/:id/members */
export interface MemberInfo {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Epoch ms. */
  readonly since: number;
}

/** GET /api/rooms/:id/entries/:entry: for links to messages, and pins and stars on pages that are not loaded. */
export interface EntryPlace {
  /** null: the room has no such entry, or none any more. */
  readonly page: number | null;
}

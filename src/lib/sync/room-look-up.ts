// What the server says of a room that this person is not in, asked over its API.

import type { RoomClosing, RoomInfo } from '#protocol/api/room.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { LookedUp } from './room-shared.ts';

/** By the code of the server's answer. */
const CLOSINGS: Readonly<Record<string, RoomClosing | null>> = {
  'not-found': null,
  forbidden: null,
  'room-removed': 'removed',
  'room-banned': 'banned',
  'room-deleted': 'deleted'
};

export async function lookUpRoom(api: ApiClient, room: string): Promise<LookedUp> {
  const answer = await api.get<RoomInfo>(`/api/rooms/${room}`);
  if (answer.ok) return { kind: 'open', summary: answer.value };
  const why = CLOSINGS[answer.code];
  return why === undefined ? { kind: 'offline' } : { kind: 'closed', why };
}

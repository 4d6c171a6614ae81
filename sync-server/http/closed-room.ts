// The answer about a room that is closed to whoever asks. An absent room and one that is closed look alike to strangers;
// who could open it once, or shows an invitation to it, is told why they cannot.

import type { RoomClosing } from '#protocol/api/room.ts';
import { ApiProblem } from './problem.ts';

const DETAILS: Readonly<Record<RoomClosing, string>> = {
  removed: 'You were removed from this room.',
  banned: 'You were banned from this room.',
  deleted: 'This room was deleted.'
};

/** @param why null: whoever asks is a stranger, or there is no such room */
export function closedRoom(why: RoomClosing | null): ApiProblem {
  if (why !== null) return new ApiProblem(`room-${why}`, DETAILS[why]);
  return new ApiProblem('not-found', 'There is no such room, or it is closed to you.');
}

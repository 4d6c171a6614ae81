// The server's hello. What does not fit into one control message follows in `rooms` and `pages` messages; the cursor
// moves only with the last of them, so that a line that breaks in between loses nothing.

import type { ClientMessage, ServerMessage } from '#protocol/control.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import type { Session } from '../accounts/session.ts';
import type { RoomService } from '../rooms/room-service.ts';
import { splitBySize } from './split-by-size.ts';
import type { Timers } from '../timers.ts';

export interface GreetingDeps {
  readonly rooms: RoomService;
  readonly timers: Timers;
  generation(): string;
}

/** Rejects when the rooms do. */
export async function greeting(
  deps: GreetingDeps,
  user: Session['user'],
  hello: Extract<ClientMessage, { type: 'hello' }>
): Promise<ServerMessage[]> {
  const generation = deps.generation();
  // Without copies of this generation there is nothing that could have gone stale.
  const since = hello.generation === generation ? hello.cursor : null;
  const [rooms, pages] = await Promise.all([deps.rooms.joined(user.id), deps.rooms.changedPages(user.id, since ?? 0)]);

  const [firstRooms = [], ...moreRooms] = splitBySize(rooms);
  const [firstPages = [], ...morePages] = since === null ? [] : splitBySize(pages.changed);
  const cursorAfter = (left: number) => (left === 0 ? pages.cursor : (since ?? 0));
  return [
    {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      generation,
      serverTimeMs: deps.timers.nowMs(),
      user: { id: user.id, name: user.name, admin: user.admin },
      rooms: firstRooms,
      changedPages: firstPages,
      cursor: cursorAfter(morePages.length)
    },
    ...moreRooms.map((changed): ServerMessage => ({ type: 'rooms', changed, gone: [] })),
    ...morePages.map((changed, at): ServerMessage => ({
      type: 'pages',
      changed,
      cursor: cursorAfter(morePages.length - 1 - at)
    }))
  ];
}

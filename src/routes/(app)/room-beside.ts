// Which room Alt+↑/↓ goes to: the one beside the open one in the list, or with Shift the nearest unread one.

import type { RoomListItem } from '#lib/model/room-list-item.ts';

export function roomBeside(
  rooms: readonly Pick<RoomListItem, 'id' | 'unread'>[],
  openRoomId: string | null,
  step: 1 | -1,
  unreadOnly: boolean
): string | null {
  const open = rooms.findIndex((room) => room.id === openRoomId);
  // None open: down begins at the top, up at the foot.
  let at = open === -1 ? (step === 1 ? -1 : rooms.length) : open;
  for (;;) {
    at += step;
    const room = rooms[at];
    if (!room) return null;
    if (!unreadOnly || room.unread > 0) return room.id;
  }
}

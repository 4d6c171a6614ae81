// Where the app goes when it is opened at its first screen. Pure.

import type { RoomListItem } from '#lib/model/room-list-item.ts';
import type { Place } from '#lib/model/place.ts';

/** So long a person goes on with what they were at, also where the system has ended the app meanwhile. */
const GOES_ON_MS = 30 * 60_000;

export interface Launch {
  /** What a shortcut asks for. */
  readonly to: string | null;
  /** In a window of its own: a tab of a browser is opened at the address that it is given. */
  readonly isApp: boolean;
  readonly last: Place | null;
  /** In the order of the list. */
  readonly rooms: readonly Pick<RoomListItem, 'id' | 'unread' | 'muted'>[];
  /** Epoch ms. */
  readonly now: number;
}

/** null: to the list of rooms. */
export function launchPath({ to, isApp, last, rooms, now }: Launch): string | null {
  if (to === 'unread') {
    const unread = rooms.filter(({ unread }) => unread > 0);
    const first = unread.find(({ muted }) => !muted) ?? unread[0];
    return first ? `/room/${first.id}` : null;
  }
  const path = last && last.path !== '/' ? last.path : null;
  if (to === 'last') return path;
  return to === null && isApp && last && now - last.at < GOES_ON_MS ? path : null;
}

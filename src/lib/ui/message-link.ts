// Links to messages: how they are written, and which links in messages lead into this very app.

import { isEntryId, isRoomId } from '#protocol/ids.ts';

/** @param origin the address that people are given: the public one, where the server has one */
export const messageLink = (origin: string, room: string, id: string): string =>
  new URL(`/room/${room}/m/${id}`, origin).href;

/**
 * The path within the app that a link leads to, or null: it leads elsewhere.
 * @param origins those that this server is known by
 */
export function ownPath(href: string, origins: readonly string[]): string | null {
  const url = URL.parse(href);
  if (!url || !origins.some((origin) => URL.parse(origin)?.origin === url.origin)) return null;
  const [, first, room, second, id, ...more] = url.pathname.split('/');
  if (first !== 'room' || !isRoomId(room) || more.length > 0) return null;
  if (second === undefined) return `/room/${room}`;
  return second === 'm' && isEntryId(id) ? `/room/${room}/m/${id}` : null;
}

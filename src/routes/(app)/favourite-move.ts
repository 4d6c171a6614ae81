// A favourite one place up or down, by key or from its menu. Invariant: at the ends nothing happens.

import type { OwnRooms } from '#lib/model/own-rooms.ts';

/** @param favourites the highest first */
export function moveFavourite(
  own: Pick<OwnRooms, 'moveFavourite'>,
  favourites: readonly { readonly id: string }[],
  room: string,
  step: 1 | -1
): boolean {
  const at = favourites.findIndex(({ id }) => id === room);
  const to = at + step;
  if (at === -1 || to < 0 || to >= favourites.length) return false;
  const before = step === 1 ? favourites[to + 1] : favourites[to];
  own.moveFavourite(room, before?.id ?? null);
  return true;
}

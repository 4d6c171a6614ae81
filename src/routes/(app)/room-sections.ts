// The sections of the rooms column, in the order in which they are drawn; the keys that go from room to room go this way.
// Invariant: each room stands in one section.

import type { RoomListItem } from '#lib/model/room-list-item.ts';

export interface RoomSection {
  readonly name: 'favourites' | 'rooms' | 'people' | 'archived';
  readonly rooms: readonly RoomListItem[];
}

/** @param rooms newest activity first @returns without the empty ones */
export function roomSections(rooms: readonly RoomListItem[]): readonly RoomSection[] {
  const favourites: RoomListItem[] = [];
  const places: RoomListItem[] = [];
  const people: RoomListItem[] = [];
  const archived: RoomListItem[] = [];
  for (const room of rooms) sectionOf(room, { favourites, places, people, archived }).push(room);
  favourites.sort((a, b) => a.favourite! - b.favourite! || (a.id < b.id ? -1 : 1));
  const sections: RoomSection[] = [
    { name: 'favourites', rooms: favourites },
    { name: 'rooms', rooms: places },
    { name: 'people', rooms: people },
    { name: 'archived', rooms: archived }
  ];
  return sections.filter((section) => section.rooms.length > 0);
}

function sectionOf(
  { archived, favourite, kind }: RoomListItem,
  of: Record<'favourites' | 'places' | 'people' | 'archived', RoomListItem[]>
): RoomListItem[] {
  if (archived) return of.archived;
  if (favourite !== null) return of.favourites;
  return kind === 'direct' || kind === 'group' ? of.people : of.places;
}

/** What is put away is not on the way from room to room. */
export const walkedRooms = (sections: readonly RoomSection[]): readonly RoomListItem[] =>
  sections.flatMap(({ name, rooms }) => (name === 'archived' ? [] : rooms));

import { expect, test } from 'vitest';
import type { RoomListItem } from '#lib/model/room-list-item.ts';
import { roomSections, walkedRooms } from './room-sections.ts';

const room = (id: string, more: Partial<RoomListItem> = {}): RoomListItem => ({
  ...{ id, name: id, kind: 'private', avatar: null, others: [], unread: 0, mentions: 0, favourite: null },
  hasMessages: true,
  ...{ muted: false, archived: false, level: null, at: 0, preview: '', draft: '', ownState: null },
  ...more
});

test('[OWNROOM-5] favourites stand on top in their own order, what is put away at the foot, and each room once', () => {
  const rooms = [
    room('a'),
    room('b', { kind: 'direct', favourite: 2 }),
    room('c', { kind: 'group' }),
    room('d', { favourite: -1 }),
    room('e', { favourite: 0, archived: true }),
    room('f', { kind: 'public' })
  ];
  const sections = roomSections(rooms);
  expect(sections.map(({ name, rooms: of }) => [name, of.map(({ id }) => id).join('')])).toEqual([
    ['favourites', 'db'],
    ['rooms', 'af'],
    ['people', 'c'],
    ['archived', 'e']
  ]);
  expect(walkedRooms(sections).map(({ id }) => id)).toEqual(['d', 'b', 'a', 'f', 'c']);
  expect(roomSections([]).length).toBe(0);
});

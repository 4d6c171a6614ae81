import { expect, test } from 'vitest';
import { roomBeside } from './room-beside.ts';

const rooms = [
  { id: 'a', unread: 0 },
  { id: 'b', unread: 2 },
  { id: 'c', unread: 0 },
  { id: 'd', unread: 1 }
];

test('steps to the room beside and stops at the ends', () => {
  expect(roomBeside(rooms, 'b', 1, false)).toBe('c');
  expect(roomBeside(rooms, 'b', -1, false)).toBe('a');
  expect(roomBeside(rooms, 'a', -1, false)).toBeNull();
  expect(roomBeside(rooms, 'd', 1, false)).toBeNull();
});

test('with no room open it enters the list at its end', () => {
  expect(roomBeside(rooms, null, 1, false)).toBe('a');
  expect(roomBeside(rooms, null, -1, false)).toBe('d');
});

test('skips read rooms when asked to', () => {
  expect(roomBeside(rooms, 'b', 1, true)).toBe('d');
  expect(roomBeside(rooms, 'a', -1, true)).toBeNull();
});

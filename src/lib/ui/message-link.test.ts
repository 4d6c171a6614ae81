import { expect, test } from 'vitest';
import { messageLink, ownPath } from './message-link.ts';

const ROOM = 'abcdefghijklmnopqrstuv';
const ID = '019b8d6d-7700-77a4-abe2-f808d0330d17';

test('[LINK-1] the link of a message names its room and its id, on the public address', () => {
  const link = messageLink('https://chat.example/', ROOM, ID);
  expect(link).toBe(`https://chat.example/room/${ROOM}/m/${ID}`);
  expect(ownPath(link, ['https://chat.example'])).toBe(`/room/${ROOM}/m/${ID}`);
});

test('[LINK-2] a link opens within the app only when it leads to a room of this server', () => {
  const origins = ['https://chat.example', 'http://localhost:3000'];
  expect(ownPath(`http://localhost:3000/room/${ROOM}`, origins)).toBe(`/room/${ROOM}`);
  for (const href of [
    `https://elsewhere.example/room/${ROOM}/m/${ID}`,
    `https://chat.example.evil/room/${ROOM}`,
    'https://chat.example/api/me',
    `https://chat.example/room/${ROOM}/details/x`,
    'https://chat.example//elsewhere.example/room/x',
    'not an address'
  ])
    expect(ownPath(href, origins), href).toBeNull();
});

import { expect, test } from 'vitest';
import { eventually } from '../../../tests/eventually.ts';
import { FakeServer } from './testing/fake-server.ts';
import { freshDevice, ROOM, startClient, summary } from './testing/synced-room.ts';

test('a room whose newest page is short is done when the pages before it are here, not when its time is over', async () => {
  const server = new FakeServer();
  server.rooms = [{ ...summary, head: 1 }];
  const said: boolean[] = [];
  const client = await startClient(server, freshDevice(), { busy: (busy) => said.push(busy) });
  client.start();
  await eventually(() => expect(said).toContain(true));
  await eventually(() => expect(client.list.get(ROOM)?.fetched).toBe('1/0/'));
  await eventually(() => expect(said.at(-1)).toBe(false));
});

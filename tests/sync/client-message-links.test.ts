// Messages that are shown by their id alone, by the whole client: links, and later what stands on them.

import { expect, onTestFinished, test } from 'vitest';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { bodies, messages, TestDevice, until } from './client-fixture.ts';
import { TestServer } from './server-fixture.ts';

const idOf = (at: number): string => `imported-${at}`;

test('[LINK-3] a message is shown on whatever page it is, offline where the page is on the device', async () => {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const ann = await server.account('ann');
  const id = newRoomId();
  const made = { id: newEntryId(Date.now()), author: ann.id, sentAt: Date.now() };
  await server.rooms.append({ ...made, type: 'room', action: 'created', name: 'Harbour', kind: 'public' }, id);
  await server.rooms.import(
    id,
    Array.from({ length: 4 * PAGE_MAX_ENTRIES }, (_, at) => ({
      ...{ id: idOf(at), type: 'message' as const, author: '~crimsun', sentAt: 1_100_000_000_000 + at },
      body: `message ${at}`
    }))
  );
  const device = new TestDevice(server.url);
  onTestFinished(() => device.close());
  const { app } = await device.tab();
  await app.session.signIn(ann.name, ann.password);
  const room = app.openRoom(id);
  await until(() => bodies(room).includes(`message ${4 * PAGE_MAX_ENTRIES - 1}`));

  expect(await room.toMessage(idOf(10))).toBe('shown');
  expect(room.shownMessage).toEqual({ id: idOf(10) });
  expect(messages(room).some((item) => item.id === idOf(10))).toBe(true);
  expect(room.newer).toBe('more');
  // What comes after is there to be read on.
  await room.loadNewer();
  expect(bodies(room)).toContain(`message ${PAGE_MAX_ENTRIES + 10}`);

  const before = room.timeline;
  expect(await room.toMessage('not-in-this-room')).toBe('gone');
  expect(room.timeline).toBe(before);

  device.unplug();
  await until(() => app.connection.status !== 'connected');
  const shown = room.shownMessage;
  expect(await room.toMessage(idOf(2 * PAGE_MAX_ENTRIES + 500))).toBe('offline');
  expect(room.shownMessage).toBe(shown);
  expect(await room.toMessage(idOf(20))).toBe('shown');
  await room.toLatest();
  expect(await room.toMessage(idOf(10))).toBe('shown');
});

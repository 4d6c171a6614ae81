// Faults of the client that real browsers have shown, most of them without a network, each at the lowest level that
// shows it.

import { expect, onTestFinished, test } from 'vitest';
import { allArrived, bodies, messages, TestDevice, until } from './client-fixture.ts';
import { TestServer } from './server-fixture.ts';

async function setup() {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const { name, password } = await server.account('ann');
  const device = new TestDevice(server.url);
  onTestFinished(() => device.close());
  const tab = await device.tab();
  expect(await tab.app.session.signIn(name, password)).toEqual({ ok: true, value: undefined });
  await until(() => tab.app.connection.status !== 'connecting');
  return { server, device, tab };
}

test('a room made offline can be read and written in before the server knows it, also after a restart', async () => {
  const { device, tab } = await setup();
  device.unplug();
  await until(() => tab.app.connection.banner === 'offline');

  const id = await tab.app.createRoom('Night watch', 'private');
  const room = tab.app.openRoom(id);
  await until(() => room.status === 'ready');
  expect(room.cannotWrite).toBeNull();
  await room.send('First light');
  tab.close();

  const restarted = await device.tab();
  const again = restarted.app.openRoom(id);
  await until(() => again.status === 'ready');
  expect(bodies(again)).toEqual(['First light']);
  expect(again.name).toBe('Night watch');
  device.plugIn();
  await until(() => allArrived(again), 40_000);
  expect(bodies(again)).toEqual(['First light']);
});

test('marking as read what is read already changes nothing on the screen: else marking and drawing follow each other for ever', async () => {
  const { tab } = await setup();
  const id = await tab.app.createRoom('Mirror', 'private');
  const room = tab.app.openRoom(id);
  await room.send('read me');
  await until(() => bodies(room).length === 1 && allArrived(room) && tab.app.connection.waiting === 0);
  const [first] = messages(room);
  room.markRead(first!);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let shown = room.timeline;
  // What follows from the first time has to come to rest.
  await until(() => shown === (shown = room.timeline));
  for (let times = 0; times < 10; times++) {
    room.markRead(first!);
    await turn();
  }
  expect(room.timeline).toBe(shown);
});

// People at devices of theirs, in the whole client: signed in and connected, alone or together in a room. All of it is
// closed when the test ends.

import { expect, onTestFinished } from 'vitest';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import { TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';

/** What an act that went well says. */
export const DONE = { ok: true, value: undefined };

export interface Seat {
  readonly account: TestAccount;
  readonly device: TestDevice;
  readonly tab: TestTab;
}

/** With the room open in front of it. */
export interface RoomSeat extends Seat {
  readonly room: RoomModel;
}

/** @param env what it is configured with beside its defaults */
export async function startServer(env: Record<string, string> = {}): Promise<TestServer> {
  const server = await TestServer.start(undefined, env);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** At a device that nobody has used before. */
export async function takeSeat(server: TestServer, account: TestAccount): Promise<Seat> {
  const device = new TestDevice(server.url);
  onTestFinished(() => device.close());
  const tab = await device.tab();
  expect(await tab.app.session.signIn(account.name, account.password)).toEqual(DONE);
  await until(() => tab.app.connection.status === 'connected');
  return { account, device, tab };
}

type SeatsOf<Names, Kind extends Seat> = { readonly [Key in keyof Names]: Kind };

/** One for each name, each at a device of its own. */
export async function takeSeats<Names extends readonly string[]>(
  server: TestServer,
  ...names: Names
): Promise<SeatsOf<Names, Seat>> {
  const seats: Seat[] = [];
  for (const name of names) seats.push(await takeSeat(server, await server.account(name)));
  return seats as SeatsOf<Names, Seat>;
}

/** A public room of the first on a server of its own, which the others have joined, open in front of each. */
export async function seatsInRoom<Names extends readonly [string, ...string[]]>(...names: Names) {
  const server = await startServer();
  const { id, seats } = await shareRoom(await takeSeats(server, ...names));
  return { server, id, seats };
}

/** A public room of the first, which the others have joined, open in front of each. */
export async function shareRoom<Seats extends readonly Seat[]>(
  seats: Seats
): Promise<{ id: string; seats: SeatsOf<Seats, RoomSeat> }> {
  const id = await seats[0]!.tab.app.createRoom('Harbour crew', 'public');
  const inRoom: RoomSeat[] = [];
  for (const [at, seat] of seats.entries()) {
    if (at > 0) expect(await seat.tab.app.join(id)).toEqual(DONE);
    const room = seat.tab.app.openRoom(id);
    await until(() => room.role === (at === 0 ? 'owner' : 'member') && room.unsent === 0 && room.status === 'ready');
    await until(() => room.timeline.length > 0);
    inRoom.push({ ...seat, room });
  }
  return { id, seats: inRoom as unknown as SeatsOf<Seats, RoomSeat> };
}

export async function offline({ device, tab }: Seat): Promise<void> {
  device.unplug();
  await until(() => tab.app.connection.banner === 'offline');
}

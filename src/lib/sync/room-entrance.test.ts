import { expect, onTestFinished, test, vi } from 'vitest';
import { RoomEntrance } from './room-entrance.ts';
import type { LookedUp, RoomShared } from './room-shared.ts';
import { ROOM, summary } from './testing/synced-room.ts';

/** A room that was looked at up to page 3, on a device with a line. */
async function setup() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = { found: { kind: 'offline' } as LookedUp, asked: 0 };
  const opened: number[] = [];
  const shared = {
    list: { get: () => undefined, visitedHead: () => Promise.resolve(3), summary: () => null },
    mux: {
      whenUp: (listener: () => void) => {
        listener();
        return () => undefined;
      }
    },
    lookUp: () => {
      server.asked += 1;
      return Promise.resolve(server.found);
    }
  } as unknown as RoomShared;
  const entrance = new RoomEntrance(ROOM, shared, {
    createsRoom: () => false,
    openHead: (page) => Promise.resolve(void opened.push(page)),
    openAnew: () => Promise.resolve(),
    fail: () => Promise.resolve(),
    changed: () => undefined
  });
  onTestFinished(() => entrance.end());
  await entrance.begin();
  return { entrance, server, opened };
}

test('[CLIENT-7] of a room that was looked at the server is asked until it has answered', async () => {
  const { entrance, server, opened } = await setup();
  expect(opened).toEqual([3]);
  expect(server.asked).toBe(1);
  server.found = { kind: 'open', summary: { ...summary, head: 4 } };
  await vi.advanceTimersByTimeAsync(1_000);
  expect(entrance.guest?.head).toBe(4);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.asked).toBe(2);
});

test('[CLIENT-7] one that was closed to this person as nobody could be asked is so once somebody can', async () => {
  const { entrance, server } = await setup();
  server.found = { kind: 'closed', why: 'removed' };
  await vi.advanceTimersByTimeAsync(1_000);
  expect([entrance.forbidden, entrance.closing]).toEqual([true, 'removed']);
});

import { expect, test } from 'vitest';
import type { RoomCreation } from '#protocol/api/server.ts';
import { RateLimit } from './accounts/rate-limit.ts';
import { ServerPolicy } from './server-policy.ts';

const [ADMIN, ANN, BO] = ['admin', 'ann', 'bo'];

function setup(roomCreation: RoomCreation, times = 100) {
  let now = 0;
  const policy = new ServerPolicy({
    peopleSign: true,
    devices: { get: () => null },
    isErased: () => false,
    roomCreation: () => roomCreation,
    isAdmin: (user) => user === ADMIN,
    creations: new RateLimit({ times, perMs: 1_000 }, () => now)
  });
  return { policy, pass: (ms: number) => void (now += ms) };
}

test('[CREATE-2] where administrators alone make rooms, anybody still writes to anybody', () => {
  const { policy } = setup('administrators');
  for (const kind of ['public', 'private'] as const) {
    expect(policy.admitsRoom(kind, ANN, ANN)).toBe('not-allowed');
    expect(policy.admitsRoom(kind, ADMIN, ADMIN)).toBeNull();
    // Whoever brings a lost room back, it was its maker who was allowed to.
    expect(policy.admitsRoom(kind, ADMIN, BO)).toBeNull();
    expect(policy.admitsRoom(kind, ANN, ADMIN)).toBe('not-allowed');
    expect(setup('everyone').policy.admitsRoom(kind, ANN, ANN)).toBeNull();
  }
  expect([policy.admitsRoom('direct', ANN, ANN), policy.admitsRoom('group', ANN, ANN)]).toEqual([null, null]);
});

test('[CREATE-2] rooms of one person are bounded in time, of every kind, and what is not allowed does not count', () => {
  const { policy, pass } = setup('administrators', 2);
  for (let at = 0; at < 5; at++) expect(policy.admitsRoom('public', ANN, ANN)).toBe('not-allowed');
  const make = () => policy.admitsRoom('direct', ANN, ANN);
  expect([make(), make(), make()]).toEqual([null, null, 'slow']);
  expect(policy.admitsRoom('group', BO, BO)).toBeNull();
  pass(500);
  expect([make(), make()]).toEqual([null, 'slow']);
});

// docs/permissions.md against the API: every call of the server, by everybody, in every kind of room.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RoomKind } from '#protocol/entry-fields.ts';
import { newRoomId } from '#protocol/ids.ts';
import { apiRoutes, type ApiRoute } from './api-routes.ts';
import { setupHttp, type Answer, type Person } from './http-fixture.ts';
import { makeStandingRoom, ROOM_CASES, type Standing, type StandingRoom } from './standing-room.ts';

type Least = 'anybody' | 'account' | 'reader' | 'in' | 'member' | 'moderator' | 'administrator';
const nameOf = ({ method, path }: ApiRoute): string => `${method} ${path}`;

const documented = new Map<string, Least>();
const page = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
for (const [, call, least] of page.matchAll(/^\| ([A-Z]+ \/api\/\S+) +\| (\w+) +\|$/gm))
  documented.set(call!, least as Least);

const READERS: Readonly<Record<RoomKind, readonly Standing[]>> = {
  public: ['owner', 'moderator', 'member', 'invited', 'stranger'],
  private: ['owner', 'moderator', 'member', 'invited'],
  direct: ['member'],
  group: ['member']
};

function isLetIn(least: Least, kind: RoomKind, standing: Standing): boolean {
  const ruled = kind === 'public' || kind === 'private';
  if (least === 'reader') return READERS[kind].includes(standing);
  if (least === 'in') return ['owner', 'moderator', 'member'].includes(standing);
  if (least === 'member') return ruled && ['owner', 'moderator', 'member'].includes(standing);
  return least === 'moderator' && ruled && ['owner', 'moderator'].includes(standing);
}

/** Turned away for who they are, rather than for what they sent. */
const isTurnedAway = ({ body }: Answer): boolean =>
  ['signed-out', 'forbidden', 'not-found', 'room-removed', 'room-banned'].includes(String(body['code']));

const addressOf = ({ path }: ApiRoute, room: string): string =>
  path
    .replace('/rooms/:id', `/rooms/${room}`)
    .replace(':page', '0')
    .replace(':report', 'x'.repeat(22))
    .replace(/:\w+/g, 'x'.repeat(22));

const bodyOf = ({ path, method }: ApiRoute, made: StandingRoom | null): object | undefined => {
  if (method === 'GET' || method === 'DELETE') return undefined;
  return path.endsWith('/reports') ? { entry: made?.theirs, reason: 'Spam' } : {};
};

const inRooms = (route: ApiRoute): boolean => route.path.startsWith('/api/rooms/:id');

test('[PERM-11] every call of the server has its row, and every row its call', () => {
  expect(apiRoutes().map(nameOf)).toEqual([...documented.keys()].sort(byPath));
});

const byPath = (a: string, b: string): number => {
  const [[methodA, pathA], [methodB, pathB]] = [a.split(' '), b.split(' ')] as [[string, string], [string, string]];
  return pathA === pathB ? (methodA < methodB ? -1 : 1) : pathA < pathB ? -1 : 1;
};

describe('[PERM-12] every call lets in who the table says, and nobody else', () => {
  test('without an account', async () => {
    await using fixture = await setupHttp();
    await fixture.setUp();
    for (const route of apiRoutes()) {
      const answer = await fixture.call(route.method, addressOf(route, newRoomId()), { body: bodyOf(route, null) });
      const letIn = documented.get(nameOf(route)) === 'anybody';
      expect(answer.body['code'] === 'signed-out', nameOf(route)).toBe(!letIn);
    }
  });

  test('with an account, of the server’s own', async () => {
    await using fixture = await setupHttp();
    const admin = await fixture.setUp();
    const bo = await fixture.signUp('Bo');
    for (const [who, person] of [
      ['administrator', admin],
      ['account', bo]
    ] as const) {
      for (const route of apiRoutes().filter((one) => one.path.startsWith('/api/admin'))) {
        const answer = await fixture.call(route.method, addressOf(route, ''), { ...person, body: bodyOf(route, null) });
        const isForbidden = answer.body['code'] === 'forbidden';
        expect(isForbidden, `${nameOf(route)}: ${who}`).toBe(who !== 'administrator');
      }
    }
  });

  test.each(ROOM_CASES)('%s, %s', async (kind, standing) => {
    await using fixture = await setupHttp();
    await fixture.setUp('Administrator');
    const names = ['actor', 'host', 'low', 'gone', 'outside'] as const;
    const people = {} as Record<(typeof names)[number], Person>;
    for (const name of names) people[name] = await fixture.signUp(name);
    const ids = Object.fromEntries(names.map((name) => [name, people[name].me.id])) as Record<
      (typeof names)[number],
      string
    >;
    const made = await makeStandingRoom(fixture.rooms, kind, standing, ids);
    for (const route of apiRoutes().filter(inRooms)) {
      const { cookie } = people.actor;
      const address = addressOf(route, made.room);
      const answer = await fixture.call(route.method, address, { cookie, body: bodyOf(route, made) });
      const letIn = isLetIn(documented.get(nameOf(route))!, kind, standing);
      // A report or a file that is not there, and a head that is no sealed page, answer who is let in.
      const isPart = route.path.endsWith(':report') || route.path.endsWith(':hash');
      const missing = answer.body['code'] === 'not-found' && isPart && letIn;
      expect(isTurnedAway(answer) && !missing, `${nameOf(route)}: ${answer.text.slice(0, 200)}`).toBe(!letIn);
    }
  });
});

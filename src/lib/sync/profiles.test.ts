import 'fake-indexeddb/auto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Blocked, UserInfo } from '#protocol/api/profile.ts';
import { eventually } from '../../../tests/eventually.ts';
import { ApiClient } from '../session/api-client.ts';
import { UserDb } from '../storage/user-db.ts';
import { BlockedPeople } from './blocked-people.ts';
import { Profiles } from './profiles.ts';

const [ANN, BO, CY] = ['a', 'b', 'c'].map((letter) => `u${letter.repeat(22)}`) as [string, string, string];
let databases = 0;

const info = (id: string, more: Partial<UserInfo> = {}): UserInfo => ({
  ...{ id, name: id.slice(0, 3), displayName: '', avatar: null, status: '', colour: null, deleted: false },
  ...more
});

/** A device and a server with people, which may be out of reach. */
function setup() {
  const server = {
    online: true,
    people: [info(ANN), info(BO)] as readonly UserInfo[],
    blocked: [] as readonly string[],
    asked: [] as string[],
    puts: 0,
    requests: 0,
    busy: false,
    answering: Promise.resolve()
  };
  const api = new ApiClient({
    fetch: async (path, init) => {
      server.requests += 1;
      if (!server.online) throw new TypeError('offline');
      await server.answering;
      if (path === '/api/blocked') {
        if (init?.method === 'PUT') {
          server.puts += 1;
          server.blocked = (JSON.parse(init.body as string) as Blocked).users;
          return new Response(null, { status: 204 });
        }
        return Response.json({ users: server.blocked });
      }
      if (server.busy) return Response.json({ code: 'rate-limited', message: 'Wait.' }, { status: 429 });
      const ids = new URL(path, 'http://x').searchParams.get('ids')!.split(',');
      server.asked.push(...ids);
      return Response.json(server.people.filter(({ id }) => ids.includes(id)));
    }
  });
  const name = `profiles-${(databases += 1)}`;
  let now = 0;
  const open = async () => {
    const db = new UserDb(name, () => undefined);
    const learned = new Map<string, UserInfo>();
    const learn = (people: readonly UserInfo[]): void => people.forEach((person) => learned.set(person.id, person));
    const absent: string[] = [];
    const profiles = new Profiles({ db, api, now: () => now, learn, absent: (ids) => absent.push(...ids) });
    const folded = { users: [] as readonly string[] };
    const blocked = new BlockedPeople(db, api, (users) => (folded.users = [...users]));
    onTestFinished(() => {
      profiles.close();
      blocked.close();
      db.close();
    });
    await profiles.load();
    await blocked.load();
    return { db, profiles, learned, absent, blocked, folded };
  };
  return { server, open, after: (ms: number) => (now += ms) };
}

test('[PEOPLE-1] what a person shows is there offline, and asked about again after a gap in the line', async () => {
  const { server, open, after } = setup();
  const first = await open();
  first.profiles.want(BO);
  await eventually(() => expect(first.learned.get(BO)).toEqual(info(BO)));
  await eventually(async () => expect(await first.db.people()).toEqual([info(BO)]));

  server.online = false;
  const second = await open();
  expect(second.learned.get(BO)).toEqual(info(BO));
  second.profiles.want(BO);
  server.people = [info(BO, { displayName: 'Bo B.', status: 'at sea' })];
  server.online = true;
  second.profiles.lineUp();
  await eventually(() => expect(second.learned.get(BO)).toMatchObject({ displayName: 'Bo B.', status: 'at sea' }));
  // A line that flickers asks about nobody again.
  const asked = server.asked.length;
  second.profiles.lineUp();
  expect(server.asked).toHaveLength(asked);
  after(60_000);
  server.people = [info(BO, { deleted: true, name: '' })];
  second.profiles.lineUp();
  await eventually(() => expect(second.learned.get(BO)).toMatchObject({ deleted: true }));
});

test('[PEOPLE-2] what the server tells of people live is kept, of those whom nobody looks at it is not', async () => {
  const { open } = setup();
  const { profiles, learned, db } = await open();
  profiles.want(BO);
  await profiles.changed([info(BO, { displayName: 'Bo' }), info(CY)]);
  expect([...learned.keys()]).toEqual([BO]);
  expect(await db.people()).toEqual([info(BO, { displayName: 'Bo' })]);
});

test('names that a version before kept are read', async () => {
  const { open } = setup();
  const first = await open();
  await first.db.putPeople([{ id: BO, name: 'Bo' } as UserInfo]);
  expect((await open()).learned.get(BO)).toEqual(info(BO, { name: 'Bo' }));
});

test('[PEOPLE-3] a block stands offline and over a restart, and reaches the server without undoing other devices', async () => {
  const { server, open } = setup();
  server.online = false;
  const first = await open();
  await first.blocked.set(BO, true);
  expect(first.folded.users).toEqual([BO]);
  const second = await open();
  expect(second.folded.users).toEqual([BO]);
  // Another device has blocked somebody meanwhile.
  server.blocked = [CY];
  server.online = true;
  await second.blocked.lineUp();
  expect([...server.blocked].sort()).toEqual([BO, CY]);
  expect([...second.folded.users].sort()).toEqual([BO, CY]);
  await second.blocked.set(CY, false);
  expect(server.blocked).toEqual([BO]);
  const puts = server.puts;
  await second.blocked.lineUp();
  expect(server.puts).toBe(puts);
});

test('[PEOPLE-1] [PEOPLE-3] what failed on a line that went is asked and told on the one that came meanwhile', async () => {
  const { server, open } = setup();
  const { profiles, blocked, learned } = await open();
  const hanging = Promise.withResolvers<void>();
  server.answering = hanging.promise;
  profiles.want(BO);
  const before = blocked.set(CY, true);
  await eventually(() => expect(server.requests).toBe(2));
  profiles.lineUp();
  const next = blocked.lineUp();
  server.answering = Promise.resolve();
  hanging.reject(new TypeError('offline'));
  await Promise.all([before, next]);
  expect(server.blocked).toEqual([CY]);
  await eventually(() => expect(learned.get(BO)).toEqual(info(BO)));
});

test('[PEOPLE-10] whom the server does not know is told apart from whom it could not be asked about', async () => {
  const { server, open } = setup();
  const { profiles, learned, absent } = await open();
  server.online = false;
  profiles.want(CY);
  profiles.want(BO);
  await eventually(() => expect(server.requests).toBeGreaterThan(0));
  expect(absent).toEqual([]);
  server.online = true;
  profiles.lineUp();
  await eventually(() => expect(learned.has(BO)).toBe(true));
  await eventually(() => expect(absent).toEqual([CY]));
});

test('[PEOPLE-11] members whom nobody has looked at have their names offline, so that they can be mentioned', async () => {
  const { server, open } = setup();
  const first = await open();
  first.profiles.meet([ANN, BO]);
  await eventually(async () => expect(await first.db.people()).toEqual([info(ANN), info(BO)]));
  first.profiles.meet([ANN, BO]);
  expect(server.requests).toBe(1);

  server.online = false;
  const second = await open();
  second.profiles.meet([ANN, BO]);
  expect([...second.learned.keys()]).toEqual([ANN, BO]);
  expect(server.requests).toBe(1);
});

test('[PEOPLE-12] whom a busy server said nothing of is asked about again, without another line', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { server, open } = setup();
  const { profiles, learned } = await open();
  server.busy = true;
  profiles.want(BO);
  await vi.advanceTimersByTimeAsync(100);
  await eventually(() => expect(server.requests).toBe(1));
  server.busy = false;
  await vi.advanceTimersByTimeAsync(10_000);
  await eventually(() => expect(learned.has(BO)).toBe(true));
});

// docs/permissions.md against the whole server, as a stock y-websocket client meets it: every act, by everybody, in every
// kind of room. What the server holds afterwards decides, not what it answered.

import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RoomKind } from '#protocol/entry-fields.ts';
import { ACTS, type Act } from '#protocol/permissions.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';
import { KINDS, makeStandingRoom, ROOM_CASES, type People, type Standing, type StandingRoom } from './standing-room.ts';
import { Stock } from './stock.ts';

/** Who is at least what. */
const ALLOWED: Readonly<Record<string, readonly Standing[]>> = {
  anyone: ['owner', 'moderator', 'member', 'invited', 'stranger'],
  invited: ['owner', 'moderator', 'member', 'invited'],
  member: ['owner', 'moderator', 'member'],
  moderator: ['owner', 'moderator'],
  owner: ['owner'],
  nobody: []
};

const documented = new Map<string, readonly Standing[]>();
const page = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
for (const [, act, ...cells] of page.matchAll(/^\| ([a-z-]+) +\| (\w+) +\| (\w+) +\| (\w+) +\| (\w+) +\|$/gm)) {
  for (const [at, kind] of KINDS.entries())
    if (cells[at]! in ALLOWED) documented.set(`${act}/${kind}`, ALLOWED[cells[at]!]!);
}

type Accounts = Readonly<Record<keyof People, TestAccount>>;

let serial = 0;
async function peopleOf(server: TestServer): Promise<Accounts> {
  serial += 1;
  const account = (name: string): Promise<TestAccount> => server.account(`${name} ${serial}`);
  const [actor, host, low, gone, outside] = [
    await account('actor'),
    await account('host'),
    await account('low'),
    await account('gone'),
    await account('outside')
  ];
  return { actor, host, low, gone, outside };
}

function entryOf(
  act: Act,
  kind: RoomKind,
  { actor, low, gone, outside }: Accounts,
  made: StandingRoom
): Record<string, unknown> {
  switch (act) {
    case 'write':
      return { type: 'message', body: 'hi' };
    case 'mention-room':
      return { type: 'message', body: 'hi @room', mentionsRoom: true };
    case 'edit':
      return { type: 'edit', target: made.mine, body: 'hello' };
    case 'react':
      return { type: 'reaction', target: made.theirs, emoji: '👍', on: true };
    case 'pin':
      return { type: 'pin', target: made.theirs, on: true };
    case 'vote':
      return { type: 'vote', target: made.theirPoll, options: [0] };
    case 'close-own':
      return { type: 'poll-close', target: made.myPoll };
    case 'close-other':
      return { type: 'poll-close', target: made.theirPoll };
    case 'rename':
      return { type: 'room', action: 'renamed', name: 'Pier' };
    case 'topic':
      return { type: 'room', action: 'topic', topic: 'boats' };
    case 'avatar':
      return { type: 'room', action: 'avatar', avatar: null };
    case 'kind':
      return { type: 'room', action: 'kind', kind: kind === 'public' ? 'private' : 'public' };
    case 'slow':
      return { type: 'room', action: 'slow', seconds: 10 };
    case 'disappearing':
      return { type: 'room', action: 'disappearing', after: 3_600 };
    case 'delete':
      return { type: 'room', action: 'deleted' };
    case 'join':
      return { type: 'membership', action: 'joined' };
    case 'leave':
      return { type: 'membership', action: 'left' };
    case 'invite':
      return { type: 'membership', action: 'invited', user: outside.id };
    case 'remove':
      return { type: 'membership', action: 'removed', user: low.id };
    case 'ban':
      return { type: 'membership', action: 'banned', user: low.id };
    case 'unban':
      return { type: 'membership', action: 'unbanned', user: gone.id };
    case 'role':
      return { type: 'membership', action: 'role', user: low.id, role: 'moderator' };
    case 'redact-own':
      return { type: 'redaction', target: made.mine, of: actor.id };
    case 'redact-other':
      return { type: 'redaction', target: made.theirs, of: low.id };
  }
}

const idsOf = (accounts: Accounts): People => ({
  actor: accounts.actor.id,
  host: accounts.host.id,
  low: accounts.low.id,
  gone: accounts.gone.id,
  outside: accounts.outside.id
});

/** Whether the server has taken it: tried once over a line of the actor's own. */
async function isTaken(
  server: TestServer,
  act: Act,
  kind: RoomKind,
  people: Accounts,
  made: StandingRoom
): Promise<boolean> {
  const stock = new Stock(server, people.actor, made.room);
  const closed = stock.finallyClosed();
  const shutOut = await Promise.race([stock.synced().then(() => false), closed.then(() => true)]);
  // A stock client writes into its document whatever the server says; what it offers later must not come in either.
  const id = stock.push(entryOf(act, kind, people, made));
  const isThere = (): boolean => stock.entries().some((entry) => entry.id === id);
  const answered = new Promise<void>((resolve) => {
    const look = (): void => {
      if (stock.arrivals().some((arrival) => arrival.id === id) || !isThere()) resolve();
    };
    stock.doc.on('update', look);
  });
  if (!shutOut) await Promise.race([answered, closed]);
  stock.stop();
  if (act === 'delete') return (await server.rooms.summary(people.low.id, made.room)) === null;
  return (await server.rooms.headEntries(made.room)).some(({ entry }) => entry.id === id);
}

describe('[PERM-8] a stock client gets taken what the table says, and nothing else', () => {
  test.each(ROOM_CASES)('%s, %s', async (kind, standing) => {
    const server = await TestServer.start();
    onTestFinished(() => server[Symbol.asyncDispose]());
    let people: Accounts | null = null;
    for (const act of ACTS) {
      // A person has one room with another.
      if (!people || kind === 'direct') people = await peopleOf(server);
      const made = await makeStandingRoom(server.rooms, kind, standing, idsOf(people));
      const allowed = documented.get(`${act}/${kind}`)!.includes(standing);
      // Nothing to join for who is in, nothing to leave for who is not, nothing of one's own where one never was.
      const isIn = standing !== 'stranger' && standing !== 'banned' && standing !== 'invited';
      const pointless = (act === 'join' && isIn) || (act === 'leave' && standing === 'stranger');
      const nothingOwn =
        (act === 'redact-own' || act === 'edit' || act === 'close-own') &&
        kind !== 'public' &&
        kind !== 'private' &&
        !isIn;
      expect(await isTaken(server, act, kind, people, made), act).toBe(allowed && !pointless && !nothingOwn);
    }
  });
});

test('the table covers every act in every kind of room', () => {
  expect(documented.size).toBe(ACTS.length * KINDS.length);
});

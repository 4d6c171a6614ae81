// docs/permissions.md against the whole server, as a stock y-websocket client meets it: every act, by everybody, in every
// kind of room. What the server holds afterwards decides, not what it answered.

import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { directRoomId } from '#protocol/direct-room.ts';
import type { Entry, Role, RoomKind } from '#protocol/entry.ts';
import { newEntryId, newRoomId, type EntryId, type RoomId, type UserId } from '#protocol/ids.ts';
import { ACTS, type Act } from '#protocol/permissions.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';
import { Stock } from './stock.ts';

const KINDS: readonly RoomKind[] = ['public', 'private', 'direct', 'group'];
const STANDINGS = ['owner', 'moderator', 'member', 'invited', 'banned', 'stranger'] as const;
type Standing = (typeof STANDINGS)[number];

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

/** A room of certain people has members and nobody else. */
const cases = KINDS.flatMap((kind) => {
  const among = kind === 'direct' || kind === 'group';
  return STANDINGS.filter((standing) => !among || standing === 'member' || standing === 'stranger').map(
    (standing) => [kind, standing] as const
  );
});

interface People {
  readonly actor: TestAccount;
  readonly host: TestAccount;
  readonly low: TestAccount;
  readonly gone: TestAccount;
  readonly outside: TestAccount;
}

interface Made {
  readonly room: RoomId;
  readonly mine: EntryId;
  readonly theirs: EntryId;
}

let serial = 0;
async function peopleOf(server: TestServer): Promise<People> {
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

/** Whoever stands in the room as named, and a message each of the actor's and of another's. */
async function makeRoom(server: TestServer, kind: RoomKind, standing: Standing, people: People): Promise<Made> {
  const { actor, host, low, gone, outside } = people;
  const isIn = standing === 'owner' || standing === 'moderator' || standing === 'member';
  const pair = isIn ? actor : outside;
  const room = kind === 'direct' ? directRoomId(pair.id, low.id) : newRoomId();
  const [mine, theirs] = [newEntryId(Date.now()), newEntryId(Date.now())];
  const append = async (
    author: UserId,
    payload: Record<string, unknown>,
    id = newEntryId(Date.now())
  ): Promise<void> => {
    const code = await server.rooms.append({ id, author, sentAt: Date.now(), ...payload } as unknown as Entry, room);
    expect(code, JSON.stringify(payload)).toBeNull();
  };
  const membership = (author: UserId, action: string, more: object = {}) =>
    append(author, { type: 'membership', action, ...more });
  if (kind === 'direct' || kind === 'group') {
    const members = kind === 'direct' ? [pair.id, low.id] : [pair.id, low.id, host.id];
    await append(low.id, { type: 'room', action: 'created', kind, people: members.sort() });
  } else {
    await append(host.id, { type: 'room', action: 'created', kind: 'public', name: 'Dock' });
    await membership(low.id, 'joined');
    await membership(gone.id, 'joined');
    // Whoever has no place there any more has written as long as they could.
    await membership(actor.id, 'joined');
  }
  await append(low.id, { type: 'message', body: 'theirs' }, theirs);
  if (isIn || kind === 'public' || kind === 'private') await append(actor.id, { type: 'message', body: 'mine' }, mine);
  if (kind === 'public' || kind === 'private') {
    await membership(host.id, 'banned', { user: gone.id });
    const role: Role | null = standing === 'owner' || standing === 'moderator' ? standing : null;
    if (role) await membership(host.id, 'role', { user: actor.id, role });
    if (standing === 'banned') await membership(host.id, 'banned', { user: actor.id });
    if (standing === 'stranger' || standing === 'invited') await membership(host.id, 'removed', { user: actor.id });
    if (standing === 'invited') await membership(host.id, 'invited', { user: actor.id });
    if (kind === 'private') await append(host.id, { type: 'room', action: 'kind', kind });
  }
  return { room, mine, theirs };
}

function entryOf(act: Act, kind: RoomKind, { actor, low, gone, outside }: People, made: Made): Record<string, unknown> {
  switch (act) {
    case 'write':
      return { type: 'message', body: 'hi' };
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

/** Whether the server has taken it: tried once over a line of the actor's own. */
async function isTaken(server: TestServer, act: Act, kind: RoomKind, people: People, made: Made): Promise<boolean> {
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
  test.each(cases)('%s, %s', async (kind, standing) => {
    const server = await TestServer.start();
    onTestFinished(() => server[Symbol.asyncDispose]());
    let people: People | null = null;
    for (const act of ACTS) {
      // A person has one room with another.
      if (!people || kind === 'direct') people = await peopleOf(server);
      const made = await makeRoom(server, kind, standing, people);
      const allowed = documented.get(`${act}/${kind}`)!.includes(standing);
      // Nothing to join for who is in, nothing to leave for who is not, nothing of one's own where one never was.
      const isIn = standing !== 'stranger' && standing !== 'banned' && standing !== 'invited';
      const pointless = (act === 'join' && isIn) || (act === 'leave' && standing === 'stranger');
      const nothingOwn = act === 'redact-own' && kind !== 'public' && kind !== 'private' && !isIn;
      expect(await isTaken(server, act, kind, people, made), act).toBe(allowed && !pointless && !nothingOwn);
    }
  });
});

test('the table covers every act in every kind of room', () => {
  expect(documented.size).toBe(ACTS.length * KINDS.length);
});

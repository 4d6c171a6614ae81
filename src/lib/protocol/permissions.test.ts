// docs/permissions.md is the rule: the table in the code says the same, and `refusal` does what it says, for every act,
// person, kind of room and state.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { directRoomId } from './direct-room.ts';
import type { Role, RoomKind } from './entry-fields.ts';
import type { Entry } from './entry.ts';
import { parseEntry } from './parse-entry.ts';
import { newRoomId, newUserId, type UserId } from './ids.ts';
import { ACTS, PERMISSIONS, type Act, type Least } from './permissions.ts';
import { refusal, type TargetInfo } from './refusal.ts';
import { mayRead, type RoomState } from './room-state.ts';

const KINDS: readonly RoomKind[] = ['public', 'private', 'direct', 'group'];
const STANDINGS = ['owner', 'moderator', 'member', 'invited', 'banned', 'stranger'] as const;
type Standing = (typeof STANDINGS)[number];

const documented = new Map<string, Least>();
const table = readFileSync(new URL('../../../docs/permissions.md', import.meta.url), 'utf8');
for (const [, act, ...cells] of table.matchAll(/^\| ([a-z-]+) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$/gm)) {
  if (act !== 'act') for (const [at, kind] of KINDS.entries()) documented.set(`${act}/${kind}`, cells[at] as Least);
}

/** Who is at least what, said once more and apart from the code that decides. */
const ALLOWED: Readonly<Record<Least, readonly Standing[]>> = {
  anyone: ['owner', 'moderator', 'member', 'invited', 'stranger'],
  invited: ['owner', 'moderator', 'member', 'invited'],
  member: ['owner', 'moderator', 'member'],
  moderator: ['owner', 'moderator'],
  owner: ['owner'],
  nobody: []
};

const [actor, other, low, gone, outside] = Array.from({ length: 5 }, newUserId) as [
  UserId,
  UserId,
  UserId,
  UserId,
  UserId
];
const MINE = 'message-mine';
const THEIRS = 'message-theirs';

/** A room in which everything can be done by somebody: another owner, a member below all, a banned person, an invited one. */
function roomWith(kind: RoomKind, standing: Standing, deleted = false): RoomState {
  const isRole = standing === 'owner' || standing === 'moderator' || standing === 'member';
  const member = (role: Role) => ({ role, since: 0 });
  return {
    ...{ name: 'Dock', topic: '', kind, createdBy: other, createdAt: 0, avatar: null, slowSeconds: 0, deleted },
    members: {
      [other]: member('owner'),
      [low]: member('member'),
      ...(isRole && { [actor]: member(standing) })
    },
    invited: standing === 'invited' ? { [actor]: { by: other } } : {},
    banned: { [gone]: { by: other }, ...(standing === 'banned' && { [actor]: { by: other } }) },
    membersElided: 0
  };
}

function entryOf(act: Act, kind: RoomKind): Entry {
  const base = { id: 'entry-of-act', author: actor, sentAt: 1 };
  const room = { ...base, type: 'room' as const };
  const membership = { ...base, type: 'membership' as const };
  switch (act) {
    case 'write':
      return { ...base, type: 'message', body: 'hi' };
    case 'mention-room':
      return { ...base, type: 'message', body: 'hi @room', mentionsRoom: true };
    case 'edit':
      return { ...base, type: 'edit', target: MINE, body: 'hello' };
    case 'react':
      return { ...base, type: 'reaction', target: THEIRS, emoji: '👍', on: true };
    case 'pin':
      return { ...base, type: 'pin', target: THEIRS, on: true };
    case 'vote':
      return { ...base, type: 'vote', target: THEIRS, options: [0] };
    case 'close-own':
      return { ...base, type: 'poll-close', target: MINE };
    case 'close-other':
      return { ...base, type: 'poll-close', target: THEIRS };
    case 'rename':
      return { ...room, action: 'renamed', name: 'Pier' };
    case 'topic':
      return { ...room, action: 'topic', topic: 'boats' };
    case 'avatar':
      return { ...room, action: 'avatar', avatar: 'a'.repeat(22) };
    case 'kind':
      return { ...room, action: 'kind', kind: kind === 'public' ? 'private' : 'public' };
    case 'slow':
      return { ...room, action: 'slow', seconds: 10 };
    case 'disappearing':
      return { ...room, action: 'disappearing', after: 3_600 };
    case 'delete':
      return { ...room, action: 'deleted' };
    case 'join':
      return { ...membership, action: 'joined' };
    case 'leave':
      return { ...membership, action: 'left' };
    case 'invite':
      return { ...membership, action: 'invited', user: outside };
    case 'remove':
      return { ...membership, action: 'removed', user: low };
    case 'ban':
      return { ...membership, action: 'banned', user: low };
    case 'unban':
      return { ...membership, action: 'unbanned', user: gone };
    case 'role':
      return { ...membership, action: 'role', user: low, role: 'moderator' };
    case 'redact-own':
      return { ...base, type: 'redaction', target: MINE, of: actor };
    case 'redact-other':
      return { ...base, type: 'redaction', target: THEIRS, of: low };
  }
}

const POLL = { type: 'message', page: 0, fixed: true, poll: { options: 2 } } as const;

const targetOf = (act: Act): TargetInfo | null => {
  if (act === 'vote' || act === 'close-other') return { ...POLL, id: THEIRS, author: low };
  if (act === 'close-own') return { ...POLL, id: MINE, author: actor };
  if (act === 'redact-own' || act === 'edit') return { id: MINE, author: actor, type: 'message', page: 0 };
  return act === 'redact-other' || act === 'react' || act === 'pin'
    ? { id: THEIRS, author: low, type: 'message', page: 0 }
    : null;
};

test('[PERM-1] the table in the documentation is the one that decides', () => {
  expect(documented.size).toBe(ACTS.length * KINDS.length);
  for (const act of ACTS)
    for (const kind of KINDS) expect(PERMISSIONS[act][kind]).toBe(documented.get(`${act}/${kind}`));
});

describe('[PERM-2] every act, by everybody, in every kind of room, is taken or refused as the table says', () => {
  test.each(KINDS.flatMap((kind) => STANDINGS.map((standing) => [kind, standing] as const)))(
    '%s, %s',
    (kind, standing) => {
      for (const act of ACTS) {
        const entry = entryOf(act, kind);
        expect(parseEntry(entry).ok, act).toBe(true);
        const code = refusal(newRoomId(), roomWith(kind, standing), entry, targetOf(act));
        // Who is in needs not join: that is no change rather than forbidden.
        const isIn = act === 'join' && ALLOWED.member.includes(standing);
        const pointless = act === 'leave' && standing === 'stranger';
        const allowed = ALLOWED[documented.get(`${act}/${kind}`)!].includes(standing);
        if (isIn || pointless) expect(code, act).not.toBeNull();
        else expect(code === null, `${act}: ${code}`).toBe(allowed);
      }
    }
  );
});

test('[PERM-3] in a deleted room nobody does anything, and nobody reads it', () => {
  for (const kind of KINDS) {
    for (const standing of STANDINGS) {
      const state = roomWith(kind, standing, true);
      for (const act of ACTS)
        expect(refusal(newRoomId(), state, entryOf(act, kind), targetOf(act)), act).toBe('deleted');
      expect(mayRead(state, actor)).toBe(false);
    }
  }
});

test('[PERM-4] who may read: members, the invited, and in a public room all who are not banned', () => {
  for (const kind of KINDS) {
    for (const standing of STANDINGS) {
      const least = kind === 'public' ? 'anyone' : 'invited';
      expect(mayRead(roomWith(kind, standing), actor), `${kind}, ${standing}`).toBe(ALLOWED[least].includes(standing));
    }
  }
});

describe('[PERM-5] rank', () => {
  const about = (action: 'removed' | 'banned', user: UserId): Entry => ({
    ...{ id: 'entry-of-act', author: actor, sentAt: 1, type: 'membership' },
    ...{ action, user }
  });
  test('nobody removes or bans whom they do not outrank', () => {
    for (const role of ['owner', 'moderator'] as const) {
      const state = roomWith('public', role);
      for (const action of ['removed', 'banned'] as const) {
        expect(refusal(newRoomId(), state, about(action, other), null)).toBe('not-allowed');
        const peer: RoomState = { ...state, members: { ...state.members, [low]: { role, since: 0 } } };
        expect(refusal(newRoomId(), peer, about(action, low), null)).toBe('not-allowed');
      }
    }
  });

  test('an owner steps down while there is another, and is put down by nobody', () => {
    const role = (user: UserId): Entry => ({
      ...{ id: 'entry-of-act', author: actor, sentAt: 1, type: 'membership' },
      ...{ action: 'role', user, role: 'member' }
    });
    const state = roomWith('public', 'owner');
    expect(refusal(newRoomId(), state, role(actor), null)).toBeNull();
    expect(refusal(newRoomId(), state, role(other), null)).toBe('not-allowed');
    const alone: RoomState = { ...state, members: { [actor]: { role: 'owner', since: 0 } } };
    expect(refusal(newRoomId(), alone, role(actor), null)).toBe('not-allowed');
  });

  test('a banned person is invited by nobody before the ban is lifted', () => {
    const invited: Entry = {
      ...{ id: 'entry-of-act', author: actor, sentAt: 1, type: 'membership' },
      ...{ action: 'invited', user: gone }
    };
    expect(refusal(newRoomId(), roomWith('private', 'owner'), invited, null)).toBe('banned');
  });
});

describe('[PERM-6] rooms of certain people', () => {
  const among = (kind: 'direct' | 'group', people: readonly UserId[], author = actor): Entry => ({
    ...{ id: 'entry-of-act', author, sentAt: 1, type: 'room', action: 'created' },
    ...{ kind, people: [...people].sort() }
  });
  const room = (kind: 'public' | 'private'): Entry => ({
    ...{ id: 'entry-of-act', author: actor, sentAt: 1, type: 'room', action: 'created' },
    ...{ kind, name: 'Dock' }
  });

  test('a room of two is made by one of them, under the id of the two', () => {
    const id = directRoomId(actor, other);
    expect(directRoomId(other, actor)).toBe(id);
    expect(refusal(id, null, among('direct', [actor, other]), null)).toBeNull();
    expect(refusal(newRoomId(), null, among('direct', [actor, other]), null)).toBe('not-allowed');
    expect(refusal(id, null, among('direct', [actor, low]), null)).toBe('not-allowed');
    expect(refusal(id, null, among('direct', [low, other]), null)).toBe('not-allowed');
    expect(refusal(directRoomId(low, other), null, among('direct', [low, other]), null)).toBe('not-allowed');
  });

  test('no other room takes the place of a room of two', () => {
    const id = directRoomId(low, other);
    for (const kind of ['public', 'private'] as const) expect(refusal(id, null, room(kind), null)).toBe('not-allowed');
    expect(refusal(id, null, among('group', [actor, low, other]), null)).toBe('not-allowed');
  });

  test('both have made it, each without knowing of the other: nothing has failed', () => {
    expect(
      refusal(directRoomId(actor, other), roomWith('direct', 'member'), among('direct', [actor, other]), null)
    ).toBe('no-change');
  });

  test('its people are sorted, each once, and its author is one of them', () => {
    const [first, second] = [actor, other].sort() as [UserId, UserId];
    const direct = (people: readonly UserId[]) => ({ ...among('direct', []), people });
    expect(parseEntry(direct([first, second])).ok).toBe(true);
    for (const people of [[second, first], [first, first], [first], []])
      expect(parseEntry(direct(people)).ok).toBe(false);
    expect(refusal(newRoomId(), null, among('group', [low, other, gone]), null)).toBe('not-allowed');
  });
});

test('[PERM-7] a redaction names its target and whose it is, or is refused', () => {
  const state = roomWith('public', 'owner');
  const redact = (of: UserId, target: TargetInfo | null) =>
    refusal(
      newRoomId(),
      state,
      { id: 'entry-of-act', author: actor, sentAt: 1, type: 'redaction', target: THEIRS, of },
      target
    );
  const target: TargetInfo = { id: THEIRS, author: low, type: 'message', page: 0 };
  expect(redact(low, target)).toBeNull();
  expect(redact(actor, target)).toBe('no-target');
  expect(redact(low, null)).toBe('no-target');
  expect(redact(low, { ...target, type: 'membership' })).toBe('no-target');
  expect(redact(low, { ...target, redacted: true })).toBe('no-change');
});

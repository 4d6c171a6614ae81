import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Role } from './entry-fields.ts';
import type { Entry } from './entry.ts';
import { parseEntry } from './parse-entry.ts';
import { fold } from './fold.ts';
import { newRoomId, newUserId } from './ids.ts';
import { INVITED_MAX } from './limits.ts';
import * as rules from './refusal.ts';
import type { RoomState } from './room-state.ts';

const [ann, bo, cy, di] = [newUserId(), newUserId(), newUserId(), newUserId()] as [string, string, string, string];
const people = [ann, bo, cy, di];
const ROOM = newRoomId();
const refusal = (state: RoomState | null, entry: Entry, target: rules.TargetInfo | null) =>
  rules.refusal(ROOM, state, entry, target);
let serial = 0;
const base = (author: string, sentAt = 0) => ({ id: `entry-${serial++}`.padEnd(8, '_'), author, sentAt });
const created = (author: string, kind: 'public' | 'private'): Entry => ({
  ...base(author),
  type: 'room',
  action: 'created',
  name: 'Dock',
  kind
});
const renamed = (author: string): Entry => ({ ...base(author), type: 'room', action: 'renamed', name: 'Pier' });
const said = (author: string): Entry => ({ ...base(author), type: 'message', body: 'hi' });
const self = (author: string, action: 'joined' | 'left', sentAt = 0): Entry => ({
  ...base(author, sentAt),
  type: 'membership',
  action
});
const other = (author: string, action: 'invited' | 'removed' | 'banned' | 'unbanned', user: string): Entry => ({
  ...base(author),
  type: 'membership',
  action,
  user
});

const role = (author: string, user: string, given: Role): Entry => ({
  ...base(author),
  ...{ type: 'membership', action: 'role', user, role: given }
});

function roomOf(...entries: Entry[]): RoomState {
  let state: RoomState | null = null;
  for (const entry of entries) {
    expect(refusal(state, entry, null), JSON.stringify(entry)).toBeNull();
    state = fold(state, entry);
  }
  return state!;
}

describe('refusal', () => {
  test('[RULE-1] the first entry of a room creates it, and only the first', () => {
    expect(refusal(null, said(ann), null)).toBe('no-room');
    expect(refusal(null, self(ann, 'joined'), null)).toBe('no-room');
    expect(refusal(null, created(ann, 'public'), null)).toBeNull();
    expect(refusal(roomOf(created(ann, 'public')), created(bo, 'public'), null)).toBe('room-exists');
  });

  test('[RULE-2] anyone of the server writes in a public room; a private one is closed to who is not in it', () => {
    expect(refusal(roomOf(created(ann, 'public')), said(bo), null)).toBeNull();
    const closed = roomOf(created(ann, 'private'));
    expect(refusal(closed, said(bo), null)).toBe('not-member');
    expect(refusal(closed, self(bo, 'joined'), null)).toBe('not-member');
    expect(refusal(closed, { ...base(bo), type: 'poll' }, null)).toBe('not-member');
  });

  test('[RULE-3] an invited person joins once; leaving uses the invitation up', () => {
    const invited = roomOf(created(ann, 'private'), other(ann, 'invited', bo));
    expect(refusal(invited, said(bo), null)).toBe('not-member');
    const joined = roomOf(created(ann, 'private'), other(ann, 'invited', bo), self(bo, 'joined'));
    expect(refusal(joined, self(bo, 'joined'), null)).toBe('no-change');
    expect(refusal(joined, other(ann, 'invited', bo), null)).toBe('no-change');
    const left = fold(joined, self(bo, 'left'))!;
    expect(refusal(left, self(bo, 'joined'), null)).toBe('not-member');
    expect(refusal(left, said(bo), null)).toBe('not-member');
  });

  test('[RULE-4] only who outranks a person removes them; members rename nothing', () => {
    const state = roomOf(created(ann, 'public'), self(bo, 'joined'), self(cy, 'joined'));
    expect(refusal(state, other(bo, 'removed', cy), null)).toBe('not-allowed');
    expect(refusal(state, other(bo, 'removed', ann), null)).toBe('not-allowed');
    expect(refusal(state, other(di, 'removed', cy), null)).toBe('not-member');
    expect(refusal(state, other(ann, 'removed', di), null)).toBe('no-target');
    expect(refusal(state, other(ann, 'removed', cy), null)).toBeNull();
    expect(refusal(state, renamed(bo), null)).toBe('not-allowed');
    expect(refusal(state, renamed(ann), null)).toBeNull();
  });

  test('[RULE-5] a removed person who comes back late cannot write, nor let anyone in', () => {
    const state = roomOf(
      created(ann, 'private'),
      other(ann, 'invited', bo),
      self(bo, 'joined'),
      other(ann, 'removed', bo)
    );
    for (const late of [said(bo), other(bo, 'invited', cy), renamed(bo), self(bo, 'joined')])
      expect(refusal(state, late, null)).toBe('not-member');
  });

  test('[RULE-6] what only the server writes is refused from anyone else', () => {
    const state = roomOf(created(ann, 'public'));
    expect(refusal(state, { ...base(ann), type: 'snapshot', state }, null)).toBe('reserved');
    expect(refusal(state, { ...base(bo), type: 'membership', action: 'joined', invitedBy: ann }, null)).toBe(
      'reserved'
    );
  });

  test('[RULE-8] nobody fills a room with invitations', () => {
    let state: RoomState = roomOf(created(ann, 'private'));
    for (let at = 0; at < INVITED_MAX; at++) state = fold(state, other(ann, 'invited', newUserId()))!;
    const [first] = Object.keys(state.invited);
    expect(refusal(state, other(ann, 'invited', bo), null)).toBe('too-large');
    expect(refusal(state, self(first!, 'joined'), null)).toBeNull();
    expect(refusal(fold(state, self(first!, 'joined')), other(ann, 'invited', bo), null)).toBeNull();
  });

  test('[RULE-7] an entry of an unknown type that speaks of another needs it to be there', () => {
    const state = roomOf(created(ann, 'public'));
    const reaction: Entry = { ...base(bo), type: 'reaction', target: 'abcdefgh' };
    expect(refusal(state, reaction, null)).toBe('no-target');
    expect(refusal(state, reaction, { id: 'abcdefgh', author: ann, type: 'message', page: 0 })).toBeNull();
  });
});

describe('fold', () => {
  test('[FOLD-1] when the last owner leaves, the moderator or member of longest standing owns the room', () => {
    const state = roomOf(created(ann, 'public'), self(cy, 'joined', 5), self(bo, 'joined', 9), self(ann, 'left'));
    expect(state.members[cy]?.role).toBe('owner');
    expect(state.members[bo]?.role).toBe('member');
  });

  test('[FOLD-6] a backdated joining inherits nothing: standing counts from when it arrived', () => {
    const backdated = self(cy, 'joined', 0);
    const state = roomOf(created(ann, 'public'), self(bo, 'joined', 9), backdated, self(di, 'joined', 9));
    expect(fold(state, self(ann, 'left'))!.members[bo]?.role).toBe('owner');
    const [second, third] = [fold(state, self(bo, 'left'))!, fold(state, self(ann, 'left'))!];
    expect(fold(second, self(ann, 'left'))!.members[cy]?.role).toBe('owner');
    expect(fold(third, self(bo, 'left'))!.members[cy]?.role).toBe('owner');
  });

  test('[FOLD-2] whoever joins a room that everyone left owns it', () => {
    const state = roomOf(created(ann, 'public'), self(ann, 'left'), self(bo, 'joined'));
    expect(state.members).toEqual({ [bo]: { role: 'owner', since: 0 } });
  });

  test('[FOLD-3] a snapshot replaces the state: the head page alone is enough to know the room', () => {
    const state = roomOf(created(ann, 'private'), other(ann, 'invited', bo), self(bo, 'joined'));
    const snapshot: Entry = { ...base('server'), type: 'snapshot', state };
    expect(parseEntry(snapshot).ok).toBe(true);
    expect(fold(null, snapshot)).toEqual(state);
  });

  const anyEntry = fc.oneof(
    fc
      .record({ kind: fc.constantFrom('public' as const, 'private' as const), who: fc.nat(3) })
      .map(({ kind, who }) => created(people[who]!, kind)),
    fc.nat(3).map((who) => said(people[who]!)),
    fc.nat(3).map((who) => renamed(people[who]!)),
    fc
      .tuple(fc.nat(3), fc.constantFrom('joined' as const, 'left' as const), fc.nat(99))
      .map(([who, action, at]) => self(people[who]!, action, at)),
    fc
      .tuple(
        fc.nat(3),
        fc.constantFrom('invited' as const, 'removed' as const, 'banned' as const, 'unbanned' as const),
        fc.nat(3)
      )
      .map(([who, action, whom]) => other(people[who]!, action, people[whom]!)),
    fc
      .tuple(fc.nat(3), fc.nat(3), fc.constantFrom('owner' as const, 'moderator' as const, 'member' as const))
      .map(([who, whom, given]) => role(people[who]!, people[whom]!, given))
  );

  test('[FOLD-4] whatever is taken, a room with members has an owner and nobody is two of member, invited, banned', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 60 }), (entries) => {
        let state: RoomState | null = null;
        for (const entry of entries) if (refusal(state, entry, null) === null) state = fold(state, entry);
        if (!state) return;
        const roles = Object.values(state.members).map((member) => member.role);
        if (roles.length > 0) expect(roles).toContain('owner');
        for (const user of people) {
          const places = [state.members, state.invited, state.banned].filter((place) => Object.hasOwn(place, user));
          expect(places.length).toBeLessThan(2);
        }
      })
    );
  });

  test('[FOLD-5] fold is pure: the state given is not changed, and unknown types change nothing', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 30 }), (entries) => {
        let state: RoomState | null = null;
        for (const entry of entries) {
          const before = JSON.stringify(state);
          const next = fold(state, entry);
          expect(JSON.stringify(state)).toBe(before);
          state = next;
        }
        expect(fold(state, { ...base(ann), type: 'poll' })).toBe(state);
      })
    );
  });
});

test('[GONE-1] how long messages stay is a rule of the room: set to what is new, within its bounds, and kept by a snapshot', () => {
  const disappearing = (author: string, after: number): Entry => ({
    ...base(author),
    ...{ type: 'room', action: 'disappearing', after }
  });
  const room = roomOf(created(ann, 'public'), self(bo, 'joined'));
  expect(refusal(room, disappearing(bo, 60), null)).toBe('not-allowed');
  expect(refusal(room, disappearing(ann, 0), null)).toBe('no-change');
  const fleeting = fold(room, disappearing(ann, 60))!;
  expect(fleeting.disappearingSeconds).toBe(60);
  expect(refusal(fleeting, disappearing(ann, 60), null)).toBe('no-change');
  expect(fold(fleeting, disappearing(ann, 0))).toEqual(room);
  for (const [after, ok] of [
    [0, true],
    [9, false],
    [10, true],
    [1.5, false],
    [365 * 86_400, true],
    [365 * 86_400 + 1, false]
  ] as const) {
    expect(parseEntry(disappearing(ann, after)).ok, String(after)).toBe(ok);
  }
});

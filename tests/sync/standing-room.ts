// A room in which somebody stands as named: owner, moderator, member, invited, banned or a stranger. Made through the
// checks that everybody's entries go through.

import { directRoomId } from '#protocol/direct-room.ts';
import type { Role, RoomKind } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId, type EntryId, type RoomId, type UserId } from '#protocol/ids.ts';
import type { RoomService } from '../../sync-server/rooms/room-service.ts';

export const KINDS: readonly RoomKind[] = ['public', 'private', 'direct', 'group'];
export const STANDINGS = ['owner', 'moderator', 'member', 'invited', 'banned', 'stranger'] as const;
export type Standing = (typeof STANDINGS)[number];

/** A room of certain people has members and nobody else. */
export const ROOM_CASES = KINDS.flatMap((kind) => {
  const among = kind === 'direct' || kind === 'group';
  return STANDINGS.filter((standing) => !among || standing === 'member' || standing === 'stranger').map(
    (standing) => [kind, standing] as const
  );
});

/** User ids. */
export interface People {
  readonly actor: UserId;
  readonly host: UserId;
  readonly low: UserId;
  readonly gone: UserId;
  readonly outside: UserId;
}

export interface StandingRoom {
  readonly room: RoomId;
  /** A message of the actor's, where they could write one. */
  readonly mine: EntryId;
  /** One of `low`'s. */
  readonly theirs: EntryId;
  /** A poll of the actor's and one of `low`'s, by the same rule. */
  readonly myPoll: EntryId;
  readonly theirPoll: EntryId;
}

/** The host owns it, `low` is a member, `gone` is banned, and the actor stands as named. */
export async function makeStandingRoom(
  rooms: RoomService,
  kind: RoomKind,
  standing: Standing,
  { actor, host, low, gone, outside }: People
): Promise<StandingRoom> {
  const isIn = standing === 'owner' || standing === 'moderator' || standing === 'member';
  const one = isIn ? actor : outside;
  const room = kind === 'direct' ? directRoomId(one, low) : newRoomId();
  const [mine, theirs, myPoll, theirPoll] = Array.from({ length: 4 }, () => newEntryId(Date.now())) as [
    EntryId,
    EntryId,
    EntryId,
    EntryId
  ];
  const made = { room, mine, theirs, myPoll, theirPoll };
  const poll = { type: 'message', body: 'When?', poll: { options: ['now', 'later'] } };
  const append = async (author: UserId, payload: object, id = newEntryId(Date.now())): Promise<void> => {
    const code = await rooms.append({ id, author, sentAt: Date.now(), ...payload } as Entry, room);
    if (code !== null) throw new Error(`${JSON.stringify(payload)}: ${code}`);
  };
  const membership = (author: UserId, action: string, more: object = {}): Promise<void> =>
    append(author, { type: 'membership', action, ...more });
  if (kind === 'direct' || kind === 'group') {
    const people = (kind === 'direct' ? [one, low] : [one, low, host]).sort();
    await append(low, { type: 'room', action: 'created', kind, people });
    await append(low, { type: 'message', body: 'theirs' }, theirs);
    await append(low, poll, theirPoll);
    if (isIn) await append(actor, poll, myPoll);
    if (isIn) await append(actor, { type: 'message', body: 'mine' }, mine);
    return made;
  }
  await append(host, { type: 'room', action: 'created', kind: 'public', name: 'Dock' });
  await membership(low, 'joined');
  await membership(gone, 'joined');
  // Whoever has no place there any more has written as long as they could.
  await membership(actor, 'joined');
  await append(low, { type: 'message', body: 'theirs' }, theirs);
  await append(low, poll, theirPoll);
  await append(actor, poll, myPoll);
  await append(actor, { type: 'message', body: 'mine' }, mine);
  await membership(host, 'banned', { user: gone });
  const role: Role | null = standing === 'owner' || standing === 'moderator' ? standing : null;
  if (role) await membership(host, 'role', { user: actor, role });
  if (standing === 'banned') await membership(host, 'banned', { user: actor });
  if (standing === 'stranger' || standing === 'invited') await membership(host, 'removed', { user: actor });
  if (standing === 'invited') await membership(host, 'invited', { user: actor });
  if (kind === 'private') await append(host, { type: 'room', action: 'kind', kind });
  return made;
}

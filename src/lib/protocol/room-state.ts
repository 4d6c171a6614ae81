// The folded state of a room: what its entries, in arrival order, have made of it. Plain JSON.

import type { Role, RoomKind } from './entry-fields.ts';
import type { AvatarId, EntryId, UserId } from './ids.ts';

export interface MemberState {
  readonly role: Role;
  /** sentAt of the entry that made them a member, but later than that of all who were in the room; epoch ms. */
  readonly since: number;
}

/** A message that the room keeps at hand. */
export interface PinState {
  readonly id: EntryId;
  readonly by: UserId;
  /** sentAt of the entry that pinned it, epoch ms. */
  readonly at: number;
}

export interface RoomState {
  readonly name: string;
  /** '' when there is none. */
  readonly topic: string;
  readonly kind: RoomKind;
  readonly createdBy: UserId;
  readonly createdAt: number;
  readonly members: Readonly<Record<UserId, MemberState>>;
  /** People of a private room who may join. */
  readonly invited: Readonly<Record<UserId, { readonly by: UserId }>>;
  /** People who may not come back until they are let in again. */
  readonly banned: Readonly<Record<UserId, { readonly by: UserId }>>;
  readonly avatar: AvatarId | null;
  /** Slow mode: how far apart a member's messages must lie; 0: none. */
  readonly slowSeconds: number;
  /** What is written now disappears so long after it arrived; missing: it stays. */
  readonly disappearingSeconds?: number | undefined;
  /** Over for all: nobody reads or writes it any more. */
  readonly deleted: boolean;
  /** Members left out of `members` because a snapshot is bounded; 0 on the server, which has them all. */
  readonly membersElided: number;
  /** In the order in which they were pinned, at most PINS_MAX; absent: none. */
  readonly pins?: readonly PinState[] | undefined;
}

/** Whether a person may open the room: members, whoever is invited, and in a public one all who are not banned. */
export function mayRead(state: RoomState, user: UserId): boolean {
  if (state.deleted) return false;
  if (Object.hasOwn(state.members, user) || Object.hasOwn(state.invited, user)) return true;
  return state.kind === 'public' && !Object.hasOwn(state.banned, user);
}

/** Rooms of certain people, who all have the same say. */
export const isAmongPeople = ({ kind }: Pick<RoomState, 'kind'>): boolean => kind === 'direct' || kind === 'group';

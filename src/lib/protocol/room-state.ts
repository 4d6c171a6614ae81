// The folded state of a room: what its entries, in arrival order, have made of it. Plain JSON.

import type { Role, RoomKind } from './entry.ts';
import type { UserId } from './ids.ts';

export interface MemberState {
  readonly role: Role;
  /** sentAt of the entry that made them a member, epoch ms. */
  readonly since: number;
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
  /** Members left out of `members` because a snapshot is bounded; 0 on the server, which has them all. */
  readonly membersElided: number;
}

/** Whether a person may read and write the room. */
export function mayRead(state: RoomState, user: UserId): boolean {
  return state.kind === 'public' || Object.hasOwn(state.members, user);
}

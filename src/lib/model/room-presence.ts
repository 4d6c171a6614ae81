// Who is present in a room, out of the awareness states of its head page. Pure.

import { isTyping, presenceCount, presentUser } from '#protocol/presence.ts';

export interface RoomPresence {
  /** Present people, oneself included; null: not known. */
  readonly hereCount: number | null;
  readonly typing: ReadonlySet<string>;
  readonly status: ReadonlyMap<string, 'here' | 'away'>;
  /** Whether those who are not listed are gone for sure: not so on a crowded page. */
  readonly complete: boolean;
}

export const NOBODY_TYPES: ReadonlySet<string> = new Set();
export const NO_PRESENCE: RoomPresence = { hereCount: null, typing: NOBODY_TYPES, status: new Map(), complete: false };

/** @param states of others; null: no line */
export function readPresence(states: readonly unknown[] | null, me: string): RoomPresence {
  if (!states) return NO_PRESENCE;
  const typing = new Set<string>();
  const status = new Map<string, 'here' | 'away'>();
  let counted: number | null = null;
  for (const state of states) {
    counted = presenceCount(state) ?? counted;
    const user = presentUser(state);
    if (user === null) continue;
    const away = (state as { status?: unknown }).status === 'away';
    // Of several devices the one in use counts.
    if (status.get(user) !== 'here') status.set(user, away ? 'away' : 'here');
    if (isTyping(state) && user !== me) typing.add(user);
  }
  status.set(me, 'here');
  return { hereCount: counted ?? status.size, typing, status, complete: counted === null };
}

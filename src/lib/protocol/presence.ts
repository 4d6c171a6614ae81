// What awareness states mean. Clients set the first shape on their own id; the server stamps `user` into it and,
// on a page with more than PRESENCE_MAX_LISTED present, sends the second under an id of its own in place of most.

import type { UserId } from './ids.ts';

/** A present person's connection. Absent (background page, hidden tab that gave up): the state is null. */
export interface PresenceState {
  /** Set by the server; whatever a client claims here is overwritten. */
  readonly user: { readonly id: UserId };
  readonly typing?: true;
  readonly status?: 'here' | 'away';
}

/** On a crowded page: how many people are present. Beside it only those who type are listed. */
export interface PresenceCount {
  readonly count: number;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The person's id of a state that the server stamped, or null when it is none. */
export function presentUser(state: unknown): UserId | null {
  if (!isRecord(state) || !isRecord(state['user'])) return null;
  const id = state['user']['id'];
  return typeof id === 'string' ? id : null;
}

export const isTyping = (state: unknown): boolean => isRecord(state) && state['typing'] === true;

/** The count of a crowded page, or null when the state is no count. */
export function presenceCount(state: unknown): number | null {
  if (!isRecord(state) || 'user' in state) return null;
  const count = state['count'];
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : null;
}

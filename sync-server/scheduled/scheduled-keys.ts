// Where scheduled entries lie: by whose they are, and by when they are due. Both change in one batch.

import type { EntryId, RoomId, UserId } from '#protocol/ids.ts';

export interface ScheduledRef {
  readonly user: UserId;
  readonly room: RoomId;
  readonly id: EntryId;
}

interface Range {
  readonly gte: string;
  readonly lt: string;
}

/** `0` comes after `/`. */
const within = (prefix: string): Range => ({ gte: `${prefix}/`, lt: `${prefix}0` });
const padded = (at: number): string => String(at).padStart(16, '0');

export const ALL_SCHEDULED = within('scheduled');
export const scheduledKey = ({ user, room, id }: ScheduledRef): string => `scheduled/${user}/${room}/${id}`;
export const scheduledBy = (user: UserId): Range => within(`scheduled/${user}`);
export const scheduledIn = (user: UserId, room: RoomId): Range => within(`scheduled/${user}/${room}`);
export function refOfScheduled(key: string): ScheduledRef {
  const [, user, room, id] = key.split('/');
  return { user: user!, room: room!, id: id! };
}

export const ALL_DUE = within('due');
/** @param at epoch ms */
export const dueKey = (at: number, { user, room, id }: ScheduledRef): string =>
  `due/${padded(at)}/${user}/${room}/${id}`;
export const dueUpTo = (at: number): Range => ({ gte: ALL_DUE.gte, lt: `due/${padded(at + 1)}/` });
export const atOfDue = (key: string): number => Number(key.split('/')[1]);
export function refOfDue(key: string): ScheduledRef {
  const [, , user, room, id] = key.split('/');
  return { user: user!, room: room!, id: id! };
}

/** Records went whose bytes are still on the disk. */
export const SCHEDULED_REMAINS = 'scheduled-remains';

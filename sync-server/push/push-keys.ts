// Where what pushing needs lies in the key-value store.

import type { RoomId, UserId } from '#protocol/ids.ts';

interface Range {
  readonly gte: string;
  readonly lt: string;
}
/** `0` comes after `/`. */
const within = (prefix: string): Range => ({ gte: `${prefix}/`, lt: `${prefix}0` });

/** The key pair by which push services know this server. */
export const VAPID_KEY = 'push-vapid';

/** Subscription of one session. */
export const subscriptionKey = (user: UserId, session: string): string => `push/${user}/${session}`;
export const ALL_SUBSCRIPTIONS = within('push');
export function ownerOfSubscription(key: string): readonly [user: UserId, session: string] {
  const [, user, session] = key.split('/');
  return [user!, session!];
}

/** Up to which message (Arrival.n) of a room a person's devices have been told. */
export const toldKey = (user: UserId, room: RoomId): string => `push-told/${user}/${room}`;
export const toldOf = (user: UserId): Range => within(`push-told/${user}`);
/** The room of a key that ends with one. */
export const roomOfTold = (key: string): RoomId => key.slice(key.lastIndexOf('/') + 1);

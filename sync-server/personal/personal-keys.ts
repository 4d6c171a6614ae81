// Where people's own documents lie in the key-value store: one base and what came since, in the order of the keys.

import type { UserId } from '#protocol/ids.ts';

export const personalBaseKey = (user: UserId): string => `personal/${user}/base`;
export const personalTailKey = (user: UserId, number: number): string =>
  `personal/${user}/tail/${String(number).padStart(12, '0')}`;
/** What the document keeps from others (privacy-choices.ts); none: nothing. */
export const privacyKey = (user: UserId): string => `privacy/${user}`;
export const ALL_PRIVACY = { gte: 'privacy/', lt: 'privacy0' };
/** All of one person's. */
export const personalRecordsOf = (user: UserId): { gte: string; lt: string } => ({
  gte: `personal/${user}/`,
  lt: `personal/${user}0`
});

// Words for how much one hears of a room.

import type { NotificationLevel } from '#protocol/personal.ts';

export const LEVELS: readonly NotificationLevel[] = ['all', 'mentions', 'none'];

const WORDS: Readonly<Record<NotificationLevel, string>> = {
  all: 'All messages',
  mentions: 'Mentions and direct messages',
  none: 'Nothing'
};

/** In brackets. */
export const LEVEL_WORD: Readonly<Record<NotificationLevel, string>> = {
  all: 'all',
  mentions: 'mentions',
  none: 'nothing'
};

export const levelWords = (level: NotificationLevel): string => WORDS[level];

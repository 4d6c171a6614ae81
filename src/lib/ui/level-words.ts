// Words for how much one hears of a room.

import type { NotificationLevel } from '#protocol/personal.ts';
import { m } from '../words/generated/messages.js';

export const LEVELS: readonly NotificationLevel[] = ['all', 'mentions', 'none'];

const WORDS: Readonly<Record<NotificationLevel, () => string>> = {
  all: m.level_all,
  mentions: m.level_mentions,
  none: m.level_none
};

export const levelWords = (level: NotificationLevel): string => WORDS[level]();

// The words for how far one's own message has come.

import type { MessageState } from '../model/timeline-item.ts';
import { m } from '../words/generated/messages.js';

const WORDS: Readonly<Record<MessageState, () => string>> = {
  saving: m.message_saving,
  kept: m.message_kept,
  arrived: m.message_arrived,
  failed: m.message_failed,
  'not-saved': m.message_not_saved
};

export const messageStateWords = (state: MessageState): string => WORDS[state]();

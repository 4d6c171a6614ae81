// Entries as an import brings them.

import type { MessageEntry } from '#protocol/message-entries.ts';

const FIRST_AT = Date.UTC(2004, 11, 25, 9, 14);

export const imported = (count: number, from = 0): MessageEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `imported-${from + index}`,
    type: 'message',
    author: `~nick${(from + index) % 7}`,
    sentAt: FIRST_AT + (from + index) * 1_000,
    body: `line ${from + index}`
  }));

// What a key asks for in a conversation, by where it was pressed.

import type { MessageItem } from '#lib/model/timeline-item.ts';
import type { Row } from '#lib/ui/timeline-rows.ts';

export type TimelineDeed =
  | { readonly kind: 'composer' }
  | { readonly kind: 'latest' }
  /** What can be done with a message, and its thread. */
  | { readonly kind: 'sheet' | 'thread'; readonly item: MessageItem }
  /** To this row, or on in this direction to the next message. */
  | { readonly kind: 'row'; readonly to: number; readonly step: 1 | -1 };

export interface KeyPlace {
  /** Of the row that holds the focus; undefined: none does. */
  readonly key: string | undefined;
  /** The row itself has it, rather than something in it. */
  readonly itself: boolean;
  /** The newest messages are not loaded. */
  readonly newerLeft: boolean;
}

/** @returns null: the key is for nothing here */
export function timelineDeed(
  event: Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey'>,
  rows: readonly Row[],
  { key, itself, newerLeft }: KeyPlace
): TimelineDeed | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  if (event.key === 'Escape' && !event.shiftKey) return { kind: 'composer' };
  if (key === undefined) return null;
  if (event.key === 'End' && newerLeft) return { kind: 'latest' };
  const at = rows.findIndex((row) => row.key === key);
  const row = rows[at];
  if (itself && row?.kind === 'message') {
    if (event.key === 'Enter') return { kind: 'sheet', item: row.item };
    if (event.key.toLowerCase() === 't') return { kind: 'thread', item: row.item };
  }
  switch (event.key) {
    case 'ArrowUp':
      return { kind: 'row', to: at - 1, step: -1 };
    case 'ArrowDown':
      return { kind: 'row', to: at + 1, step: 1 };
    case 'Home':
      return { kind: 'row', to: 0, step: 1 };
    case 'End':
      return { kind: 'row', to: rows.length - 1, step: -1 };
    default:
      return null;
  }
}

// Messages that are sent later.

import type { Entry } from '#protocol/entry.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';

/** GET /api/scheduled: one's own, soonest first. The entry is whole and signed; its `sentAt` is when it is to be sent. */
export interface ScheduledEntry {
  readonly room: string;
  readonly entry: Entry;
  /** Why it was not taken at its time; null: it waits. */
  readonly refused: RefusalCode | null;
}
/**
 * PUT /api/rooms/:id/scheduled, DELETE /api/rooms/:id/scheduled/:entry. `sent`: it stands in the room already.
 * PUT: `kept`, `refused`, `too-many` (SCHEDULED_MAX) or `sent`; DELETE: `removed`, `absent` or `sent`.
 */
export type ScheduledOutcome =
  | { readonly outcome: 'kept' | 'sent' | 'removed' | 'absent' | 'too-many' }
  | { readonly outcome: 'refused'; readonly code: RefusalCode };

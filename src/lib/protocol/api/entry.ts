// What is said in a room, over HTTP: for who has no line open, such as a service worker, and for tools.

import type { RefusalCode } from '#protocol/refusal-codes.ts';

/**
 * POST /api/rooms/:id/entries `{ entry }`: one's own, whole and signed as entries are; it goes through the checks of all of
 * them, rooms and memberships excepted, which change over the line alone. `there`: it stands in the room, on disk, from now
 * on or since an earlier try. A file that it names is there before it.
 */
export type EntryOutcome = { readonly outcome: 'there' } | { readonly outcome: 'refused'; readonly code: RefusalCode };

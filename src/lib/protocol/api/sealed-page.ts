// A sealed page of a room, as JSON (docs/decisions/0004).

import type { Entry } from '#protocol/entry.ts';

/** GET /api/rooms/:id/pages/:n of a sealed page. ETag covers the revision; 404 with code `not-sealed` for the head. */
export interface SealedPage {
  readonly room: string;
  readonly page: number;
  /** Counts late effects and erasures. */
  readonly revision: number;
  /** In arrival order. */
  readonly entries: readonly ArrivedEntry[];
  /** Entries whose content was erased. */
  readonly erased: readonly ErasedEntry[];
  /** Later entries that concern entries of this page, in arrival order. */
  readonly late: readonly ArrivedEntry[];
}
export interface ErasedEntry {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly n: number;
  /** As in Arrival. */
  readonly edit?: true | undefined;
  readonly thread?: string | undefined;
  readonly of?: string | undefined;
  readonly until?: number | undefined;
}
export interface ArrivedEntry {
  readonly entry: Entry;
  /** Epoch ms. */
  readonly at: number;
  readonly n: number;
  /** As in Arrival. */
  readonly until?: number | undefined;
}

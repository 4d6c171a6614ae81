// Messages that somebody reports to who moderates.

import type { Entry } from '#protocol/entry.ts';

/** POST /api/rooms/:id/reports, by who may read the room: 204. */
export interface NewReport {
  readonly entry: string;
  readonly reason: string;
  /**
   * In rooms of certain people, which have no moderators: the message as the reporter has it. The report goes to the
   * administrators then, with its words; the server takes the very entry alone.
   */
  readonly message?: Entry;
}
/** GET /api/rooms/:id/reports, by moderators; DELETE /api/rooms/:id/reports/:report settles one. */
export interface Report extends NewReport {
  readonly id: string;
  readonly by: string;
  /** Author of the entry. */
  readonly of: string;
  /** Epoch ms. */
  readonly at: number;
}

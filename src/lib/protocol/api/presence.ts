// Who is here, asked once; live it comes over the line.

/**
 * GET /api/present?users=a,b (at most 100): those who have a room open now that whoever asks may open, too; the others are
 * not here, or not to be seen. `away`: in none but hidden pages.
 */
export interface PresentPeople {
  readonly here: readonly string[];
  readonly away: readonly string[];
}

/** GET /api/rooms/:id/present: who has the room open now. */
export interface PresentUsers {
  readonly users: readonly string[];
}

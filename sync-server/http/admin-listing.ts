// The search and the place of a list that administrators page through.

import { ApiProblem } from './problem.ts';

const QUERY_MAX_CHARS = 100;

export interface Listing {
  Querystring: { query?: unknown; after?: unknown };
}

/** @throws ApiProblem 'bad-request' */
export function readListing({ query = '', after }: Listing['Querystring']): { query: string; after: string | null } {
  if (
    typeof query !== 'string' ||
    query.length > QUERY_MAX_CHARS ||
    (after !== undefined && typeof after !== 'string')
  ) {
    throw new ApiProblem('bad-request', `A search is text of at most ${QUERY_MAX_CHARS} characters.`);
  }
  return { query, after: after ?? null };
}

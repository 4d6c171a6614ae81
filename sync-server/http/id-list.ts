// Ids in a query, as `?ids=a,b,c`.

import { ApiProblem } from './problem.ts';

const IDS_MAX = 100;

/** Each once, in the order given; the caller sorts out what is no id. @throws ApiProblem 'bad-request' */
export function readIdList(value: unknown): string[] {
  const ids = typeof value === 'string' && value !== '' ? [...new Set(value.split(','))] : [];
  if (ids.length > IDS_MAX) throw new ApiProblem('bad-request', `Ask for at most ${IDS_MAX} at once.`);
  return ids;
}

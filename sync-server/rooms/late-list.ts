// The bounds of a page's late list: all of it is read, compressed and sent with each download of the page, and nothing
// takes an entry off it again.

import type { Entry } from '#protocol/entry.ts';
import { encodeStored } from '../store/stored-json.ts';
import type { PageRevision } from './change-sequence.ts';

export const LATE_MAX_ENTRIES = 1_000;
export const LATE_MAX_BYTES = 256 * 1024;

type LateCount = Pick<PageRevision, 'late' | 'lateBytes'>;

export function withLate({ late, lateBytes }: LateCount, entry: Entry): LateCount {
  return { late: late + 1, lateBytes: lateBytes + encodeStored(entry).length };
}

export const isWithinBounds = ({ late, lateBytes }: LateCount): boolean =>
  late <= LATE_MAX_ENTRIES && lateBytes <= LATE_MAX_BYTES;

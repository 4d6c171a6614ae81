// The bounds of a page's late list: all of it is read, compressed and sent with each download of the page. One author has
// half of it at most, so that nobody alone shuts others out. Redactions are in no bound: each takes away one message that
// stands on the page or was counted here, and what was counted stays so.

import type { Entry } from '#protocol/entry.ts';
import { encodeStored } from '../store/stored-json.ts';
import type { PageRevision } from './change-sequence.ts';

export const LATE_MAX_ENTRIES = 1_000;
export const LATE_MAX_BYTES = 256 * 1024;
/** Of both, for one author: a conversation of two can fill it, one of them alone cannot. */
const SHARE_MAX = 1 / 2;

export type LateCount = Pick<PageRevision, 'late' | 'lateBytes' | 'lateBy'>;

export const NO_LATE: LateCount = { late: 0, lateBytes: 0, lateBy: {} };

export function withLate({ late, lateBytes, lateBy }: LateCount, entry: Entry): LateCount {
  if (entry.type === 'redaction') return { late: late + 1, lateBytes, lateBy };
  const bytes = encodeStored(entry).length;
  const [entries, bytesBy] = shareOf(lateBy, entry.author);
  return {
    late: late + 1,
    lateBytes: lateBytes + bytes,
    lateBy: { ...lateBy, [entry.author]: [entries + 1, bytesBy + bytes] }
  };
}

/** @param author who added to it last */
export function isWithinBounds({ lateBytes, lateBy }: LateCount, author: string): boolean {
  const [entries, bytes] = shareOf(lateBy, author);
  const all = Object.values(lateBy).reduce((sum, [ofOne]) => sum + ofOne, 0);
  return (
    all <= LATE_MAX_ENTRIES &&
    lateBytes <= LATE_MAX_BYTES &&
    entries <= LATE_MAX_ENTRIES * SHARE_MAX &&
    bytes <= LATE_MAX_BYTES * SHARE_MAX
  );
}

const shareOf = (lateBy: LateCount['lateBy'], author: string): readonly [number, number] =>
  Object.hasOwn(lateBy, author) ? lateBy[author]! : [0, 0];

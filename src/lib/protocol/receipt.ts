// How far a member has come in a room, in places of its order (Arrival.n): what the ticks of others' messages go by.
// Invariant: positions only go up, so what comes in any order, twice or late ends the same.

export interface Receipt {
  /** What had arrived when they came in: that was not written to them, and they are not counted for it. */
  readonly from: number;
  /** Read up to here; null: not told. */
  readonly read: number | null;
  /** On the disk of the device that has come furthest, up to here. */
  readonly stored: number;
}

/** Of who comes into a room of so many messages. */
export const receiptAtJoining = (n: number): Receipt => ({ from: n, read: n, stored: n });

/** Of who was in a room before anybody kept receipts. */
export const NO_RECEIPT: Receipt = { from: 0, read: 0, stored: 0 };

/** Both together, as far as either has come. A position that is not told by the later word of the two is not known. */
export const furthest = (before: Receipt, next: Receipt): Receipt => ({
  from: Math.max(before.from, next.from),
  read: next.read === null ? null : Math.max(before.read ?? 0, next.read),
  stored: Math.max(before.stored, next.stored)
});

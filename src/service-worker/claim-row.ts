// Marks on this device's disk, before an entry goes to the server, that it may have gone: from then on the app removes it as
// what was sent. Invariant: what a window has taken away, changed or sent meanwhile is not claimed.

import type { IDBPDatabase } from 'idb';
import type { OutboxRow } from '../lib/storage/user-db.ts';
import { unattended } from '../lib/sync/unattended.ts';

/** @param nowMs by this device's clock @returns the row as it is by now; null: it is not to go any more, or not without the app */
export async function claimRow(
  db: IDBPDatabase,
  { room, id }: Pick<OutboxRow, 'room' | 'id'>,
  nowMs: number
): Promise<OutboxRow | null> {
  const tx = db.transaction('outbox', 'readwrite', { durability: 'strict' });
  const ofRoom = (await tx.store.getAll(IDBKeyRange.bound([room], [room, []]))) as OutboxRow[];
  const row = unattended(ofRoom, nowMs).find((one) => one.id === id);
  if (row && !row.posted) await tx.store.put({ ...row, posted: true } satisfies OutboxRow);
  await tx.done;
  return row ?? null;
}

/** Marks that the server has it, so that no other wake sends it again: the app lets go of it once it sees it. */
export async function markTaken(db: IDBPDatabase, { room, id }: Pick<OutboxRow, 'room' | 'id'>): Promise<void> {
  const tx = db.transaction('outbox', 'readwrite');
  const row = (await tx.store.get([room, id])) as OutboxRow | undefined;
  if (row?.posted) await tx.store.put({ ...row, posted: 'taken' } satisfies OutboxRow);
  await tx.done;
}

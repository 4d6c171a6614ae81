// Sends what waits on this device once the browser says that there is a line again, though no window is open (Background
// Sync). Invariant: a window that is open and awake does that itself, and more; then nothing is done here, nor from when it is.

import type { IDBPDatabase } from 'idb';
import { blobDbName } from '../lib/storage/blob-db.ts';
import type { UploadRow } from '../lib/storage/blob-rows.ts';
import { userDbName, type OutboxRow } from '../lib/storage/user-db.ts';
import { Tus, type Fetch } from '../lib/sync/tus.ts';
import { sendUnattended, unattended } from '../lib/sync/unattended.ts';
import { askForWake, WAKE_TAG } from '../lib/sync/wake.ts';
import { AwakeWindows } from './awake-windows.ts';
import { claimRow, markTaken } from './claim-row.ts';
import { DATABASE_PREFIX, signedIn, using } from './known-device.ts';

declare const self: ServiceWorkerGlobalScope;

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

export function listenToSync(): void {
  self.addEventListener('sync', (event) => {
    const { tag } = event as SyncEvent;
    if (tag === WAKE_TAG) (event as SyncEvent).waitUntil(deliver());
  });
}

/** What was just put into the outbox, or as soon as there is a line. Never throws. */
export async function deliverNow(): Promise<void> {
  try {
    await deliver();
  } catch {
    await askForWake(self.registration);
  }
}

/** @throws where more may go at another try: the browser asks for one then */
async function deliver(): Promise<void> {
  const me = await signedIn();
  if (!me) return;
  const name = userDbName(DATABASE_PREFIX, me.id, me.generation);
  const rows = await using(name, (db) => db.getAll('outbox') as Promise<OutboxRow[]>);
  const now = Date.now();
  const due = unattended(rows, now);
  const isHeld = rows.some(({ heldUntil = 0 }) => heldUntil > now);
  if (due.length === 0 && !isHeld) return;
  const windows = new AwakeWindows(self.clients);
  // Whoever opens a window may take away what waits, sign out, or sign in as somebody else.
  const ask: Fetch = (path, init) => windows.whileNone(() => fetch(path, init));
  const send = async (db: IDBPDatabase): Promise<boolean> => {
    const known = (await db.getAll('uploads')) as UploadRow[];
    return sendUnattended(due, {
      ...{ fetch: ask, tus: new Tus(ask, sha256) },
      now: () => Date.now(),
      uploads: new Map(known.map((row) => [row.hash, row])),
      bytes: async (hash) => ((await db.get('bytes', hash)) as Blob | undefined) ?? null,
      keep: (row) => db.put('uploads', row),
      forget: (hash) => db.delete('uploads', hash),
      // Not marked and then left to a window, which could not take it back without a line.
      claim: (row) => windows.whileNone(() => using(name, (own) => claimRow(own, row, Date.now()))),
      taken: (row) => using(name, (own) => markTaken(own, row)),
      signal: new AbortController().signal
    });
  };
  const again = await windows.whileNone(() => using(blobDbName(name), send));
  if (again || isHeld) throw new Error('some of it waits');
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

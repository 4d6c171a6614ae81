// The databases that the app has made on this device, and whose they are, as the worker finds them.
// Invariant: makes none.

import { openDB, type IDBPDatabase } from 'idb';
import type { Me } from '../lib/protocol/api/session.ts';
import { within } from '../lib/within.ts';

export const DATABASE_PREFIX = 'roost';
/** A database that hangs holds no notification up: browsers take a push without one for abuse. */
export const PATIENCE_MS = 3_000;

/** Who is signed in on this device; null: nobody, or nobody knows. */
export async function signedIn(): Promise<Me | null> {
  return within(
    PATIENCE_MS,
    session().catch(() => null),
    null
  );
}

/** The same; rejects where there is no database, and waits for one that hangs. */
export const session = async (): Promise<Me | null> =>
  (await using(`${DATABASE_PREFIX}-device`, (db) => db.get('values', 'session') as Promise<Me | null | undefined>)) ??
  null;

export async function using<Value>(name: string, use: (db: IDBPDatabase) => Promise<Value>): Promise<Value> {
  const db = await openDB(name, undefined, {
    // There is none: it is not to be made here, where nobody would know of it when its person signs out.
    upgrade: (_db, _from, _to, tx) => tx.abort(),
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close()
  });
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

// What the worker knows of rooms: what the app has put on this device's disk. Read alone, but for how far one has read.
// Invariant: never rejects; what cannot be read is not known.

import type { IDBPDatabase } from 'idb';
import { userDbName, type ReadRow, type RoomRow } from '../lib/storage/user-db.ts';
import type { UserInfo } from '../lib/protocol/api/profile.ts';
import type { Me } from '../lib/protocol/api/session.ts';
import { within } from '../lib/within.ts';
import { DATABASE_PREFIX, PATIENCE_MS, session, using } from './known-device.ts';

export interface KnownRoom {
  /** Of a room of two: who the other is. */
  readonly name: string;
  readonly isDirect: boolean;
}

export async function knownRoom(id: string): Promise<KnownRoom | null> {
  return withUserDb(async (db, me) => {
    const row = (await db.get('rooms', id)) as RoomRow | undefined;
    if (!row?.summary) return null;
    const { kind, name, people } = row.summary;
    if (kind !== 'direct' && kind !== 'group') return { name, isDirect: false };
    const others = people.filter((person) => person !== me.id);
    const names = await Promise.all(others.map((person) => db.get('people', person) as Promise<UserInfo | undefined>));
    const known = names.flatMap((person) => (person ? [person.displayName || person.name] : []));
    return known.length < others.length || known.length === 0
      ? null
      : { name: known.join(', '), isDirect: kind === 'direct' };
  });
}

/** The person has read the room up to n; the app tells the server when it is next open. */
export async function keepRead(room: string, n: number): Promise<void> {
  await withUserDb(async (db) => {
    const tx = db.transaction('reads', 'readwrite');
    const before = (await tx.store.get(room)) as ReadRow | undefined;
    if (!before || before.n < n) await tx.store.put({ room, n } satisfies ReadRow);
    await tx.done;
    return null;
  });
}

async function withUserDb<Value>(use: (db: IDBPDatabase, me: Me) => Promise<Value | null>): Promise<Value | null> {
  return within(
    PATIENCE_MS,
    opened(use).catch(() => null),
    null
  );
}

async function opened<Value>(use: (db: IDBPDatabase, me: Me) => Promise<Value | null>): Promise<Value | null> {
  const me = await session();
  return me ? using(userDbName(DATABASE_PREFIX, me.id, me.generation), (db) => use(db, me)) : null;
}

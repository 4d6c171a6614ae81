// A reply that was written in a notification: signed with this device's key and put on its disk, as the app puts what one
// writes there. Invariants: makes no database; what cannot be kept so is left to the composer, which has words for every case.

import { BODY_MAX_CHARS } from '../lib/protocol/limits.ts';
import type { Entry } from '../lib/protocol/entry.ts';
import { base64url, newEntryId } from '../lib/protocol/ids.ts';
import type { PushedData } from '../lib/protocol/push.ts';
import { signedBytes } from '../lib/protocol/signing.ts';
import type { KeyRow } from '../lib/storage/device-db.ts';
import { userDbName, type OutboxRow, type RoomRow } from '../lib/storage/user-db.ts';
import { DATABASE_PREFIX, session, using } from './known-device.ts';

/** A tab that is never there: another one sends for it. */
const TAB = 'worker';

/** @returns whether the words are in the outbox on the disk, to be sent as all that lies there */
export async function keepReply(to: Pick<PushedData, 'room' | 'thread'>, written: string): Promise<boolean> {
  const body = written.trim().toWellFormed();
  if (body === '' || body.length > BODY_MAX_CHARS || isForTheApp(body)) return false;
  try {
    return await keep(to, body);
  } catch {
    return false;
  }
}

/** Whom a name calls, and what a command does, the app knows. */
const isForTheApp = (body: string): boolean => body.includes('@') || body.startsWith('/');

async function keep({ room, thread }: Pick<PushedData, 'room' | 'thread'>, body: string): Promise<boolean> {
  const me = await session();
  if (!me) return false;
  const device = (await using(`${DATABASE_PREFIX}-device`, (db) => db.get('values', `key/${me.id}`))) as
    KeyRow | undefined;
  if (!device?.registered || device.key.kind !== 'sealed') return false;
  const { id } = device;
  const { privateKey } = device.key;
  const name = userDbName(DATABASE_PREFIX, me.id, me.generation);
  const kept = await using(name, async (db) => {
    const row = (await db.get('rooms', room)) as RoomRow | undefined;
    if (!row?.summary?.role) return false;
    const sentAt = Date.now();
    const entry: Entry = {
      ...{ id: newEntryId(sentAt), type: 'message', author: me.id, sentAt, body },
      ...(thread !== null && { thread }),
      device: id
    };
    const signature = await crypto.subtle.sign('Ed25519', privateKey, signedBytes(room, entry));
    const signed = { ...entry, signature: base64url(new Uint8Array(signature)) };
    const page = row.head ?? row.summary.head;
    const waiting: OutboxRow = { room, id: entry.id, entry: signed, state: 'kept', code: null, page, tab: TAB };
    const tx = db.transaction('outbox', 'readwrite', { durability: 'strict' });
    await Promise.all([tx.store.put(waiting), tx.done]);
    return true;
  });
  if (kept) tellTabs(name, room);
  return kept;
}

/** As TabChannel does. */
function tellTabs(name: string, room: string): void {
  const channel = new BroadcastChannel(name);
  channel.postMessage({ type: 'outbox', room });
  channel.close();
}

// The server's data were restored, or put back from an older copy: this device's databases of another generation hold
// what may be missing there. Everything of one's own in them is offered again, then they go.
// Invariant: an old database is deleted only when all that it adds is on disk in the new one.

import { deleteDB } from 'idb';
import * as Y from 'yjs';
import type { Entry } from '#protocol/entry.ts';
import { parseEntry } from '#protocol/parse-entry.ts';
import { MESSAGES_ROOT } from '#protocol/arrival.ts';
import { BlobDb, blobDbName, isBlobDbName } from '../storage/blob-db.ts';
import { DECIDED_METAS } from '../storage/decided-metas.ts';
import type { DeviceDb } from '../storage/device-db.ts';
import { PagePersistence } from '../storage/page-persistence.ts';
import { pageDbName, personalDbName, UserDb, userDbName, type OutboxRow } from '../storage/user-db.ts';
import { untoldAgain, type BlockedRow } from './blocked-people.ts';

const PAGE_PART = '-page-';

export interface Adoption {
  readonly prefix: string;
  readonly user: string;
  /** The database of the present generation. */
  readonly current: UserDb;
  readonly blobs: BlobDb;
  readonly device: DeviceDb;
  readonly tab: string;
}

export async function adoptOlderGenerations(adoption: Adoption): Promise<void> {
  const { device, user, prefix, current } = adoption;
  const names = await device.databasesOf(user);
  const isCurrent = (name: string): boolean =>
    name.startsWith(current.name + PAGE_PART) || [current.name, blobDbName(current.name)].includes(name);
  const old = names.filter((name) => !isCurrent(name));
  for (const name of old.filter((candidate) => !candidate.includes(PAGE_PART) && !isBlobDbName(candidate))) {
    if (!name.startsWith(userDbName(prefix, user, ''))) continue;
    const db = new UserDb(name, () => undefined);
    const adopted = await adopt(db, adoption);
    db.close();
    if (!adopted) continue;
    const blobs = blobDbName(name);
    const gone = [name, ...old.filter((candidate) => candidate.startsWith(name + PAGE_PART) || candidate === blobs)];
    for (const database of gone) {
      await device.forgetDatabase(database);
      // Not awaited: another tab that still has it open lets go when it meets the new generation itself.
      void deleteDB(database).catch(() => undefined);
    }
  }
}

async function adopt(old: UserDb, { current, blobs, user, tab }: Adoption): Promise<boolean> {
  try {
    const rows = new Map<string, OutboxRow>();
    const offer = (room: string, page: number, entry: Entry): void => {
      if (entry.author === user)
        rows.set(`${room}/${entry.id}`, { room, id: entry.id, entry, state: 'kept', code: null, page, tab });
    };
    for (const { room, page, body } of await old.sealedPages()) {
      for (const { entry } of body.entries) offer(room, page, entry);
    }
    const rooms = await old.rooms();
    for (const { id, head } of rooms) {
      if (head === null) continue;
      for (const entry of await entriesOf(pageDbName(old.name, id, head))) offer(id, head, entry);
    }
    // Last, so that what had failed stays failed rather than being offered once more.
    for (const row of await old.outbox()) rows.set(`${row.room}/${row.id}`, untakenAgain(row));
    await adoptOwnDocument(old, current);
    await adoptBlobs(old, blobs);
    return await writeAll(old, current, [...rows.values()]);
  } catch {
    // Unreadable now; it stays and is tried again at the next start.
    return false;
  }
}

/** What the other store had taken, this one may have or not. */
const untakenAgain = (row: OutboxRow): OutboxRow => (row.posted ? { ...row, posted: true } : row);

async function writeAll(old: UserDb, current: UserDb, rows: readonly OutboxRow[]): Promise<boolean> {
  const outcomes = [
    await current.putOutbox(rows),
    await current.putPeople(await old.people()),
    await current.putReads(await old.reads()),
    // What the other store held of them, this one may not.
    await current.putScheduled(
      (await old.scheduled()).map((row) => (row.state === 'server' ? { ...row, state: 'device' } : row))
    ),
    await current.putRooms((await old.rooms()).map((row) => ({ ...row, head: null, fetched: null })))
  ];
  for (const row of await old.drafts()) outcomes.push(await current.putDraft(row));
  for (const name of Object.values(DECIDED_METAS)) {
    for (const [key, value] of await old.metaRows(name)) {
      if ((await current.meta(key)) !== undefined) continue;
      const decided = key === DECIDED_METAS.blocked ? untoldAgain(value as BlockedRow) : value;
      outcomes.push(await current.putMeta(key, decided));
    }
  }
  return outcomes.every(({ ok }) => ok);
}

/** Files that messages in the outbox wait for, those in composers, and what was fetched. Throws when it cannot. */
async function adoptBlobs(old: UserDb, current: BlobDb): Promise<void> {
  const blobs = new BlobDb(blobDbName(old.name), () => 0);
  try {
    await current.adopt(blobs);
  } finally {
    blobs.close();
  }
}

/**
 * The person's own document has no structs of the server's, and client ids are never used again: what the old copy holds
 * and the server lost goes into the new one as it is, and from there to the server. Throws when it cannot.
 */
async function adoptOwnDocument(old: UserDb, current: UserDb): Promise<void> {
  const doc = await documentOf(personalDbName(old.name));
  let failed = false;
  const next = new Y.Doc();
  const persistence = new PagePersistence(personalDbName(current.name), next, {
    stored: ({ ok }) => (failed ||= !ok),
    superseded: () => (failed = true)
  });
  const loaded = await persistence.load();
  Y.applyUpdate(next, Y.encodeStateAsUpdate(doc));
  await persistence.close();
  doc.destroy();
  next.destroy();
  if (!loaded.ok || failed) throw new Error(`cannot write ${persistence.name}`);
}

async function entriesOf(database: string): Promise<Entry[]> {
  const doc = await documentOf(database);
  const entries: Entry[] = [];
  for (const value of doc.getArray(MESSAGES_ROOT).toArray()) {
    const parsed = parseEntry(value);
    if (parsed.ok) entries.push(parsed.entry);
  }
  doc.destroy();
  return entries;
}

async function documentOf(database: string): Promise<Y.Doc> {
  const doc = new Y.Doc();
  const persistence = new PagePersistence(database, doc, { stored: () => undefined, superseded: () => undefined });
  const loaded = await persistence.load();
  await persistence.close();
  if (loaded.ok) return doc;
  doc.destroy();
  throw new Error(`cannot read ${database}: ${loaded.failure}`);
}

// What one person has on this device, in one database named by user and generation: outbox, drafts, read markers,
// rooms, names, sealed pages. Invariant: every write settles when its transaction is complete, never before.

import type { DBSchema, IDBPTransaction } from 'idb';
import type { UserInfo } from '#protocol/api/profile.ts';
import type { SealedPage } from '#protocol/api/sealed-page.ts';
import type { RoomSummary } from '#protocol/control.ts';
import type { Entry } from '#protocol/entry.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { within } from '../within.ts';
import { Connection } from './connection.ts';
import { STORED, type Stored } from './storage-failure.ts';

/** Why a file did not reach the server: its word, or it is not on this device any more. */
export type UploadFailure =
  | `upload-${'too-large' | 'quota' | 'disk-full'}`
  | `upload-file-${'differs' | 'type' | 'broken' | 'pixels' | 'metadata'}`
  | 'upload-lost';

/** Why an entry of ours failed: the gate's word, `closed`: the room is shut to this person, or one of its files. */
export type FailureCode = RefusalCode | UploadFailure | 'closed';

export interface OutboxRow {
  readonly room: string;
  readonly id: string;
  readonly entry: Entry;
  readonly state: 'kept' | 'failed';
  readonly code: FailureCode | null;
  /** The page it was written for: it is on this one or a later one, if on any. */
  readonly page: number;
  /** The tab that appends it; another one does when that tab is gone. */
  readonly tab: string;
  /** It can be called back until then, and is not sent before; epoch ms by this device's clock. */
  readonly heldUntil?: number | undefined;
  /** The worker may have sent it while no window was open; `taken`: and the server has said that it is there. */
  readonly posted?: true | 'taken' | undefined;
}

export interface SealedRow {
  readonly room: string;
  readonly page: number;
  readonly etag: string | null;
  /** A later revision is known: ask again when there is a line. */
  readonly stale: boolean;
  readonly body: SealedPage;
}

export interface RoomRow {
  readonly id: string;
  /** null: made on this device and unknown to the server so far. */
  readonly summary: RoomSummary | null;
  /** The page kept as a document on this device; null: none. */
  readonly head: number | null;
  /**
   * The place in the summary up to which history was fetched: `<head>/<n>/<last id>`, then replies and changes where there
   * are any.
   */
  readonly fetched: string | null;
}

export interface ReadRow {
  readonly room: string;
  readonly n: number;
}

/** What was typed here and is not in the person's own document yet. */
export interface DraftRow {
  /** The room, or what in it. */
  readonly room: string;
  readonly text: string;
  /** When its last key was typed, epoch ms; missing in rows of versions that kept drafts here for good. */
  readonly at?: number;
}

/** A message that is to be sent later. */
export interface ScheduledRow {
  readonly room: string;
  readonly id: string;
  /** Signed; its `sentAt` is when it is to be sent. */
  readonly entry: Entry;
  /** device: to be brought to the server. removing: to be taken back from it. refused: by the server, see `code`. */
  readonly state: 'device' | 'server' | 'refused' | 'removing';
  readonly code: FailureCode | null;
  /** The server may have it, in this form or another. */
  readonly told: boolean;
}

interface Schema extends DBSchema {
  scheduled: { key: [string, string]; value: ScheduledRow };
  outbox: { key: [string, string]; value: OutboxRow };
  sealedPages: { key: [string, number]; value: SealedRow };
  rooms: { key: string; value: RoomRow };
  people: { key: string; value: UserInfo };
  drafts: { key: string; value: DraftRow };
  reads: { key: string; value: ReadRow };
  meta: { key: string; value: unknown };
}
type Store = 'outbox' | 'scheduled' | 'sealedPages' | 'rooms' | 'people' | 'drafts' | 'reads' | 'meta';

type Changes = (
  put: (store: Store, value: unknown, key?: string) => void,
  del: (store: Store, key: IDBValidKey) => void
) => void;

/** A browser whose IndexedDB hangs must not hold a message back for ever. */
const WRITE_PATIENCE_MS = 5_000;

const NAME_ALONE = { displayName: '', avatar: null, status: '', colour: null, deleted: false };

export const userDbName = (prefix: string, user: string, generation: string): string =>
  `${prefix}-${user}-${generation}`;

/** Name of the database of a page's document. */
export const pageDbName = (userDb: string, room: string, page: number): string => `${userDb}-page-${room}-${page}`;

/**
 * Name of the database of the person's own document: beside those of the pages, with which it comes and goes. No room
 * has an id so short.
 */
export const personalDbName = (userDb: string): string => `${userDb}-page-personal`;

export class UserDb {
  readonly name: string;
  readonly #connection: Connection<Schema>;
  readonly #report: (stored: Stored) => void;

  /** @param report told of each write's outcome, so that the person learns of trouble and of its end */
  constructor(name: string, report: (stored: Stored) => void) {
    this.name = name;
    this.#report = report;
    this.#connection = new Connection(name, 2, (db, from) => {
      db.createObjectStore('scheduled', { keyPath: ['room', 'id'] });
      if (from > 0) return;
      db.createObjectStore('outbox', { keyPath: ['room', 'id'] });
      db.createObjectStore('sealedPages', { keyPath: ['room', 'page'] });
      db.createObjectStore('rooms', { keyPath: 'id' });
      db.createObjectStore('people', { keyPath: 'id' });
      db.createObjectStore('drafts', { keyPath: 'room' });
      db.createObjectStore('reads', { keyPath: 'room' });
      db.createObjectStore('meta');
    });
  }

  /** One transaction; good when complete. */
  #write(stores: readonly Store[], run: Changes): Promise<Stored> {
    return this.#transact(stores, async (tx) => {
      const requests: Promise<unknown>[] = [];
      run(
        (store, value, key) => requests.push(tx.objectStore(store).put(value, key)),
        (store, key) => requests.push(tx.objectStore(store).delete(key as never))
      );
      await Promise.all(requests);
    });
  }

  async #transact<Name extends Store>(
    stores: readonly Name[],
    run: (tx: IDBPTransaction<Schema, Name[], 'readwrite'>) => Promise<unknown>
  ): Promise<Stored> {
    // Only what exists nowhere else is worth waiting for the disk itself.
    const durability = stores.some((store) => store === 'outbox' || store === 'scheduled') ? 'strict' : 'relaxed';
    const write = this.#connection.write([...stores], durability, run);
    const stored = await within<Stored, Stored>(WRITE_PATIENCE_MS, write, { ok: false, failure: 'failed' });
    if (!this.#connection.closed) this.#report(stored);
    return stored;
  }

  outbox(): Promise<OutboxRow[]> {
    return this.#connection.use((db) => db.getAll('outbox'));
  }
  outboxOf(room: string): Promise<OutboxRow[]> {
    return this.#connection.use((db) => db.getAll('outbox', IDBKeyRange.bound([room], [room, []])));
  }
  /** The worker's mark stays, whatever the window knew of it that writes the row. */
  putOutbox(rows: readonly OutboxRow[]): Promise<Stored> {
    return this.#transact(['outbox'], async (tx) => {
      const store = tx.objectStore('outbox');
      const known = await Promise.all(rows.map(({ room, id }) => store.get([room, id])));
      await Promise.all(rows.map(async (row, at) => store.put({ ...row, posted: known[at]?.posted ?? row.posted })));
    });
  }
  deleteOutbox(keys: readonly (readonly [room: string, id: string])[]): Promise<Stored> {
    return this.#write(['outbox'], (_put, del) => {
      for (const [room, id] of keys) del('outbox', [room, id]);
    });
  }

  /**
   * Takes a row away unless the worker may have sent it, in one transaction, as the worker marks it in one. What was
   * refused is with nobody.
   * @returns false: it stays
   */
  async takeBack(room: string, id: string): Promise<boolean> {
    let isPosted = false;
    const written = this.#connection.write(['outbox'], 'strict', async (tx) => {
      const store = tx.objectStore('outbox');
      const row = await store.get([room, id]);
      isPosted = row?.state === 'kept' && row.posted !== undefined;
      if (!isPosted) await store.delete([room, id]);
    });
    // A disk that cannot say has let nobody mark it.
    await within(WRITE_PATIENCE_MS, written, null);
    return !isPosted;
  }

  scheduled(): Promise<ScheduledRow[]> {
    return this.#connection.use((db) => db.getAll('scheduled'));
  }
  putScheduled(rows: readonly ScheduledRow[]): Promise<Stored> {
    return this.#write(['scheduled'], (put) => {
      for (const row of rows) put('scheduled', row);
    });
  }
  deleteScheduled(keys: readonly (readonly [room: string, id: string])[]): Promise<Stored> {
    return this.#write(['scheduled'], (_put, del) => {
      for (const [room, id] of keys) del('scheduled', [room, id]);
    });
  }

  sealedPage(room: string, page: number): Promise<SealedRow | undefined> {
    return this.#connection.use((db) => db.get('sealedPages', [room, page]));
  }
  /** Numbers of the room's pages that are here, newest first. */
  async sealedNumbers(room: string): Promise<number[]> {
    const keys = await this.#connection.use((db) =>
      db.getAllKeys('sealedPages', IDBKeyRange.bound([room], [room, Infinity]))
    );
    return keys.map(([, page]) => page).reverse();
  }
  sealedPages(): Promise<SealedRow[]> {
    return this.#connection.use((db) => db.getAll('sealedPages'));
  }
  putSealedPage(row: SealedRow): Promise<Stored> {
    return this.#write(['sealedPages'], (put) => put('sealedPages', row));
  }

  deleteSealedPage(room: string, page: number): Promise<Stored> {
    return this.#write(['sealedPages'], (_put, del) => del('sealedPages', [room, page]));
  }

  rooms(): Promise<RoomRow[]> {
    return this.#connection.use((db) => db.getAll('rooms'));
  }
  putRooms(rows: readonly RoomRow[], gone: readonly string[] = []): Promise<Stored> {
    return this.#write(['rooms'], (put, del) => {
      for (const row of rows) put('rooms', row);
      for (const id of gone) del('rooms', id);
    });
  }

  async people(): Promise<UserInfo[]> {
    const people = await this.#connection.use((db) => db.getAll('people'));
    // A version that knew names alone may have written them.
    return people.map((person) => ({ ...NAME_ALONE, ...person }));
  }
  putPeople(people: readonly UserInfo[]): Promise<Stored> {
    return this.#write(['people'], (put) => {
      for (const person of people) put('people', person);
    });
  }

  drafts(): Promise<DraftRow[]> {
    return this.#connection.use((db) => db.getAll('drafts'));
  }
  putDraft(row: DraftRow): Promise<Stored> {
    return this.#write(['drafts'], (put) => put('drafts', row));
  }
  /** @param at only the row of this time: another tab may have typed since */
  async deleteDraft(room: string, at?: number): Promise<Stored> {
    if (at !== undefined) {
      const row = await this.#connection.use((db) => db.get('drafts', room)).catch(() => undefined);
      if (!row || (row.at ?? 0) !== at) return STORED;
    }
    return this.#write(['drafts'], (_put, del) => del('drafts', room));
  }

  reads(): Promise<ReadRow[]> {
    return this.#connection.use((db) => db.getAll('reads'));
  }
  putReads(rows: readonly ReadRow[]): Promise<Stored> {
    return this.#write(['reads'], (put) => {
      for (const row of rows) put('reads', row);
    });
  }

  /** All whose key begins so. */
  async metas<Value>(prefix: string): Promise<readonly Value[]> {
    return (await this.metaRows<Value>(prefix)).map(([, value]) => value);
  }
  /** The same with their keys. */
  metaRows<Value>(prefix: string): Promise<readonly (readonly [key: string, value: Value])[]> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    return this.#connection.use(async (db) => {
      const { store } = db.transaction('meta');
      const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range)]);
      return keys.map((key, at) => [key, values[at] as Value] as const);
    });
  }
  meta<Value>(key: string): Promise<Value | undefined> {
    return this.#connection.use((db) => db.get('meta', key)) as Promise<Value | undefined>;
  }
  putMeta(key: string, value: unknown): Promise<Stored> {
    return this.#write(['meta'], (put) => put('meta', value, key));
  }
  /** Reads and replaces a value in one transaction, so that tabs agree who was first. Throws when it cannot. */
  swapMeta<Value>(key: string, change: (before: Value | undefined) => Value | undefined): Promise<Value | undefined> {
    return this.#connection.use(async (db) => {
      const tx = db.transaction('meta', 'readwrite');
      const after = change((await tx.store.get(key)) as Value | undefined);
      if (after !== undefined) await tx.store.put(after, key);
      await tx.done;
      return after;
    });
  }

  close(): void {
    this.#connection.close();
  }
}

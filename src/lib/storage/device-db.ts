// The small database of the device as a whole: who was signed in last, preferences, names of other databases, and the
// keys that this device signs with. Invariant: holds no chat data, so signing out only has to empty the session and to
// drop the person's key.

import type { DBSchema, IDBPDatabase } from 'idb';
import type { Me } from '#protocol/api/session.ts';
import type { DeviceId } from '#protocol/ids.ts';
import type { SessionEnd } from '#protocol/session-end.ts';
import type { StoredKey } from '../proof/device-key.ts';
import { openDatabase } from './page-cache.ts';

export interface StoredPreferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly sound: boolean;
}

/** A session that ended without its person's doing, and what of theirs waits on this device. */
export interface EndedSession {
  readonly user: string;
  readonly name: string;
  readonly unsent: number;
  /** Left out: the server did not say. */
  readonly cause?: SessionEnd;
  /** What can never be sent any more, of a deleted account. In memory alone: nothing of it stays on the device. */
  readonly lost?: readonly string[];
}
/** A person's key on this device. */
export interface KeyRow {
  readonly user: string;
  readonly id: DeviceId;
  readonly key: StoredKey;
  /** Whether the server has taken it for the present session. */
  readonly registered: boolean;
}

interface Schema extends DBSchema {
  values: { key: string; value: unknown };
  /** Databases made for a user, for browsers that cannot list databases. */
  databases: { key: string; value: { name: string; user: string }; indexes: { user: string } };
}

const SESSION = 'session';
const ENDED = 'ended';
const PREFERENCES = 'preferences';
/** What the app offers once on a device. */
export type Offer = 'install' | 'push';
const offeredKey = (offer: Offer): string => `${offer}Offered`;
const keyOf = (user: string): string => `key/${user}`;

export class DeviceDb {
  readonly #db: IDBPDatabase<Schema>;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  static async open(prefix: string): Promise<DeviceDb> {
    const db = await openDatabase<Schema>(`${prefix}-device`, 1, {
      upgrade(upgrading) {
        upgrading.createObjectStore('values');
        upgrading.createObjectStore('databases', { keyPath: 'name' }).createIndex('user', 'user');
      },
      // A newer version of the app in another tab needs the database for itself.
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close()
    });
    return new DeviceDb(db);
  }

  async session(): Promise<Me | null> {
    return ((await this.#db.get('values', SESSION)) as Me | undefined) ?? null;
  }

  async setSession(me: Me | null): Promise<void> {
    await this.#put(SESSION, me);
  }

  async endedSession(): Promise<EndedSession | null> {
    return ((await this.#db.get('values', ENDED)) as EndedSession | undefined) ?? null;
  }

  async setEndedSession(ended: EndedSession | null): Promise<void> {
    await this.#put(ENDED, ended);
  }

  async preferences(): Promise<StoredPreferences | null> {
    return ((await this.#db.get('values', PREFERENCES)) as StoredPreferences | undefined) ?? null;
  }

  async setPreferences(preferences: StoredPreferences): Promise<void> {
    await this.#put(PREFERENCES, preferences);
  }

  async wasOffered(offer: Offer): Promise<boolean> {
    return (await this.#db.get('values', offeredKey(offer))) === true;
  }

  async noteOffered(offer: Offer): Promise<void> {
    await this.#put(offeredKey(offer), true);
  }

  async rememberDatabase(name: string, user: string): Promise<void> {
    const tx = this.#db.transaction('databases', 'readwrite');
    await Promise.all([tx.store.put({ name, user }), tx.done]);
  }

  async databasesOf(user: string): Promise<string[]> {
    return this.#db.getAllKeysFromIndex('databases', 'user', user);
  }

  async forgetDatabase(name: string): Promise<void> {
    const tx = this.#db.transaction('databases', 'readwrite');
    await Promise.all([tx.store.delete(name), tx.done]);
  }

  async key(user: string): Promise<KeyRow | null> {
    return ((await this.#db.get('values', keyOf(user))) as KeyRow | undefined) ?? null;
  }

  /**
   * Stores a key unless another tab was faster. @param before the key that it takes the place of, null: none
   * @returns the one that is stored now
   */
  async swapKey(row: KeyRow, before: DeviceId | null): Promise<KeyRow> {
    const tx = this.#db.transaction('values', 'readwrite');
    // Whatever fails below says why; the transaction's own rejection has nothing to add.
    tx.done.catch(() => undefined);
    const there = ((await tx.store.get(keyOf(row.user))) as KeyRow | undefined) ?? null;
    if (there && there.id !== before) return there;
    await tx.store.put(row, keyOf(row.user));
    await tx.done;
    return row;
  }

  /** Notes whether the server knows this key; another one in its place is left alone. */
  async markKey(user: string, id: DeviceId, registered: boolean): Promise<void> {
    const tx = this.#db.transaction('values', 'readwrite');
    const row = (await tx.store.get(keyOf(user))) as KeyRow | undefined;
    const changed = row?.id === id && row.registered !== registered;
    await Promise.all([changed ? tx.store.put({ ...row, registered }, keyOf(user)) : null, tx.done]);
  }

  async dropKey(user: string): Promise<void> {
    const tx = this.#db.transaction('values', 'readwrite');
    await Promise.all([tx.store.delete(keyOf(user)), tx.done]);
  }

  async #put(key: string, value: unknown): Promise<void> {
    const tx = this.#db.transaction('values', 'readwrite');
    await Promise.all([tx.store.put(value, key), tx.done]);
  }

  close(): void {
    this.#db.close();
  }
}

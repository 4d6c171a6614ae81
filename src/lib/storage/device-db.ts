// The small database of the device as a whole: who was signed in last, preferences, names of other databases.
// Invariant: holds no chat data, so signing out only has to empty the session.

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Me } from '#protocol/api.ts';

export interface StoredPreferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly sound: boolean;
}

/** A session that ended without its person's doing, and what of theirs waits on this device. */
export interface EndedSession {
  readonly user: string;
  readonly name: string;
  readonly unsent: number;
}

interface Schema extends DBSchema {
  values: { key: string; value: unknown };
  /** Databases made for a user, for browsers that cannot list databases. */
  databases: { key: string; value: { name: string; user: string }; indexes: { user: string } };
}

const SESSION = 'session';
const ENDED = 'ended';
const PREFERENCES = 'preferences';

export class DeviceDb {
  readonly #db: IDBPDatabase<Schema>;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  static async open(prefix: string): Promise<DeviceDb> {
    const db = await openDB<Schema>(`${prefix}-device`, 1, {
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

  async #put(key: string, value: unknown): Promise<void> {
    const tx = this.#db.transaction('values', 'readwrite');
    await Promise.all([tx.store.put(value, key), tx.done]);
  }

  close(): void {
    this.#db.close();
  }
}

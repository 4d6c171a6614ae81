// Signing out: every database of the person goes, of whatever generation, and the key that this device signed with.

import { deleteDB } from 'idb';
import { within } from '../within.ts';
import type { DeviceDb } from './device-db.ts';

/** How long a tab that still has a database open may hold up the sign-out; the deletion goes on behind. */
const BLOCKED_PATIENCE_MS = 2_000;

/** @returns names that could not be deleted yet; the browser deletes them when the last tab lets go */
export async function wipeUser(device: DeviceDb | null, prefix: string, user: string): Promise<string[]> {
  await device?.dropKey(user);
  const names = new Set(await (device?.databasesOf(user) ?? []));
  // Firefox before 126 cannot list databases; then our own list is all there is.
  if (typeof indexedDB.databases === 'function') {
    for (const { name } of await indexedDB.databases().catch(() => [])) {
      if (name?.startsWith(`${prefix}-${user}-`)) names.add(name);
    }
  }
  const left: string[] = [];
  await Promise.all(
    [...names].map(async (name) => {
      const gone = deleteDB(name).then(
        () => true,
        () => false
      );
      const deleted = await within(BLOCKED_PATIENCE_MS, gone, false);
      if (deleted) await device?.forgetDatabase(name);
      else left.push(name);
    })
  );
  return left;
}

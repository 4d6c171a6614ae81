// What a browser has on its disk for the page it shows, read past the app: the only proof that something is kept.
// Invariant: a database that the app deletes meanwhile is not made anew, empty, by being looked at.

import type { Page } from '@playwright/test';
import * as Y from 'yjs';

/** `values`: of the device as a whole; the others are of whatever person's and generation's database. */
type Store = 'outbox' | 'drafts' | 'updates' | 'recordings' | 'meta' | 'chosen' | 'values';

/** Bytes do not survive the way out of the page as they are. */
type Bytes = 'text' | 'numbers';

/** All rows of the stores of this name. */
function readStores<Row>(page: Page, store: Store, as: Bytes, databaseEnd = ''): Promise<Row[]> {
  return page.evaluate(
    async ([wanted, form, end]) => {
      const settled = <Value>(request: IDBRequest<Value>) =>
        new Promise<Value>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error ?? new Error('a request failed'));
        });
      const openExisting = (name: string): Promise<IDBDatabase | null> => {
        const request = indexedDB.open(name);
        let isGone = false;
        request.onupgradeneeded = () => {
          isGone = true;
          request.transaction!.abort();
        };
        return settled(request).catch((error: unknown) => {
          if (isGone) return null;
          throw error;
        });
      };
      const outside = (row: unknown): unknown =>
        !(row instanceof Uint8Array) ? row : form === 'numbers' ? [...row] : new TextDecoder().decode(row);
      const rows: unknown[] = [];
      for (const { name } of await indexedDB.databases()) {
        const db = name!.endsWith(end) ? await openExisting(name!) : null;
        if (db?.objectStoreNames.contains(wanted)) {
          const found = await settled(db.transaction(wanted).objectStore(wanted).getAll());
          for (const row of found) rows.push(outside(row));
        }
        db?.close();
      }
      return rows as Row[];
    },
    [store, as, databaseEnd] as const
  );
}

export const rowsOnDisk = <Row>(page: Page, store: Store): Promise<Row[]> => readStores<Row>(page, store, 'text');

/** Whether the document of some room's page holds the text. */
export async function isInPageOnDisk(page: Page, text: string): Promise<boolean> {
  return (await rowsOnDisk<string>(page, 'updates')).some((update) => update.includes(text));
}

/** Whether the next start of the app takes somebody for signed in. */
export async function isSignedInOnDisk(page: Page): Promise<boolean> {
  const values = await rowsOnDisk<object | string | null>(page, 'values');
  return values.some((value) => typeof value === 'object' && value !== null && 'generation' in value);
}

/** Texts of drafts: in rows while keys are struck, in the person's own document after. */
export async function draftsOnDisk(page: Page): Promise<string[]> {
  const readRows = () => rowsOnDisk<{ room: string; text: string }>(page, 'drafts');
  let updates: number[][];
  let before: unknown;
  let rows = await readRows();
  // A draft moves from there into the document: between two readings that agree it is missed in neither.
  do {
    before = rows;
    updates = await readStores<number[]>(page, 'updates', 'numbers', '-page-personal');
    rows = await readRows();
  } while (JSON.stringify(before) !== JSON.stringify(rows));
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, new Uint8Array(update));
  const drafts = new Map<string, string>();
  for (const [room, { text }] of doc.getMap<{ text: string }>('drafts')) drafts.set(room, text);
  doc.destroy();
  for (const { room, text } of rows) drafts.set(room, text);
  return [...drafts.values()].filter((text) => text !== '');
}

/** Deletes the records of page documents that hold the text. @returns how many */
export function forgetUpdatesWith(page: Page, text: string): Promise<number> {
  return page.evaluate(async (wanted) => {
    const settled = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('a request failed'));
      });
    let forgotten = 0;
    for (const { name } of await indexedDB.databases()) {
      if (!name!.includes('-page-')) continue;
      const request = indexedDB.open(name!);
      request.onupgradeneeded = () => request.transaction!.abort();
      const db = await settled(request).catch(() => null);
      if (!db) continue;
      const updates = db.transaction('updates', 'readwrite').objectStore('updates');
      const [keys, values] = await Promise.all([settled(updates.getAllKeys()), settled(updates.getAll())]);
      for (const [at, value] of values.entries()) {
        if (!new TextDecoder().decode(value as Uint8Array).includes(wanted)) continue;
        await settled(updates.delete(keys[at]!));
        forgotten += 1;
      }
      db.close();
    }
    return forgotten;
  }, text);
}

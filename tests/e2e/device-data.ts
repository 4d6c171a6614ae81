// What a browser has on its disk for the page it shows, read past the app: the only proof that something is kept.

import type { Page } from '@playwright/test';
import * as Y from 'yjs';

/** All rows of the stores of this name, of whatever person's and generation's database. */
export function rowsOnDisk<Row>(page: Page, store: 'outbox' | 'drafts' | 'updates' | 'recordings'): Promise<Row[]> {
  return page.evaluate(async (wanted) => {
    const settled = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('a request failed'));
      });
    /** One that the app has deleted meanwhile must not be made anew: the app would find it without its stores. */
    const opened = (name: string) => {
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
    const rows: unknown[] = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await opened(name!);
      if (!db) continue;
      if (db.objectStoreNames.contains(wanted)) {
        const found = await settled(db.transaction(wanted).objectStore(wanted).getAll());
        // Bytes do not survive the way out of the page; what is looked for in them is text.
        for (const row of found) rows.push(row instanceof Uint8Array ? new TextDecoder().decode(row) : row);
      }
      db.close();
    }
    return rows as Row[];
  }, store);
}

/** Whether the document of some room's page holds the text. */
export async function isInPageOnDisk(page: Page, text: string): Promise<boolean> {
  return (await rowsOnDisk<string>(page, 'updates')).some((update) => update.includes(text));
}

/** Texts of drafts: in rows while keys are struck, in the person's own document after. */
export async function draftsOnDisk(page: Page): Promise<string[]> {
  const updates = await page.evaluate(async () => {
    const settled = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('a request failed'));
      });
    const found: number[][] = [];
    for (const { name } of await indexedDB.databases()) {
      if (!name!.endsWith('-page-personal')) continue;
      const db = await settled(indexedDB.open(name!));
      if (db.objectStoreNames.contains('updates')) {
        const rows = await settled(db.transaction('updates').objectStore('updates').getAll());
        for (const row of rows as Uint8Array[]) found.push([...row]);
      }
      db.close();
    }
    return found;
  });
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, new Uint8Array(update));
  const drafts = new Map<string, string>();
  for (const [room, { text }] of doc.getMap<{ text: string }>('drafts')) drafts.set(room, text);
  doc.destroy();
  // Read last, and what is newer: a draft moves from here into the document.
  for (const { room, text } of await rowsOnDisk<{ room: string; text: string }>(page, 'drafts')) drafts.set(room, text);
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
      const db = await settled(indexedDB.open(name!));
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

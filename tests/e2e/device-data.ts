// What a browser has on its disk for the page it shows, read past the app: the only proof that something is kept.

import type { Page } from '@playwright/test';

/** All rows of the stores of this name, of whatever person's and generation's database. */
export function rowsOnDisk<Row>(page: Page, store: 'outbox' | 'drafts' | 'updates'): Promise<Row[]> {
  return page.evaluate(async (wanted) => {
    const settled = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('a request failed'));
      });
    const rows: unknown[] = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await settled(indexedDB.open(name!));
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

export async function draftsOnDisk(page: Page): Promise<string[]> {
  return (await rowsOnDisk<{ text: string }>(page, 'drafts')).map(({ text }) => text);
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

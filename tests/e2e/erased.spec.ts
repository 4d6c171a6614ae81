// What was taken away is gone from the browsers of those who had it, after their next sync: from all databases there.
// The bytes of the browser's own files are its own affair (docs/security.md).

import { randomBytes } from 'node:crypto';
import { expect, test, type Page } from '@playwright/test';
import { Meeting } from './meeting.ts';
import { expectArrived, message, openMessageSheet, send } from './person.ts';

test('[ERASE-25] a redacted message is in no database of any browser that had it, after its next sync', async ({
  browserName
}) => {
  await using meeting = await Meeting.open(browserName);
  const { ann, bo } = meeting;
  const canary = `canary${randomBytes(12).toString('hex')}`;
  await send(bo.page, canary);
  await expectArrived(bo.page, canary);
  await expect(message(ann.page, canary)).toBeVisible();
  await expect.poll(() => inDatabases(ann.page, canary)).not.toEqual([]);
  await meeting.cut();

  await openMessageSheet(ann.page, canary);
  await ann.page.getByRole('button', { name: 'Remove for everybody' }).click();
  await expect(ann.page.getByText('You removed this message')).toBeVisible();
  await expect.poll(() => inDatabases(ann.page, canary)).toEqual([]);
  await expect.poll(() => inDatabases(bo.page, canary)).not.toEqual([]);
  await meeting.restore();
  await expect(bo.page.getByText('Message removed')).toBeVisible();
  await expect.poll(() => inDatabases(bo.page, canary)).toEqual([]);
});

/** Names of the stores of this page's databases that hold the text anywhere. */
function inDatabases(page: Page, text: string): Promise<string[]> {
  return page.evaluate(async (wanted) => {
    const settled = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('a request failed'));
      });
    const readable = (_key: string, value: unknown): unknown =>
      value instanceof Uint8Array || value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value;
    const found: string[] = [];
    for (const { name } of await indexedDB.databases()) {
      const request = indexedDB.open(name!);
      // One that the app has deleted since is not made anew by being looked at.
      request.onupgradeneeded = () => request.transaction!.abort();
      const db = await settled(request).catch(() => null);
      if (!db) continue;
      for (const store of db.objectStoreNames) {
        const rows = await settled(db.transaction(store).objectStore(store).getAll());
        if (JSON.stringify(rows, readable).includes(wanted)) found.push(`${name}/${store}`);
      }
      db.close();
    }
    return found;
  }, text);
}

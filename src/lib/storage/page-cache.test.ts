import 'fake-indexeddb/auto';
import { deleteDB, type DBSchema } from 'idb';
import { afterEach, expect, test } from 'vitest';
import { endTransactionsWhenAway, openDatabase } from './page-cache.ts';

interface Schema extends DBSchema {
  values: { key: string; value: string };
}
const WEBKIT = { vendor: 'Apple Computer, Inc.' };
let opened = 0;
let page: EventTarget;

async function window(engine: { readonly vendor: string }) {
  page = new EventTarget();
  let reloads = 0;
  endTransactionsWhenAway(page, engine, () => (reloads += 1));
  const name = `page-cache-${(opened += 1)}`;
  const db = await openDatabase<Schema>(name, 1, { upgrade: (made) => made.createObjectStore('values') });
  return { db, name, reloads: () => reloads };
}

function pass(type: 'pagehide' | 'pageshow', persisted: boolean): void {
  page.dispatchEvent(Object.assign(new Event(type), { persisted }));
}

afterEach(async () => {
  pass('pageshow', true);
  for (; opened > 0; opened -= 1) await deleteDB(`page-cache-${opened}`, { blocked: () => undefined });
});

test('[CLIENT-48] a page that WebKit puts away holds up nobody: what it writes then is refused, and it begins anew', async () => {
  const { db, reloads } = await window(WEBKIT);
  const underWay = db.put('values', 'half', 'before');
  pass('pagehide', true);
  await expect(underWay).rejects.toThrow();
  await expect(db.put('values', 'late', 'after')).rejects.toThrow();
  pass('pageshow', true);
  expect(reloads()).toBe(1);
  await db.put('values', 'again', 'back');
  expect(await db.getAllKeys('values')).toEqual(['back']);
  db.close();
});

test('[CLIENT-48] what is being written to the end already holds nothing else open: the rest is ended, and it goes on', async () => {
  const { db } = await window(WEBKIT);
  const ending = db.transaction('values', 'readwrite');
  void ending.store.put('whole', 'ending');
  ending.commit();
  const underWay = db.put('values', 'half', 'before');
  pass('pagehide', true);
  await expect(underWay).rejects.toThrow();
  await ending.done;
  pass('pageshow', true);
  expect(await db.getAllKeys('values')).toEqual(['ending']);
  db.close();
});

test('[CLIENT-48] a page that comes back with all it wrote goes on as it was', async () => {
  const { db, reloads } = await window(WEBKIT);
  await db.put('values', 'kept', 'before');
  pass('pagehide', true);
  pass('pageshow', true);
  expect(reloads()).toBe(0);
  expect(await db.get('values', 'before')).toBe('kept');
  db.close();
});

test.for([
  ['a page that ends', WEBKIT, false],
  ['a page of another engine', { vendor: 'Google Inc.' }, true]
] as const)('[CLIENT-48] %s may write to the last', async ([, engine, persisted]) => {
  const { db } = await window(engine);
  const underWay = db.put('values', 'half', 'before');
  pass('pagehide', persisted);
  await underWay;
  await db.put('values', 'late', 'after');
  expect(await db.getAllKeys('values')).toEqual(['after', 'before']);
  db.close();
});

import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import { IndexeddbPersistence, PREFERRED_TRIM_SIZE } from 'y-indexeddb';
import * as Y from 'yjs';
import { PagePersistence } from './page-persistence.ts';
import type { Stored } from './storage-failure.ts';
import { breakWrites } from './testing/broken-writes.ts';

let databases = 0;
const freshName = (): string => `page-${(databases += 1)}`;

async function setup(name = freshName()) {
  const doc = new Y.Doc();
  const outcomes: Stored[] = [];
  let superseded = 0;
  const events = { stored: (outcome: Stored) => outcomes.push(outcome), superseded: () => (superseded += 1) };
  const persistence = new PagePersistence(name, doc, events);
  onTestFinished(() => persistence.close());
  const loaded = await persistence.load();
  return { name, doc, persistence, outcomes, loaded, superseded: () => superseded, list: doc.getArray<string>('list') };
}

/** One request on the stored updates, as the database itself sees them. */
async function onUpdates<Value>(name: string, run: (updates: IDBObjectStore) => IDBRequest<Value>): Promise<Value> {
  const db = await settled(indexedDB.open(name));
  const value = await settled(run(db.transaction('updates', 'readwrite').objectStore('updates')));
  db.close();
  return value;
}

const settled = <Value>(request: IDBRequest<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });

const records = (name: string): Promise<number> => onUpdates(name, (updates) => updates.count());

test('[CLIENT-30] what y-indexeddb wrote is read, and the other way round', async () => {
  const name = freshName();
  const stockDoc = new Y.Doc();
  const stock = new IndexeddbPersistence(name, stockDoc);
  await stock.whenSynced;
  stockDoc.getArray('list').push(['by stock']);
  await stock.destroy();

  const { persistence, list } = await setup(name);
  expect(list.toArray()).toEqual(['by stock']);
  list.push(['by us']);
  await persistence.close();

  const again = new Y.Doc();
  const reader = new IndexeddbPersistence(name, again);
  await reader.whenSynced;
  expect(again.getArray('list').toArray()).toEqual(['by stock', 'by us']);
  await reader.destroy();
});

test('[CLIENT-31] settled means that the transaction is complete', async () => {
  const { name, doc, persistence, list, outcomes } = await setup();
  list.push(['a']);
  list.push(['b']);
  await persistence.settled();
  expect(outcomes).toEqual([{ ok: true }]);
  expect(await records(name)).toBe(1);
  expect((await setup(name)).list.toArray()).toEqual(['a', 'b']);
  doc.destroy();
});

test('[CLIENT-32] an aborted write is reported and made good by the next one: nothing after it is stranded', async () => {
  const { name, persistence, list, outcomes } = await setup();
  list.push(['before']);
  await persistence.settled();
  const mend = breakWrites((database) => database === name, 'AbortError');
  list.push(['lost']);
  await persistence.settled();
  mend();
  expect(outcomes).toEqual([{ ok: true }, { ok: false, failure: 'failed' }]);
  list.push(['after']);
  await persistence.settled();
  const again = await setup(name);
  expect(again.loaded).toEqual({ ok: true, stranded: false, empty: false });
  expect(again.list.toArray()).toEqual(['before', 'lost', 'after']);
});

test('[CLIENT-33] a full disk is told as such, edits go on, and all is there once there is room', async () => {
  const { name, persistence, list, outcomes } = await setup();
  const mend = breakWrites((database) => database === name);
  for (let number = 0; number < 60; number += 1) {
    list.push([`item ${number}`]);
    await persistence.settled();
  }
  expect(new Set(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.failure)))).toEqual(new Set(['quota']));
  mend();
  list.push(['last']);
  await persistence.settled();
  expect((await setup(name)).list.length).toBe(61);
});

test('[CLIENT-34] a copy that lost a write in the middle says that it is stranded', async () => {
  const name = freshName();
  const source = new Y.Doc();
  const updates: Uint8Array[] = [];
  source.on('update', (update: Uint8Array) => updates.push(update));
  for (const item of ['a', 'b', 'c']) source.getArray('list').push([item]);
  await (await setup(name)).persistence.close();
  for (const update of [updates[0]!, updates[2]!]) await onUpdates(name, (store) => store.add(update));
  const { loaded, list } = await setup(name);
  expect(loaded).toEqual({ ok: true, stranded: true, empty: false });
  expect(list.toArray()).toEqual(['a']);
});

test('[CLIENT-35] a connection that was closed under it is opened again', async () => {
  const { name, persistence, list, outcomes } = await setup();
  list.push(['a']);
  await persistence.settled();
  // What another tab's upgrade or a browser short of memory does.
  const deleting = indexedDB.deleteDatabase(name);
  await new Promise((resolve) => (deleting.onsuccess = resolve));
  list.push(['b']);
  await persistence.settled();
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
});

test('[CLIENT-36] many records become one, and erased content leaves the disk at once', async () => {
  const { name, persistence, list } = await setup();
  for (let number = 0; number < PREFERRED_TRIM_SIZE + 10; number += 1) {
    list.push([`item ${number}`]);
    await persistence.settled();
  }
  expect(await records(name)).toBeLessThan(20);
  list.push(['a secret']);
  await persistence.settled();
  list.delete(list.length - 1);
  await persistence.settled();
  expect(await records(name)).toBe(1);
  const again = await setup(name);
  expect(new TextDecoder().decode(Y.encodeStateAsUpdate(again.doc))).not.toContain('a secret');
});

test('[CLIENT-36] what is erased at any moment of another write leaves the disk with the next one', async () => {
  for (let turns = 0; turns < 40; turns++) {
    const { name, persistence, list } = await setup();
    list.push(['a canary']);
    await persistence.settled();
    list.push(['more']);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    list.delete(0);
    await persistence.settled();
    const stored = await onUpdates(name, (updates) => updates.getAll() as IDBRequest<Uint8Array[]>);
    expect(
      stored.filter((record) => Buffer.from(record).includes('canary')),
      `${turns} turns later`
    ).toEqual([]);
  }
});

test('[CLIENT-37] after a rebuild in one tab, another tab writes nothing of what it still holds', async () => {
  const left = await setup();
  left.list.push(['old']);
  await left.persistence.settled();
  const right = await setup(left.name);
  const fresh = new Y.Doc();
  fresh.getArray('list').push(['new']);
  const replaced = await left.persistence.replaceWith(fresh, { stored: () => undefined, superseded: () => undefined });
  onTestFinished(() => replaced.close());
  right.list.push(['written on the old copy']);
  await right.persistence.settled();
  expect(right.superseded()).toBe(1);
  expect(right.outcomes).toEqual([]);
  expect((await setup(left.name)).list.toArray()).toEqual(['new']);
});

test('[CLIENT-38] a rebuild whose write fails leaves the old copy where it is', async () => {
  const { name, persistence, list } = await setup();
  list.push(['old']);
  await persistence.settled();
  const fresh = new Y.Doc();
  fresh.getArray('list').push(['new']);
  const outcomes: Stored[] = [];
  const mend = breakWrites((database) => database === name);
  const next = await persistence.replaceWith(fresh, {
    stored: (outcome) => outcomes.push(outcome),
    superseded: () => undefined
  });
  mend();
  expect(outcomes).toEqual([{ ok: false, failure: 'quota' }]);
  expect((await setup(name)).list.toArray()).toEqual(['old']);
  fresh.getArray('list').push(['more']);
  await next.close();
  expect((await setup(name)).list.toArray()).toEqual(['new', 'more']);
});

test('[CLIENT-39] what is asked for while it closes, or after, opens no database again: a wiped device stays wiped', async () => {
  const name = freshName();
  const events = { stored: () => undefined, superseded: () => undefined };
  const late = new PagePersistence(name, new Y.Doc(), events);
  await late.close();
  expect(await late.load()).toMatchObject({ ok: false });

  const during = new PagePersistence(name, new Y.Doc(), events);
  const loading = during.load();
  await during.close();
  expect(await loading).toMatchObject({ ok: false });
  // Its connection, if there is one, would be told to let go: it must have by itself.
  await new Promise<void>((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(name);
    deleting.onblocked = () => reject(new Error('still open'));
    deleting.onsuccess = () => resolve();
  });
  expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name);
});

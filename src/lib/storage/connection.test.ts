import 'fake-indexeddb/auto';
import { deleteDB, openDB, type DBSchema } from 'idb';
import { expect, test } from 'vitest';
import { Connection } from './connection.ts';

interface Schema extends DBSchema {
  notes: { key: string; value: string };
}
let made = 0;

function setup() {
  const name = `connection-${++made}`;
  const connection = new Connection<Schema>(name, 1, (db) => db.createObjectStore('notes'));
  return { name, connection, [Symbol.dispose]: () => connection.close() };
}

test('who deletes the database in another tab gets it, and the next question opens it anew', async () => {
  using opened = setup();
  await opened.connection.use((db) => db.put('notes', 'there', 'one'));
  await deleteDB(opened.name);
  expect(await opened.connection.use((db) => db.getAll('notes'))).toEqual([]);
});

test('what was asked of a connection that is closed under it is asked once more, and not a third time', async () => {
  using opened = setup();
  let asked = 0;
  const closedUnder = (times: number) =>
    opened.connection.use((db) => {
      if (++asked <= times) db.close();
      return db.getAll('notes');
    });
  expect(await closedUnder(1)).toEqual([]);
  expect(asked).toBe(2);
  asked = 0;
  await expect(closedUnder(2)).rejects.toMatchObject({ name: 'InvalidStateError' });
  expect(asked).toBe(2);
});

test('closed it stays closed, also while it opens', async () => {
  using opened = setup();
  const asked = opened.connection.use((db) => db.getAll('notes'));
  opened.connection.close();
  await expect(asked).rejects.toMatchObject({ name: 'InvalidStateError' });
  await expect(opened.connection.use((db) => db.getAll('notes'))).rejects.toThrow('closed');
  await deleteDB(opened.name);
});

test('a database that could not be opened is opened when it is asked for next', async () => {
  using opened = setup();
  (await openDB(opened.name, 2)).close();
  await expect(opened.connection.use((db) => db.getAll('notes'))).rejects.toMatchObject({ name: 'VersionError' });
  await deleteDB(opened.name);
  expect(await opened.connection.use((db) => db.getAll('notes'))).toEqual([]);
});

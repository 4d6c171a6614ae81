import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { BlobDb, blobDbName } from '../storage/blob-db.ts';
import { DeviceDb } from '../storage/device-db.ts';
import { UserDb, userDbName, type OutboxRow } from '../storage/user-db.ts';
import { adoptOlderGenerations } from './older-generation.ts';

const ROOM = 'r'.repeat(22);
const ANN = `u${'a'.repeat(22)}`;

function row(number: number, posted: OutboxRow['posted']): OutboxRow {
  const id = `entry-000${number}`;
  const entry: Entry = { id, type: 'message', author: ANN, sentAt: number, body: 'Ahoy' };
  return { room: ROOM, id, entry, state: 'kept', code: null, page: 0, tab: 'tab', posted };
}

test('[AWAY-1] what a server had taken that was put back from an older copy is sent again, also while the app is closed', async () => {
  const device = await DeviceDb.open('older');
  const [before, current] = ['g1', 'g2'].map((generation) => userDbName('older', ANN, generation)) as [string, string];
  const old = new UserDb(before, () => undefined);
  const db = new UserDb(current, () => undefined);
  const blobs = new BlobDb(blobDbName(current), () => 0);
  onTestFinished(() => {
    for (const one of [device, old, db, blobs]) one.close();
  });
  for (const name of [before, current, blobDbName(current)]) await device.rememberDatabase(name, ANN);
  await old.putOutbox([row(1, 'taken'), row(2, true), row(3, undefined)]);

  await adoptOlderGenerations({ prefix: 'older', user: ANN, current: db, blobs, device, tab: 'tab' });
  // It may be in that copy all the same: its removal is no matter of this device alone.
  expect((await db.outbox()).map(({ id, posted }) => [id, posted])).toEqual([
    ['entry-0001', true],
    ['entry-0002', true],
    ['entry-0003', undefined]
  ]);
});

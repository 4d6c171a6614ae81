import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { UserDb, type OutboxRow } from '../lib/storage/user-db.ts';
import { claimRow, markTaken } from './claim-row.ts';

const ROOM = 'r'.repeat(22);
const ANN = `u${'a'.repeat(22)}`;

function row(number: number, more: object = {}, of: Partial<OutboxRow> = {}): OutboxRow {
  const id = `entry-000${number}`;
  const entry = { id, type: 'message', author: ANN, sentAt: number, body: 'Ahoy', ...more } as Entry;
  return { room: ROOM, id, entry, state: 'kept', code: null, page: 0, tab: 'tab', ...of };
}

test('[AWAY-4] what is to go is marked before it goes; what was taken away since it was read stays; what was taken goes once', async () => {
  const app = new UserDb('claims', () => undefined);
  onTestFinished(() => app.close());
  const [plain, gone, removed, failed] = [row(1), row(2), row(3), row(4)];
  const removal = row(5, { type: 'redaction', target: removed.id, of: ANN }, { heldUntil: 2_000 });
  await app.putOutbox([plain, removed, removal, { ...failed, state: 'failed', code: 'not-allowed' }]);
  const db = await openDB('claims');
  onTestFinished(() => db.close());

  expect(await claimRow(db, plain, 1_000)).toMatchObject({ id: plain.id, entry: plain.entry });
  for (const other of [gone, removed, removal, failed]) expect(await claimRow(db, other, 1_000)).toBeNull();
  const marked = (await app.outbox()).filter(({ posted }) => posted).map(({ id }) => id);
  expect(marked).toEqual([plain.id]);
  expect(await claimRow(db, plain, 1_000)).toMatchObject({ id: plain.id });

  for (const one of [plain, gone, removed]) await markTaken(db, one);
  expect((await app.outbox()).map(({ id, posted }) => [id, posted])).toEqual([
    [plain.id, 'taken'],
    [removed.id, undefined],
    [failed.id, undefined],
    [removal.id, undefined]
  ]);
  expect(await claimRow(db, plain, 1_000)).toBeNull();
});

import 'fake-indexeddb/auto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { CALL_BACK_MS } from '#protocol/limits.ts';
import { breakWrites } from '../storage/testing/broken-writes.ts';
import { UserDb } from '../storage/user-db.ts';
import type { Stored } from '../storage/storage-failure.ts';
import { Outbox } from './outbox.ts';

const ROOM = 'r'.repeat(22);
let databases = 0;
/** What signing does to entries is tested with the whole client. */
const UNSIGNED = { isCurrent: () => true, sign: (_room: string, entry: Entry) => Promise.resolve(entry) };

async function setup(name = `outbox-${(databases += 1)}`, tab = 'tab', now = () => Date.now()) {
  const reports: Stored[] = [];
  const db = new UserDb(name, (stored) => reports.push(stored));
  onTestFinished(() => db.close());
  const announced: string[] = [];
  const outbox = new Outbox(db, tab, UNSIGNED, (room) => announced.push(room), now);
  onTestFinished(() => outbox.close());
  await outbox.load();
  return { name, db, outbox, reports, announced };
}

const entry = (number: number): Entry => ({
  id: `entry-${String(number).padStart(4, '0')}`,
  type: 'message',
  author: `u${'a'.repeat(22)}`,
  sentAt: number,
  body: `body ${number}`
});

const states = (outbox: Outbox) => outbox.of(ROOM).map(({ id, state }) => [id, state]);

test('[OUTBOX-1] an entry is saving until its transaction is complete, then kept, and there after a restart', async () => {
  const { name, outbox } = await setup();
  const added = outbox.add(ROOM, entry(1), 0);
  expect(states(outbox)).toEqual([['entry-0001', 'saving']]);
  expect(await added).toBe('kept');
  expect(states(outbox)).toEqual([['entry-0001', 'kept']]);
  expect(states((await setup(name)).outbox)).toEqual([['entry-0001', 'kept']]);
});

test('[OUTBOX-2] an entry that the disk does not take is not-saved, never kept, and the person is told why', async () => {
  const { name, outbox, reports } = await setup();
  const mend = breakWrites((database) => database === name);
  expect(await outbox.add(ROOM, entry(1), 0)).toBe('not-saved');
  mend();
  expect(reports).toContainEqual({ ok: false, failure: 'quota' });
  expect(states(outbox)).toEqual([['entry-0001', 'not-saved']]);
  expect(states((await setup(name)).outbox)).toEqual([]);
  await outbox.retry(ROOM, 'entry-0001', entry(1), 0);
  expect(states(outbox)).toEqual([['entry-0001', 'kept']]);
});

test('[OUTBOX-3] one entry that does not fit does not take those sent with it along', async () => {
  const { name, outbox } = await setup();
  let writes = 0;
  const mend = breakWrites((database) => database === name && (writes += 1) % 3 === 0);
  await Promise.all([outbox.add(ROOM, entry(1), 0), outbox.add(ROOM, entry(2), 0), outbox.add(ROOM, entry(3), 0)]);
  mend();
  const byState = Object.groupBy(outbox.of(ROOM), ({ state }) => state);
  expect(byState.kept!.length).toBeGreaterThan(0);
  expect(states((await setup(name)).outbox).length).toBe(byState.kept!.length);
});

test('[OUTBOX-4] an arrival that comes while the entry is being written leaves nothing behind', async () => {
  const { name, outbox } = await setup();
  const added = outbox.add(ROOM, entry(1), 0);
  await outbox.remove(ROOM, ['entry-0001']);
  await added;
  expect(states(outbox)).toEqual([]);
  expect(states((await setup(name)).outbox)).toEqual([]);
});

test('[OUTBOX-5] a refusal keeps the content, with its code, over a restart', async () => {
  const { name, outbox } = await setup();
  await outbox.add(ROOM, entry(1), 0);
  await outbox.fail(ROOM, 'entry-0001', 'not-member');
  const again = await setup(name);
  expect(again.outbox.of(ROOM)).toMatchObject([{ state: 'failed', code: 'not-member', entry: { body: 'body 1' } }]);
});

test('[OUTBOX-6] what is sent in one tick is one transaction', async () => {
  const { outbox, reports, announced } = await setup();
  await Promise.all(Array.from({ length: 500 }, (_, number) => outbox.add(ROOM, entry(number), 0)));
  expect(reports.filter(({ ok }) => ok).length).toBeLessThanOrEqual(2);
  expect(announced.length).toBeLessThan(5);
  expect(outbox.of(ROOM)).toHaveLength(500);
});

test('[OUTBOX-8] a message that another tab saw arrive stays in sight until this tab has seen it, and is not waiting', async () => {
  const left = await setup();
  const right = await setup(left.name, 'other tab');
  for (const number of [1, 2]) await left.outbox.add(ROOM, entry(number), 0);
  await left.outbox.fail(ROOM, 'entry-0002', 'clock');
  await right.outbox.reload(ROOM);
  await left.outbox.remove(ROOM, ['entry-0001', 'entry-0002']);
  await right.outbox.reload(ROOM);
  // The failed one was deleted by the person; the kept one can only have arrived.
  expect(right.outbox.goneElsewhere(ROOM).map(({ id }) => id)).toEqual(['entry-0001']);
  expect(right.outbox.shows(ROOM, 'entry-0001')).toBe(true);
  expect(right.outbox.of(ROOM)).toEqual([]);
  expect(right.outbox.size).toBe(0);
  right.outbox.forgetGone(ROOM, ['entry-0001']);
  expect(right.outbox.shows(ROOM, 'entry-0001')).toBe(false);
});

test('[OUTBOX-7] two tabs: what one writes, fails or lets go of, the other sees', async () => {
  const left = await setup();
  const right = await setup(left.name, 'other tab');
  await left.outbox.add(ROOM, entry(1), 0);
  await right.outbox.reload(ROOM);
  expect(states(right.outbox)).toEqual([['entry-0001', 'kept']]);
  await right.outbox.fail(ROOM, 'entry-0001', 'clock');
  await left.outbox.reload(ROOM);
  expect(left.outbox.get(ROOM, 'entry-0001')).toMatchObject({ state: 'failed', code: 'clock' });
  await left.outbox.remove(ROOM, ['entry-0001']);
  await right.outbox.reload(ROOM);
  expect(states(right.outbox)).toEqual([]);
});

const removal: Entry = { ...entry(9), type: 'redaction', target: 'entry-0001', of: entry(1).author };

test('[OUTBOX-14] a removal is on disk at once and not sent before its time, over a restart too; no clock makes that longer', async () => {
  let nowMs = 1_000_000;
  const { name, outbox } = await setup(undefined, 'tab', () => nowMs);
  await outbox.hold(ROOM, removal, 0);
  expect(states(outbox)).toEqual([[removal.id, 'kept']]);
  expect([...outbox.removals.recallable(ROOM).keys()]).toEqual(['entry-0001']);
  nowMs += CALL_BACK_MS;
  const again = (await setup(name, 'another tab', () => nowMs)).outbox;
  expect([...again.removals.notNow(ROOM)]).toEqual([removal.id]);
  // Whoever calls it back at the last moment is heard before it is sent.
  for (const one of [outbox, again]) expect(one.removals.recallable(ROOM).size).toBe(0);
  nowMs += 500;
  for (const one of [outbox, again]) expect(one.removals.notNow(ROOM).size).toBe(0);
  nowMs -= 86_400_000;
  expect(outbox.removals.notNow(ROOM).size).toBe(0);
});

test('[OUTBOX-14] where nobody looks any more, what is held there is to be sent at once, and what another window holds is not', async () => {
  // Time ends nothing here.
  const now = (): number => 1_000_000;
  const { name, outbox, announced } = await setup(undefined, 'tab', now);
  await outbox.hold(ROOM, removal, 0);
  const other = (await setup(name, 'other tab', now)).outbox;
  expect([...other.removals.recallable(ROOM).keys()]).toEqual(['entry-0001']);
  await other.endHolds((tab) => tab === 'other tab');
  expect([...outbox.removals.notNow(ROOM)]).toEqual([removal.id]);
  announced.length = 0;
  await outbox.endHolds((tab) => tab === 'tab');
  await other.reload(ROOM);
  const next = (await setup(name, 'next tab', now)).outbox;
  for (const one of [outbox, other, next]) {
    expect(one.removals.notNow(ROOM).size).toBe(0);
    expect(one.removals.recallable(ROOM).size).toBe(0);
  }
  expect(announced).toEqual([ROOM]);
});

test('[OUTBOX-15] what is to go before it was sent waits with all that is about it; once it was sent it is what another tab says', async () => {
  const { name, outbox } = await setup();
  const edit: Entry = { ...entry(2), type: 'edit', target: 'entry-0001' };
  for (const one of [entry(1), edit, entry(3)]) await outbox.add(ROOM, one, 0);
  const other = (await setup(name, 'other tab')).outbox;
  await other.hold(ROOM, removal, 0);
  await outbox.reload(ROOM);
  expect([...outbox.removals.notNow(ROOM)]).toEqual(['entry-0001', 'entry-0002', removal.id]);
  expect(outbox.removals.tabOf(outbox.get(ROOM, removal.id)!)).toBe('tab');

  await other.discard(ROOM, 'entry-0001');
  await outbox.reload(ROOM);
  expect(states(outbox)).toEqual([['entry-0003', 'kept']]);
  // It did not arrive, so there is nothing to show of it.
  expect(outbox.goneElsewhere(ROOM)).toEqual([]);
});

test('[AWAY-4] what the worker has marked since a window read it is not taken back there, nor what takes it away', async () => {
  const { db, outbox } = await setup();
  for (const one of [entry(1), entry(2)]) await outbox.add(ROOM, one, 0);
  const [row] = await db.outbox();
  await db.putOutbox([{ ...row!, posted: true }]);
  await outbox.add(ROOM, removal, 0);
  expect(await outbox.discard(ROOM, 'entry-0001')).toBe(false);
  expect(outbox.of(ROOM).map(({ id, posted }) => [id, posted])).toEqual([
    ['entry-0001', true],
    ['entry-0002', undefined],
    [removal.id, undefined]
  ]);
  expect(await db.outbox()).toHaveLength(3);
  // Once it is known not to have arrived.
  expect(await outbox.discard(ROOM, 'entry-0001')).toBe(true);
  expect(await outbox.discard(ROOM, 'entry-0002')).toBe(true);
  expect(await db.outbox()).toEqual([]);
});

test('[AWAY-4] where the disk cannot say, what was not sent can be taken back all the same', async () => {
  const { db, outbox } = await setup();
  await outbox.add(ROOM, entry(1), 0);
  db.close();
  expect(await outbox.discard(ROOM, 'entry-0001')).toBe(true);
  expect(outbox.of(ROOM)).toEqual([]);
});

test('[AWAY-4] what is tried again under another id cannot have gone', async () => {
  const { db, name, outbox } = await setup();
  await outbox.add(ROOM, entry(1), 0);
  const [row] = await db.outbox();
  await db.putOutbox([{ ...row!, posted: true, state: 'failed', code: 'clock' }]);
  const again = (await setup(name)).outbox;
  await again.retry(ROOM, 'entry-0001', entry(2), 0);
  expect(again.of(ROOM)).toMatchObject([{ id: 'entry-0002', state: 'kept', posted: undefined }]);
});

test('[AWAY-4] the mark of the worker outlives whatever a window writes that had read the row before', async () => {
  const { db, outbox } = await setup();
  for (const number of [1, 2, 3, 4]) await outbox.add(ROOM, entry(number), 0);
  const rows = await db.outbox();
  await db.putOutbox(rows.map((row) => ({ ...row, posted: row.id === 'entry-0004' ? 'taken' : true })));
  await outbox.moved(ROOM, ['entry-0001', 'entry-0004'], 1);
  await outbox.sign(ROOM, ['entry-0002']);
  await outbox.fail(ROOM, 'entry-0003', 'clock');
  expect((await db.outbox()).map(({ posted }) => posted)).toEqual([true, true, true, 'taken']);
  expect(await outbox.discard(ROOM, 'entry-0001')).toBe(false);
  // What the server refused is with nobody.
  expect(await outbox.discard(ROOM, 'entry-0003')).toBe(true);
});

test('[AWAY-4] what is called back while the rows are read again stays called back', async () => {
  const { db, outbox } = await setup();
  const gone = Promise.withResolvers<void>();
  for (const number of [1, 2]) await outbox.add(ROOM, entry(number), 0);
  await outbox.hold(ROOM, removal, 0);
  const early = outbox.reload(ROOM);
  outbox.listenBeforeGone(() => gone.promise);
  const calledBack = outbox.remove(ROOM, [removal.id]);
  const discarded = outbox.discard(ROOM, 'entry-0002');
  await Promise.all([early, outbox.reload(ROOM)]);
  expect(states(outbox)).toEqual([['entry-0001', 'kept']]);
  gone.resolve();
  await Promise.all([calledBack, discarded]);
  await outbox.reload(ROOM);
  expect(states(outbox)).toEqual([['entry-0001', 'kept']]);
  expect(outbox.goneElsewhere(ROOM)).toEqual([]);
  expect(await db.outbox()).toHaveLength(1);
  // It can be written again, and read.
  await outbox.add(ROOM, entry(2), 0);
  await outbox.reload(ROOM);
  expect(states(outbox)).toEqual([
    ['entry-0001', 'kept'],
    ['entry-0002', 'kept']
  ]);
});

test('[AWAY-4] what the disk does not let go of is not there again as the window wakes', async () => {
  const { db, outbox } = await setup();
  await outbox.hold(ROOM, removal, 0);
  vi.spyOn(db, 'deleteOutbox').mockResolvedValueOnce({ ok: false, failure: 'failed' });
  await outbox.remove(ROOM, [removal.id]);
  await outbox.reload(ROOM);
  expect(states(outbox)).toEqual([]);
});

test('[AWAY-4] a removal that is in memory alone stays where its message turns out to have been sent', async () => {
  const { db, name, outbox } = await setup();
  await outbox.add(ROOM, entry(1), 0);
  const [row] = await db.outbox();
  await db.putOutbox([{ ...row!, posted: true }]);
  const mend = breakWrites((database) => database === name);
  await outbox.hold(ROOM, removal, 0);
  mend();
  expect(outbox.get(ROOM, removal.id)?.state).toBe('not-saved');
  expect(await outbox.discard(ROOM, 'entry-0001')).toBe(false);
  await expect
    .poll(() => states(outbox))
    .toEqual([
      ['entry-0001', 'kept'],
      [removal.id, 'kept']
    ]);
  expect(await db.outbox()).toHaveLength(2);
});

test('[AWAY-4] so does one that is just being written', async () => {
  const { db, outbox } = await setup();
  await outbox.add(ROOM, entry(1), 0);
  const [row] = await db.outbox();
  await db.putOutbox([{ ...row!, posted: true }]);
  const held = outbox.hold(ROOM, removal, 0);
  expect(await outbox.discard(ROOM, 'entry-0001')).toBe(false);
  await held;
  await expect
    .poll(() => states(outbox))
    .toEqual([
      ['entry-0001', 'kept'],
      [removal.id, 'kept']
    ]);
  expect(await db.outbox()).toHaveLength(2);
});

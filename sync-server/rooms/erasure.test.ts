// What a redaction takes away, wherever it stands: from replicas, sealed pages, the log and the disk. What goes with a
// person or a room is in person-erasures.test.ts.

import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { CANARY, holds, onDisk, redaction, sealedPage, sealPage } from './testing/canary.ts';
import { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

/** Bo has said what is to go in ann's room, on a page that is sealed by now. */
async function sealedSecret(setup: RoomsSetup) {
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const secret = setup.message(bo, CANARY);
  await setup.rooms.append(secret, room);
  await sealPage(setup, room, ann);
  return { ann, bo, room, secret };
}

test('[ERASE-1] a redaction on the head page takes the content from every replica, stock ones too, and from the disk', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const [writer, reader] = [await setup.client(ann, room), await setup.client(bo, room, 0, { stock: true })];
  const asleep = await setup.client(bo, room);
  const secret = setup.message(ann, CANARY);
  // One packed item: what stands around it must stay.
  writer.append(setup.message(ann, 'before'), secret, setup.message(ann, 'after'));
  await Promise.all([writer, reader, asleep].map((client) => client.untilArrived(secret.id)));
  asleep.disconnect();
  expect([onDisk(setup), holds(reader.doc), holds(asleep.doc)]).toEqual([true, true, true]);
  expect(await setup.rooms.joined(bo)).toMatchObject([{ n: 3, unread: 3 }]);

  const takenAway = redaction(setup, ann, secret);
  writer.append(takenAway);
  await Promise.all([writer, reader].map((client) => client.untilArrived(takenAway.id)));
  await asleep.connect(setup.rooms);
  await asleep.untilArrived(takenAway.id);
  const fresh = await setup.client(bo, room);
  await fresh.untilArrived(takenAway.id);
  for (const client of [writer, reader, asleep, fresh]) {
    expect(holds(client.doc)).toBe(false);
    expect(client.view).toEqual(writer.view);
    expect(client.view.arrived.map(({ entry }) => ('body' in entry ? entry.body : entry.type))).toEqual([
      'room',
      'membership',
      'before',
      'after',
      'redaction'
    ]);
    expect(Y.encodeStateVector(client.doc)).toEqual(Y.encodeStateVector(writer.doc));
  }
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);

  // After a restart it is the same page, and people go on with it.
  await setup.restart();
  const later = await setup.client(bo, room);
  await later.untilArrived(takenAway.id);
  expect(later.view).toEqual(writer.view);
  const next = setup.message(bo, 'goes on');
  later.append(next);
  await later.untilArrived(next.id);
  await writer.connect(setup.rooms);
  await writer.untilArrived(next.id);
  expect(writer.view).toEqual(later.view);
  expect(await setup.rooms.joined(bo)).toMatchObject([{ n: 4, unread: 2 }]);
});

test('[ERASE-2] a redaction of what stands on a sealed page rewrites that page, lists it as erased, and tells its readers', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, bo, room, secret } = await sealedSecret(setup);
  const open = await setup.client(bo, room, 0);
  await open.untilArrived(secret.id);
  const before = await sealedPage(setup, bo, room);
  const { at, n } = before.entries.find(({ entry }) => entry.id === secret.id)!;
  const told: number[] = [];
  setup.rooms.subscribe({
    changed: () => undefined,
    gone: () => undefined,
    read: () => undefined,
    receipt: () => undefined,
    pageChanged: (user, { page }, revision) => void (user === bo && page === 0 && told.push(revision))
  });

  const takenAway = redaction(setup, ann, secret);
  expect(await setup.rooms.append(takenAway, room)).toBeNull();
  await open.until(() => !holds(open.doc));
  expect(open.view.sealedTo).toBe(1);
  for (const round of ['live', 'from disk']) {
    const after = await sealedPage(setup, bo, room);
    expect(after.entries, round).toEqual(before.entries.filter(({ entry }) => entry.id !== secret.id));
    expect(after.erased, round).toEqual([{ id: secret.id, at, n }]);
    expect(
      after.late.map(({ entry }) => entry),
      round
    ).toEqual([takenAway]);
    expect(after.revision, round).toBe(before.revision + 1);
    expect((await setup.rooms.changedPages(bo, 0)).changed).toEqual([{ room, page: 0, revision: after.revision }]);
    const reader = await setup.client(bo, room, 0);
    await reader.until(() => reader.view.sealedTo === 1);
    expect(holds(reader.doc), round).toBe(false);
    reader.disconnect();
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup), round).toBe(false);
    await setup.restart();
  }
  expect(told).toEqual([before.revision + 1]);
});

test('[ERASE-3] nobody brings erased content back: not the same entry, not other content, not a whole old copy', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const secret = setup.message(bo, CANARY);
  const old = await setup.client(bo, room);
  old.append(secret);
  await old.untilArrived(secret.id);
  old.disconnect();
  expect(await setup.rooms.append(redaction(setup, ann, secret), room)).toBeNull();

  for (const round of ['live', 'from disk']) {
    // The same entry under a fresh client id; once more with other content; and a second redaction.
    const again = new DocClient(bo, { room, page: 0 });
    await again.connect(setup.rooms);
    again.append(secret, { ...secret, body: `${CANARY}, edited` });
    again.append(redaction(setup, bo, secret));
    await again.until(() => again.refusals.length === 2);
    expect(
      again.refusals.map(({ code }) => code),
      round
    ).toEqual(['id-taken', 'no-change']);
    expect(holds(again.doc), round).toBe(false);
    expect(await setup.rooms.append(secret, room)).toBeNull();

    // A stock client that loads its copy before it syncs sends all of it.
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(old.doc));
    const stock = new DocClient(bo, { room, page: 0 }, copy);
    await stock.connect(setup.rooms, { stock: true });
    await stock.until(() => !holds(stock.doc));
    expect(stock.refusals).toEqual([]);
    const fresh = await setup.client(ann, room);
    await fresh.until(() => fresh.view.arrived.length > 0);
    expect(holds(fresh.doc), round).toBe(false);
    expect(fresh.arrivedIds).not.toContain(secret.id);
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup), round).toBe(false);
    await setup.restart();
  }
});

test('[ERASE-4] written and taken away in one commit, also in the one that seals the page, the content reaches nobody', async () => {
  for (const seals of [false, true]) {
    await using setup = await RoomsSetup.start();
    const [ann, bo] = [setup.user(), setup.user()];
    const room = await setup.room(ann, 'public', bo);
    const [writer, reader] = [await setup.client(ann, room), await setup.client(bo, room)];
    const secret = setup.message(ann, CANARY);
    const fillers = seals ? PAGE_MAX_ENTRIES - 4 : 3;
    writer.append(
      secret,
      ...Array.from({ length: fillers }, (_, at) => setup.message(ann, `filler ${at}`)),
      redaction(setup, ann, secret)
    );
    if (seals) await reader.until(() => reader.view.sealedTo === 1);
    else await reader.until(() => reader.arrivedIds.length === fillers + 3);
    expect(reader.frames.some((frame) => Buffer.from(frame).includes(CANARY))).toBe(false);
    await writer.until(() => !holds(writer.doc));
    expect(writer.view).toEqual(reader.view);
    if (seals) {
      const sealed = await sealedPage(setup, bo, room);
      expect(sealed.erased.map(({ id }) => id)).toEqual([secret.id]);
      expect(JSON.stringify(sealed)).not.toContain(CANARY);
    }
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup)).toBe(false);
    await setup.restart();
    const fresh = await setup.client(bo, room);
    await fresh.until(() => fresh.view.arrived.length > 0);
    expect(fresh.view).toEqual(reader.view);
  }
});

test.each(['before the batch', 'after the batch', 'before the compaction'] as const)(
  '[ERASE-5] a process killed %s leaves either the message or nothing of it, and the next one finishes',
  async (when) => {
    await using setup = await RoomsSetup.start();
    const ann = setup.user();
    const room = await setup.room(ann, 'public');
    const secret = setup.message(ann, CANARY);
    await setup.rooms.append(secret, room);
    const takenAway = redaction(setup, ann, secret);
    if (when === 'before the compaction') {
      expect(await setup.rooms.append(takenAway, room)).toBeNull();
    } else {
      setup.disk.failNextBatch({ applied: when === 'after the batch' });
      await expect(setup.rooms.append(takenAway, room)).rejects.toThrow();
    }
    expect(onDisk(setup)).toBe(true);
    await setup.crash();
    const isErased = when !== 'before the batch';
    const ids = (await setup.rooms.headEntries(room)).map(({ entry }) => entry.id);
    expect([ids.includes(secret.id), ids.includes(takenAway.id)]).toEqual([!isErased, isErased]);
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup)).toBe(!isErased);
    // Again, whether it was done or not: then it is.
    expect(await setup.rooms.append(takenAway, room)).toBeNull();
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup)).toBe(false);
    expect((await setup.rooms.headEntries(room)).map(({ entry }) => entry.id)).not.toContain(secret.id);
  }
);

test('[ERASE-8] a redaction always has a place on the late list, and moves no room up', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, bo, room, secret } = await sealedSecret(setup);
  for (let at = 0; ; at++) {
    const late = setup.entry(bo, { type: 'poll', target: secret.id, text: 'x'.repeat(40_000), at });
    if ((await setup.rooms.append(late, room)) === 'too-large') break;
  }
  setup.timers.advance(60_000);
  const { last } = (await setup.rooms.summary(ann, room))!;
  expect(await setup.rooms.append(redaction(setup, ann, secret), room)).toBeNull();
  expect((await setup.rooms.summary(ann, room))!.last).toEqual(last);
  const shown = setup.message(bo, CANARY);
  await setup.rooms.append(shown, room);
  setup.timers.advance(60_000);
  const { at } = (await setup.rooms.summary(ann, room))!.last!;
  await setup.rooms.append(redaction(setup, bo, shown), room);
  expect((await setup.rooms.summary(ann, room))!.last).toEqual({
    id: shown.id,
    author: bo,
    type: 'redaction',
    body: '',
    at
  });
});

test('[ERASE-9] a sealed page that is read while its content is erased is read again', async () => {
  await using setup = await RoomsSetup.start();
  const { ann, bo, room, secret } = await sealedSecret(setup);
  const reading = setup.reads.next(`base/${room}/`);
  const early = new DocClient(bo, { room, page: 0 });
  const opening = early.connect(setup.rooms);
  await reading.reached;
  expect(await setup.rooms.append(redaction(setup, ann, secret), room)).toBeNull();
  reading.release();
  expect(await opening).toBeNull();
  await early.until(() => early.view.sealedTo === 1);
  const late = await setup.client(bo, room, 0);
  await late.until(() => late.view.sealedTo === 1);
  for (const client of [early, late]) {
    expect(client.frames.some((frame) => Buffer.from(frame).includes(CANARY))).toBe(false);
    expect(client.view).toEqual(late.view);
  }
});

test('[ERASE-11] an erasure that the disk would not do is tried again, and holds up no stop', async () => {
  await using setup = await RoomsSetup.start();
  const ann = setup.user();
  const room = await setup.room(ann, 'public');
  const secret = setup.message(ann, CANARY);
  await setup.rooms.append(secret, room);
  expect(await setup.rooms.append(redaction(setup, ann, secret), room)).toBeNull();
  const reopened = new Promise<void>((resolve) => setup.store.onReopened(resolve));
  // The batch that takes the mark away.
  setup.disk.failNextBatch({ applied: false });
  await setup.rooms.erasuresSettled();
  expect(setup.errors).toHaveLength(1);
  await reopened;
  const marks = () => setup.disk.entries.filter(([key]) => key.startsWith('erasure/')).length;
  expect(marks()).toBe(1);
  setup.timers.advance(30_000);
  await setup.rooms.erasuresSettled();
  expect([marks(), onDisk(setup)]).toEqual([0, false]);
});

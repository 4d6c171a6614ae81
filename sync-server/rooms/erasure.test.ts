import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { SealedPage } from '#protocol/api.ts';
import { CLOSE } from '#protocol/close-codes.ts';
import type { Entry } from '#protocol/entry.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { EDITS_MAX, PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { SigningDevice } from '../gate/testing/signing-device.ts';
import { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

const CANARY = 'canary-pY7wQ2zK5mN8vB4x';

const redaction = (setup: RoomsSetup, author: UserId, target: Entry): Entry =>
  setup.entry(author, { type: 'redaction', target: target.id, of: target.author });

/** Whether the canary's bytes lie anywhere: in a record, or as the remains of one. */
const onDisk = (setup: RoomsSetup): boolean => setup.disk.holds(new TextEncoder().encode(CANARY));
const holds = (doc: Y.Doc): boolean => Buffer.from(Y.encodeStateAsUpdate(doc)).includes(CANARY);

/** Fills the head page by the server's own hand, so that it is sealed. */
async function sealPage(setup: RoomsSetup, room: RoomId, author: UserId): Promise<void> {
  const client = await setup.client(author, room, (await setup.rooms.summary(author, room))!.head);
  await client.until(() => client.frames.length > 0);
  const left = PAGE_MAX_ENTRIES - client.view.arrived.length;
  client.append(...Array.from({ length: left }, (_, at) => setup.message(author, `filler ${at}`)));
  await client.until(() => client.view.sealedTo !== null);
  client.disconnect();
}

const sealedPage = async (setup: RoomsSetup, user: UserId, room: RoomId, page = 0): Promise<SealedPage> => {
  const sealed = await setup.rooms.sealedPage(user, { room, page });
  if (sealed === null || sealed === 'not-sealed') throw new Error(`${page} is ${sealed}`);
  return sealed;
};

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
  expect(await setup.rooms.joined(bo)).toMatchObject([{ n: 4, unread: 3 }]);
});

test('[ERASE-2] a redaction of what stands on a sealed page rewrites that page, lists it as erased, and tells its readers', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const secret = setup.message(bo, CANARY);
  await setup.rooms.append(secret, room);
  await sealPage(setup, room, ann);
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

test('[ERASE-6] an account that goes takes its messages out of every room and page, and only its own', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const rooms = [
    await setup.room(ann, 'public', bo),
    await setup.room(ann, 'private', bo),
    await setup.room(bo, 'public')
  ];
  const kept = setup.message(ann, 'stays');
  await setup.rooms.append(kept, rooms[0]!);
  for (const room of rooms) await setup.rooms.append(setup.message(bo, CANARY), room);
  await sealPage(setup, rooms[0]!, ann);
  await setup.rooms.append(setup.message(bo, CANARY), rooms[0]!);
  const reader = await setup.client(ann, rooms[0]!, 1);
  await reader.until(() => holds(reader.doc));
  const { revision } = await sealedPage(setup, ann, rooms[0]!);

  await setup.rooms.eraseMessagesOf(bo);
  await reader.until(() => !holds(reader.doc));
  const sealed = await sealedPage(setup, ann, rooms[0]!);
  expect([sealed.erased.length, sealed.revision]).toEqual([1, revision + 1]);
  expect(sealed.entries.map(({ entry }) => entry.id)).toContain(kept.id);
  expect(sealed.entries.some(({ entry }) => entry.type === 'message' && entry.author === bo)).toBe(false);
  for (const { last } of await setup.rooms.joined(ann)) expect(JSON.stringify(last)).not.toContain(CANARY);
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
  // Who joined is a fact of the room and stays.
  expect(sealed.entries.some(({ entry }) => entry.type === 'membership' && entry.author === bo)).toBe(true);
});

test('[ERASE-12] what was on its way while its author had all they wrote erased is erased with it', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public');
  const reader = await setup.client(ann, room);
  const release = setup.disk.hold();
  // Bo is not in the room, so nothing that is written of his leaving waits behind it.
  const saying = setup.rooms.append(setup.message(bo, CANARY), room);
  const erasing = setup.rooms.eraseMessagesOf(bo);
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
  release();
  expect(await saying).toBeNull();
  await erasing;
  await setup.rooms.erasuresSettled();
  expect([onDisk(setup), holds(reader.doc)]).toEqual([false, false]);
});

test('[ERASE-12] nobody brings back what a person wrote who had all of it erased', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const device = new SigningDevice(bo);
  const gone = new Set<UserId>();
  setup.policy = {
    ...setup.policy,
    deviceKey: (id) => (id === device.id ? device.key() : null),
    isErased: (user) => gone.has(user)
  };
  const carrier = await setup.client(ann, room);
  const [before, after] = [device.sign(room, setup.message(bo)), device.sign(room, setup.message(bo, CANARY))];
  carrier.append(before);
  await carrier.untilArrived(before.id);
  gone.add(bo);
  carrier.append(after);
  await carrier.until(() => carrier.refusals.length > 0);
  expect(carrier.refusals).toEqual([{ id: after.id, code: 'author' }]);
  expect(onDisk(setup)).toBe(false);
  // That they leave is still written.
  expect(await setup.rooms.append(setup.entry(bo, { type: 'membership', action: 'left' }), room)).toBeNull();
});

test('[ERASE-6] the erasure of a person is finished by the next process', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const rooms = [await setup.room(ann, 'public', bo), await setup.room(ann, 'public', bo)];
  for (const room of rooms) await setup.rooms.append(setup.message(bo, CANARY), room);
  const batches = setup.disk.batches.length;
  const erasing = setup.rooms.eraseMessagesOf(bo).catch((error: unknown) => error);
  while (setup.disk.batches.length < batches + 2) await nextTurn();
  await setup.crash();
  await erasing;
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
});

test('[ERASE-7] a deleted room is gone from the disk but for its id, over a crash too', async () => {
  for (const crash of [false, true]) {
    await using setup = await RoomsSetup.start();
    const [ann, admin] = [setup.user(), setup.user()];
    const room = await setup.room(ann, 'private');
    await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'topic', topic: CANARY }), room);
    await setup.rooms.append(setup.message(ann, CANARY), room);
    await sealPage(setup, room, ann);
    await setup.rooms.append(setup.message(ann, CANARY), room);
    const client = await setup.client(ann, room, 1);
    expect(await setup.rooms.deleteRoom(room, admin)).toBe(true);
    await client.until(() => client.closedWith !== null);
    expect(client.closedWith).toBe(CLOSE.forbidden);
    if (crash) await setup.crash();
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup)).toBe(false);
    const left = setup.disk.entries.map(([key]) => key).filter((key) => key.includes(room));
    const was = [`left/${ann}/${room}`, `log-head/${room}`, `room-state/${room}`, `room/${room}`];
    expect(left.sort()).toEqual(was);
    expect(await setup.rooms.deleteRoom(room, admin)).toBe(false);
    await setup.restart();
    expect(await setup.rooms.append(setup.created(ann, 'public'), room)).toBe('room-exists');
    expect(await setup.rooms.sealedPage(ann, { room, page: 0 })).toBeNull();
  }
});

test('[ERASE-8] a redaction always has a place on the late list, and moves no room up', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const secret = setup.message(bo, CANARY);
  await setup.rooms.append(secret, room);
  await sealPage(setup, room, ann);
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
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const secret = setup.message(bo, CANARY);
  await setup.rooms.append(secret, room);
  await sealPage(setup, room, ann);
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

test('[ERASE-17] a poll goes with its votes, on whatever pages they stand, also with the account of its author', async () => {
  for (const withAccount of [false, true]) {
    await using setup = await RoomsSetup.start();
    const [ann, bo, cy] = [setup.user(), setup.user(), setup.user()];
    const room = await setup.room(ann, 'public', bo, cy);
    const poll = setup.message(bo, CANARY, { poll: { options: [`${CANARY} 1`, 'later'] } });
    const vote = (author: UserId, ...options: number[]): Entry =>
      setup.entry(author, { type: 'vote', target: poll.id, options });
    const votes = [vote(ann, 0), vote(cy, 1), vote(cy, 0), vote(bo)];
    await setup.rooms.append(poll, room);
    expect(await setup.rooms.append(votes[0]!, room)).toBeNull();
    await sealPage(setup, room, ann);
    for (const late of votes.slice(1, 3)) expect(await setup.rooms.append(late, room)).toBeNull();
    expect((await sealedPage(setup, ann, room)).late.map(({ entry }) => entry.id)).toEqual([
      votes[1]!.id,
      votes[2]!.id
    ]);
    await sealPage(setup, room, ann);
    expect(await setup.rooms.append(votes[3]!, room)).toBeNull();
    expect(await setup.rooms.append(setup.entry(ann, { type: 'pin', target: poll.id, on: true }), room)).toBeNull();
    await setup.restart();
    if (withAccount) await setup.rooms.eraseMessagesOf(bo);
    else expect(await setup.rooms.append(redaction(setup, bo, poll), room)).toBeNull();
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup)).toBe(false);
    expect(setup.disk.entries.filter(([key]) => key.startsWith('vote/'))).toEqual([]);
    const ids = new Set(votes.map(({ id }) => id));
    const pages = [await sealedPage(setup, ann, room), await sealedPage(setup, ann, room, 1)];
    for (const page of pages) {
      expect([...page.entries, ...page.late].filter(({ entry }) => ids.has(entry.id))).toEqual([]);
      expect(page.revision).toBeGreaterThan(0);
    }
    const erased = pages.map(({ erased }) => new Map(erased.map(({ id, edit }) => [id, edit])));
    expect(erased[0]).toEqual(
      new Map([
        [poll.id, undefined],
        [votes[0]!.id, true]
      ])
    );
    expect(erased[1]).toEqual(
      new Map([
        [votes[1]!.id, true],
        [votes[2]!.id, true]
      ])
    );
    const client = await setup.client(ann, room, 2);
    await client.until(() => client.view.arrived.length > 0);
    expect(client.view.arrived.some(({ entry }) => ids.has(entry.id) && entry.type === 'vote')).toBe(false);
    // Taken away, it is not pinned: it may be pinned no more, and there is nothing to unpin.
    expect(await setup.rooms.append(setup.entry(ann, { type: 'pin', target: poll.id, on: false }), room)).toBe(
      'no-change'
    );
    expect(await setup.rooms.append(vote(cy, 1), room)).toBe('no-target');
  }
});

test('[ERASE-16] voted on and taken away in one commit, neither the poll nor a vote reaches anybody', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const [writer, reader] = [await setup.client(ann, room), await setup.client(bo, room)];
  const poll = setup.message(ann, CANARY, { poll: { options: ['now', 'later'] } });
  const vote = setup.entry(ann, { type: 'vote', target: poll.id, options: [1] });
  const gone = redaction(setup, ann, poll);
  writer.append(poll, vote, gone);
  await reader.untilArrived(gone.id);
  expect(holds(reader.doc)).toBe(false);
  expect(Buffer.from(Y.encodeStateAsUpdate(reader.doc)).includes('"vote"')).toBe(false);
  expect(reader.view.arrived.map(({ entry }) => entry.type)).not.toContain('vote');
});

test('[POLL-8] the server knows of a poll what a vote is judged by, over a restart, and shows it in the list', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const poll = setup.message(bo, 'When?', { poll: { options: ['now', 'later'] } });
  const vote = (...options: number[]): Entry => setup.entry(ann, { type: 'vote', target: poll.id, options });
  await setup.rooms.append(poll, room);
  setup.timers.advance(60_000);
  const before = await setup.rooms.summary(ann, room);
  expect(before!.last).toMatchObject({ type: 'message', body: '📊 When?' });
  await setup.restart();
  expect(await setup.rooms.append(vote(2), room)).toBe('no-target');
  expect(await setup.rooms.append(vote(0, 1), room)).toBe('not-allowed');
  expect(await setup.rooms.append(vote(1), room)).toBeNull();
  expect(await setup.rooms.append(edit(setup, bo, poll, 'Whenever?'), room)).toBe('not-allowed');
  expect(await setup.rooms.append(setup.entry(bo, { type: 'poll-close', target: poll.id }), room)).toBeNull();
  await setup.restart();
  expect(await setup.rooms.append(vote(0), room)).toBe('poll-closed');
  // Neither moves the room up nor counts as unread.
  expect((await setup.rooms.summary(ann, room))!).toMatchObject({ last: before!.last, n: before!.n });
});

test('[PIN-5] pins are in the state that the next page opens with; a pin moves the room up', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const message = setup.message(bo, 'the key is under the mat');
  await setup.rooms.append(message, room);
  const pin = setup.entry(ann, { type: 'pin', target: message.id, on: true });
  expect(await setup.rooms.append(setup.entry(bo, { type: 'pin', target: message.id, on: true }), room)).toBe(
    'not-allowed'
  );
  expect(await setup.rooms.append(pin, room)).toBeNull();
  expect((await setup.rooms.summary(bo, room))!.last).toMatchObject({ type: 'pin', author: ann, body: '' });
  await sealPage(setup, room, ann);
  const reader = await setup.client(bo, room, 1);
  await reader.until(() => reader.view.arrived.length > 0);
  expect(reader.view.arrived[0]!.entry).toMatchObject({
    type: 'snapshot',
    state: { pins: [{ id: message.id, by: ann, at: pin.sentAt }] }
  });
});

const edit = (setup: RoomsSetup, author: UserId, target: Entry, body: string): Entry =>
  setup.entry(author, { type: 'edit', target: target.id, body });

test('[ERASE-13] the edits of a message go with it, on whatever page they stand, and off the late list', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const message = setup.message(bo, 'harmless');
  const same = edit(setup, bo, message, `${CANARY} on its own page`);
  for (const entry of [message, same]) expect(await setup.rooms.append(entry, room)).toBeNull();
  await sealPage(setup, room, ann);
  const later = edit(setup, bo, message, `${CANARY} on a page that is sealed meanwhile`);
  expect(await setup.rooms.append(later, room)).toBeNull();
  await sealPage(setup, room, ann);
  const newest = edit(setup, bo, message, `${CANARY} on the head`);
  expect(await setup.rooms.append(newest, room)).toBeNull();
  const readers = await Promise.all([0, 1, 2].map((page) => setup.client(bo, room, page)));
  await Promise.all(readers.map((reader) => reader.until(() => holds(reader.doc))));
  const before = await Promise.all([0, 1].map((page) => sealedPage(setup, bo, room, page)));
  expect(before[0]!.late.map(({ entry }) => entry.id)).toEqual([later.id, newest.id]);

  const takenAway = redaction(setup, ann, message);
  expect(await setup.rooms.append(takenAway, room)).toBeNull();
  await Promise.all(readers.map((reader) => reader.until(() => !holds(reader.doc))));
  for (const round of ['live', 'from disk']) {
    const [first, second] = await Promise.all([0, 1].map((page) => sealedPage(setup, bo, room, page)));
    expect(
      first!.late.map(({ entry }) => entry.id),
      round
    ).toEqual([takenAway.id]);
    expect(
      first!.erased.map(({ id, edit }) => [id, edit ?? false]),
      round
    ).toEqual([
      [message.id, false],
      [same.id, true]
    ]);
    expect(
      second!.erased.map(({ id, edit }) => [id, edit ?? false]),
      round
    ).toEqual([[later.id, true]]);
    expect([first!.revision, second!.revision], round).toEqual(before.map(({ revision }) => revision + 1));
    const head = await setup.client(bo, room, 2);
    await head.untilArrived(takenAway.id);
    expect(holds(head.doc), round).toBe(false);
    head.disconnect();
    await setup.rooms.erasuresSettled();
    expect(onDisk(setup), round).toBe(false);
    await setup.restart();
  }
});

test('[ERASE-14] edited and taken away in one commit, what it said reaches nobody', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const message = setup.message(bo, 'harmless');
  expect(await setup.rooms.append(message, room)).toBeNull();
  await sealPage(setup, room, ann);
  const [writer, reader] = [await setup.client(bo, room, 1), await setup.client(ann, room, 1)];
  const takenAway = redaction(setup, bo, message);
  writer.append(edit(setup, bo, message, CANARY), takenAway);
  await Promise.all([writer, reader].map((client) => client.untilArrived(takenAway.id)));
  expect(holds(reader.doc)).toBe(false);
  expect((await sealedPage(setup, ann, room)).late.map(({ entry }) => entry.id)).toEqual([takenAway.id]);
  await setup.rooms.erasuresSettled();
  expect(onDisk(setup)).toBe(false);
});

test('[EFFECT-6] the line in the list of rooms says what the newest message says now; a reaction moves no room up', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const message = setup.message(bo, 'Fish at sevn');
  expect(await setup.rooms.append(message, room)).toBeNull();
  const before = (await setup.rooms.summary(ann, room))!;
  expect(await setup.rooms.append(edit(setup, bo, message, 'Fish at seven'), room)).toBeNull();
  const thumb = setup.entry(ann, { type: 'reaction', target: message.id, emoji: '👍', on: true });
  expect(await setup.rooms.append(thumb, room)).toBeNull();
  const after = (await setup.rooms.summary(ann, room))!;
  expect(after.last).toEqual({ ...before.last, body: 'Fish at seven' });
  expect([after.n, after.unread]).toEqual([before.n, before.unread]);
});

test('[EFFECT-7] a message is edited by its author alone, a hundred times at most, and not once it is taken away', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const message = setup.message(bo, 'first words');
  expect(await setup.rooms.append(edit(setup, bo, message, 'too early'), room)).toBe('no-target');
  expect(await setup.rooms.append(message, room)).toBeNull();
  expect(await setup.rooms.append(edit(setup, ann, message, 'not hers'), room)).toBe('not-allowed');
  for (let at = 0; at < EDITS_MAX; at++)
    expect(await setup.rooms.append(edit(setup, bo, message, `words ${at}`), room)).toBeNull();
  expect(await setup.rooms.append(edit(setup, bo, message, 'one more'), room)).toBe('too-large');
  expect(await setup.rooms.append(redaction(setup, bo, message), room)).toBeNull();
  expect(await setup.rooms.append(edit(setup, bo, message, 'too late'), room)).toBe('no-target');
  const thumb = setup.entry(ann, { type: 'reaction', target: message.id, emoji: '👍', on: true });
  expect(await setup.rooms.append(thumb, room)).toBe('no-target');
});

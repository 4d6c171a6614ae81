import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import { EDITS_MAX } from '#protocol/limits.ts';
import { CANARY, edit, holds, onDisk, redaction, sealedPage, sealPage } from './testing/canary.ts';
import type { DocClient } from './testing/doc-client.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

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

test('[ERASE-29] a summary counts edits and erasures, and not what disappears', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const changes = async () => (await setup.rooms.summary(ann, room))!.changes;
  const append = (entry: Entry) => setup.rooms.append(entry, room);
  const [root, other, bos] = [setup.message(ann), setup.message(ann), setup.message(bo)];
  for (const entry of [root, other, bos]) expect(await append(entry)).toBeNull();
  expect(await changes()).toBe(0);
  expect(await append(setup.entry(ann, { type: 'edit', target: root.id, body: 'edited' }))).toBeNull();
  expect(await changes()).toBe(1);
  expect(await append(redaction(setup, ann, other))).toBeNull();
  expect(await changes()).toBe(2);
  const reply = setup.message(bo, 'in the thread', { thread: root.id });
  for (const entry of [reply, { ...redaction(setup, bo, reply), thread: root.id }])
    expect(await append(entry)).toBeNull();
  expect(await changes()).toBe(3);
  await setup.rooms.eraseMessagesOf(bo);
  expect(await changes()).toBe(4);

  expect(await append(setup.entry(ann, { type: 'room', action: 'disappearing', after: 3_600 }))).toBeNull();
  const fleeting = setup.message(ann);
  expect(await append(fleeting)).toBeNull();
  const reader = await setup.client(ann, room);
  await reader.until(() => holdsId(reader, fleeting.id));
  setup.timers.advance(2 * 3_600_000);
  await reader.until(() => !holdsId(reader, fleeting.id));
  await setup.restart();
  expect(await changes()).toBe(4);
});

const holdsId = ({ view }: DocClient, id: string): boolean => view.arrived.some(({ entry }) => entry.id === id);

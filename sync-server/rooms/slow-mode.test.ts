import { expect, test } from 'vitest';
import { RoomsSetup } from './testing/rooms-setup.ts';

test('[SLOW-1] messages of members lie as far apart as the mode wants; the same entry is taken later, over restarts too', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const append = (author: string, body: string) => setup.rooms.append(setup.message(author, body), room);
  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'slow', seconds: 30 }), room);

  expect(await append(bo, 'first')).toBeNull();
  const second = setup.message(bo, 'second');
  expect(await setup.rooms.append(second, room)).toBe('slow');
  setup.timers.advance(29_999);
  expect(await setup.rooms.append(second, room)).toBe('slow');
  await setup.restart();
  expect(await setup.rooms.append(second, room)).toBe('slow');
  setup.timers.advance(1);
  expect(await setup.rooms.append(second, room)).toBeNull();
  // Each their own; who moderates is not held to it.
  expect([await append(ann, 'one'), await append(ann, 'two')]).toEqual([null, null]);
  expect(await append(bo, 'third')).toBe('slow');

  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'slow', seconds: 0 }), room);
  expect([await append(bo, 'third'), await append(bo, 'fourth')]).toEqual([null, null]);
});

test('[SLOW-4] what nobody knows the type of is held to it like a message, unless it speaks of another entry', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'slow', seconds: 30 }), room);
  const append = (content: { type: string; [key: string]: unknown }) =>
    setup.rooms.append(setup.entry(bo, content), room);
  const said = setup.message(ann);
  await setup.rooms.append(said, room);
  expect(await append({ type: 'poll', of: 'tea' })).toBeNull();
  expect(await append({ type: 'poll', of: 'coffee' })).toBe('slow');
  expect(await setup.rooms.append(setup.message(bo), room)).toBe('slow');
  expect(await append({ type: 'nod', target: said.id })).toBeNull();
  await setup.restart();
  expect(await append({ type: 'poll', of: 'coffee' })).toBe('slow');
  setup.timers.advance(30_000);
  expect(await append({ type: 'poll', of: 'coffee' })).toBeNull();
});

test('[SLOW-2] of one packed update the first message is taken, the rest refused with a tombstone each', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'slow', seconds: 5 }), room);
  const [writer, reader] = [await setup.client(bo, room), await setup.client(ann, room)];
  const messages = ['a', 'b', 'c'].map((body) => setup.message(bo, body));
  writer.append(...messages);
  await writer.until(() => writer.refusals.length === 2);
  expect(writer.refusals).toEqual(messages.slice(1).map(({ id }) => ({ id, code: 'slow' })));
  expect(writer.view.pending).toEqual([]);

  setup.timers.advance(5_000);
  writer.append(messages[1]!);
  await Promise.all([writer, reader].map((client) => client.untilArrived(messages[1]!.id)));
  expect(reader.view).toEqual(writer.view);
});

test('[SLOW-3] a refused message starts no new wait', async () => {
  await using setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  await setup.rooms.append(setup.entry(ann, { type: 'room', action: 'slow', seconds: 10 }), room);
  expect(await setup.rooms.append(setup.message(bo), room)).toBeNull();
  for (let second = 1; second < 10; second++) {
    setup.timers.advance(1_000);
    expect(await setup.rooms.append(setup.message(bo), room)).toBe('slow');
  }
  setup.timers.advance(1_000);
  expect(await setup.rooms.append(setup.message(bo), room)).toBeNull();
});

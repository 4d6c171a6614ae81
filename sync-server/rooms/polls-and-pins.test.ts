import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Entry } from '#protocol/entry.ts';
import type { UserId } from '#protocol/ids.ts';
import { CANARY, edit, holds, onDisk, redaction, sealedPage, sealPage } from './testing/canary.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

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

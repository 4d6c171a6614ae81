// Polls, pins, stars and what is forwarded, between people and by the whole client: offline, late, taken away.

import { expect, test } from 'vitest';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { eventually } from '../eventually.ts';
import { allArrived, messages, until } from './client-fixture.ts';
import { DONE, seatsInRoom, takeSeat } from './seats.ts';

const POLL = {
  question: 'When do we sail?',
  options: ['now', 'at six', 'tomorrow'],
  multiple: false,
  anonymous: false
};

const poll = (room: RoomModel): MessageItem => messages(room).find((item) => item.poll !== null)!;
const counts = (room: RoomModel): number[] => poll(room).poll!.options.map(({ votes }) => votes);

async function setup() {
  const { server, seats } = await seatsInRoom('ann', 'bo');
  const [ann, bo] = seats;
  return { server, ann, bo, anns: ann.room, bos: bo.room };
}

test('[POLL-11] votes made offline count once they have arrived, the last word of each; a closed poll takes none', async () => {
  const { ann, bo, anns, bos } = await setup();
  await anns.messages.ask(POLL);
  await until(() => messages(bos).length === 1 && allArrived(bos));
  expect(poll(bos)).toMatchObject({ body: POLL.question, poll: { voters: 0, voted: false, closedBy: null } });

  bo.device.unplug();
  await until(() => bo.tab.app.connection.status !== 'connected');
  expect(await bos.messages.vote(poll(bos), 0)).toEqual(DONE);
  await until(() => counts(bos)[0] === 1);
  expect(await bos.messages.vote(poll(bos), 2)).toEqual(DONE);
  await until(() => counts(bos)[2] === 1);
  expect(counts(bos)).toEqual([0, 0, 1]);
  expect(await anns.messages.vote(poll(anns), 2)).toEqual(DONE);
  bo.device.plugIn();
  await until(() => counts(anns)[2] === 2 && counts(bos)[2] === 2 && bos.unsent === 0 && anns.unsent === 0);
  expect(poll(anns).poll).toMatchObject({ voters: 2, voted: true });
  const ids = [ann.account.id, bo.account.id];
  expect(
    poll(anns)
      .poll!.options[2]!.people.map(({ id }) => id)
      .sort()
  ).toEqual(ids.sort());
  // The same again takes it back.
  await bos.messages.vote(poll(bos), 2);
  await until(() => counts(anns)[2] === 1);

  // Closed while bo is away: the vote is told to have come too late, and counts nowhere.
  bo.device.unplug();
  await until(() => bo.tab.app.connection.status !== 'connected');
  await bos.messages.vote(poll(bos), 1);
  expect(await anns.messages.closePoll(poll(anns))).toEqual(DONE);
  await until(() => anns.unsent === 0);
  bo.device.plugIn();
  await until(() => bos.timeline.some(({ state }) => state === 'failed'));
  const failed = bos.timeline.find(({ state }) => state === 'failed')!;
  expect(failed).toMatchObject({
    kind: 'system',
    failure: expect.stringContaining('closed before your vote') as string
  });
  await until(() => poll(bos).poll!.closedBy !== null);
  expect([counts(anns), counts(bos)]).toEqual([
    [0, 0, 1],
    [0, 0, 1]
  ]);
  expect([bos.messages.mayVote(poll(bos)), bos.messages.mayClosePoll(poll(bos))]).toEqual([false, false]);
});

test('[PIN-6] a pin says so in the room, offers its message to all, and goes with it', async () => {
  const { anns, bos, bo } = await setup();
  await anns.send('The key is under the mat');
  await until(() => messages(bos).length === 1 && allArrived(bos) && allArrived(anns));
  const [message] = messages(anns);
  expect(bos.messages.mayPin(messages(bos)[0]!)).toBe(false);
  bo.device.unplug();
  expect(await anns.messages.pin(message!)).toEqual(DONE);
  expect(anns.messages.isPinned(message!.id)).toBe(true);
  bo.device.plugIn();
  await until(() => bos.messages.pins.length === 1);
  // Who Ann is, is asked for by itself.
  const pinned = { kind: 'system', text: 'ann pinned a message' };
  await eventually(() => expect(bos.timeline.at(-1)).toMatchObject(pinned));
  expect(await bos.messages.read(message!.id)).toMatchObject({ kind: 'there', body: 'The key is under the mat' });
  anns.acts.redact(message!);
  // Leaving the room does not wait for the time to undo.
  anns.close();
  await until(() => bos.messages.pins.length === 0);
  expect(await bos.messages.read(message!.id)).toEqual({ kind: 'gone' });
});

test('[STAR-1] a star is on all devices of its person, offline too, and of nobody else; what was erased shows nothing', async () => {
  const { server, ann, bo, anns, bos } = await setup();
  await bos.send('Low water at 04:12');
  await bos.send('Bring the epoxy');
  await until(() => messages(anns).length === 2 && allArrived(anns));
  const [first, second] = messages(anns) as [MessageItem, MessageItem];
  ann.device.unplug();
  await until(() => ann.tab.app.connection.status !== 'connected');
  ann.tab.app.starred.add(anns.id, first.id, anns.pageOf(first.id));
  ann.tab.app.starred.add(anns.id, second.id, null);
  await until(() => ann.tab.app.starred.all.length === 2);
  expect(ann.tab.app.starred.has(first.id)).toBe(true);
  const read = async (app: typeof ann.tab.app, id: string) =>
    app.starred.read(app.starred.all.find((star) => star.id === id)!);
  expect(await read(ann.tab.app, first.id)).toMatchObject({ kind: 'there', body: 'Low water at 04:12' });
  ann.device.plugIn();

  const { app } = (await takeSeat(server, ann.account)).tab;
  await until(() => app.starred.all.length === 2);
  expect(await read(app, second.id)).toMatchObject({ kind: 'there', body: 'Bring the epoxy' });
  expect(bo.tab.app.starred.all).toEqual([]);

  bos.acts.redact(messages(bos).find(({ id }) => id === first.id)!);
  bos.close();
  await until(() => messages(anns).some((item) => item.id === first.id && item.redacted !== null));
  expect(await read(ann.tab.app, first.id)).toEqual({ kind: 'gone' });
  app.starred.remove(second.id);
  await until(() => !ann.tab.app.starred.has(second.id));
  expect(ann.tab.app.starred.all.map(({ id }) => id)).toEqual([first.id]);
});

test('[FORWARD-4] a message is forwarded offline to several rooms, with a line of one’s own, and nobody edits it', async () => {
  const { ann, anns, bos } = await setup();
  await bos.send('Low water at 04:12');
  await until(() => messages(anns).length === 1 && allArrived(anns));
  const crew = await ann.tab.app.createRoom('Crew', 'private');
  const closed = ann.tab.app.openRoom(crew);
  await until(() => closed.unsent === 0 && ann.tab.app.rooms.length === 2);
  ann.device.unplug();
  await until(() => ann.tab.app.connection.status !== 'connected');
  const [item] = messages(anns) as [MessageItem];
  const wish = { item, from: anns.id, to: [crew, anns.id], comment: 'Set your alarms' };
  expect(await ann.tab.app.forward(wish)).toEqual(DONE);
  await until(() => messages(closed).length === 2);
  ann.device.plugIn();
  await until(() => messages(bos).length === 3 && allArrived(bos) && allArrived(closed));
  expect(messages(bos).map(({ body }) => body)).toEqual([
    'Low water at 04:12',
    'Set your alarms',
    'Low water at 04:12'
  ]);
  const [, , again] = messages(bos) as [MessageItem, MessageItem, MessageItem];
  expect(again).toMatchObject({ own: false, forwarded: { author: item.author, room: anns.id, id: item.id } });
  const inCrew = messages(closed)[1]!;
  expect(inCrew.forwarded).toMatchObject({ author: { id: item.author.id }, room: anns.id });
  expect(closed.acts.mayEdit(inCrew)).toBe(false);
  // Out of the private room, nothing tells of it.
  await ann.tab.app.forward({ item: messages(closed)[0]!, from: crew, to: [anns.id], comment: '' });
  await until(() => messages(bos).length === 4);
  expect(messages(bos)[3]!.forwarded).toMatchObject({ author: { id: ann.account.id }, room: null, id: null });
});

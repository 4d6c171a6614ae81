// Polls, pins, stars and what is forwarded, between people and by the whole client: offline, late, taken away.

import { expect, onTestFinished, test } from 'vitest';
import type { MessageItem, RoomModel } from '../../src/lib/model/app-model.ts';
import { allArrived, messages, TestDevice, until } from './client-fixture.ts';
import { TestServer } from './server-fixture.ts';

const POLL = {
  question: 'When do we sail?',
  options: ['now', 'at six', 'tomorrow'],
  multiple: false,
  anonymous: false
};

/** A public room of ann's that bo has joined, open in front of both. */
async function setup() {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const seats = [];
  for (const name of ['ann', 'bo']) {
    const account = await server.account(name);
    const device = new TestDevice(server.url);
    onTestFinished(() => device.close());
    const { app } = await device.tab();
    await app.session.signIn(account.name, account.password);
    await until(() => app.connection.status === 'connected');
    seats.push({ account, device, app });
  }
  const [ann, bo] = seats as [(typeof seats)[0], (typeof seats)[0]];
  const id = await ann.app.createRoom('Harbour crew', 'public');
  const anns = ann.app.openRoom(id);
  await until(() => anns.unsent === 0 && anns.timeline.length > 0);
  await bo.app.join(id);
  const bos = bo.app.openRoom(id);
  await until(() => bos.role === 'member' && bos.unsent === 0 && bos.status === 'ready');
  return { server, ann, bo, anns, bos };
}

const poll = (room: RoomModel): MessageItem => messages(room).find((item) => item.poll !== null)!;
const counts = (room: RoomModel): number[] => poll(room).poll!.options.map(({ votes }) => votes);
const DONE = { ok: true, value: undefined };

test('[POLL-11] votes made offline count once they have arrived, the last word of each; a closed poll takes none', async () => {
  const { ann, bo, anns, bos } = await setup();
  await anns.messages.ask(POLL);
  await until(() => messages(bos).length === 1 && allArrived(bos));
  expect(poll(bos)).toMatchObject({ body: POLL.question, poll: { voters: 0, voted: false, closedBy: null } });

  bo.device.unplug();
  await until(() => bo.app.connection.status !== 'connected');
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
  await until(() => bo.app.connection.status !== 'connected');
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
  expect(bos.timeline.at(-1)).toMatchObject({ kind: 'system', text: 'ann pinned a message' });
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
  await until(() => ann.app.connection.status !== 'connected');
  ann.app.starred.add(anns.id, first.id, anns.pageOf(first.id));
  ann.app.starred.add(anns.id, second.id, null);
  await until(() => ann.app.starred.all.length === 2);
  expect(ann.app.starred.has(first.id)).toBe(true);
  const read = async (app: typeof ann.app, id: string) =>
    app.starred.read(app.starred.all.find((star) => star.id === id)!);
  expect(await read(ann.app, first.id)).toMatchObject({ kind: 'there', body: 'Low water at 04:12' });
  ann.device.plugIn();

  const other = new TestDevice(server.url);
  onTestFinished(() => other.close());
  const { app } = await other.tab();
  await app.session.signIn(ann.account.name, ann.account.password);
  await until(() => app.starred.all.length === 2);
  expect(await read(app, second.id)).toMatchObject({ kind: 'there', body: 'Bring the epoxy' });
  expect(bo.app.starred.all).toEqual([]);

  bos.acts.redact(messages(bos).find(({ id }) => id === first.id)!);
  bos.close();
  await until(() => messages(anns).some((item) => item.id === first.id && item.redacted !== null));
  expect(await read(ann.app, first.id)).toEqual({ kind: 'gone' });
  app.starred.remove(second.id);
  await until(() => !ann.app.starred.has(second.id));
  expect(ann.app.starred.all.map(({ id }) => id)).toEqual([first.id]);
});

test('[FORWARD-4] a message is forwarded offline to several rooms, with a line of one’s own, and nobody edits it', async () => {
  const { ann, anns, bos } = await setup();
  await bos.send('Low water at 04:12');
  await until(() => messages(anns).length === 1 && allArrived(anns));
  const crew = await ann.app.createRoom('Crew', 'private');
  const closed = ann.app.openRoom(crew);
  await until(() => closed.unsent === 0 && ann.app.rooms.length === 2);
  ann.device.unplug();
  await until(() => ann.app.connection.status !== 'connected');
  const [item] = messages(anns) as [MessageItem];
  const wish = { item, from: anns.id, to: [crew, anns.id], comment: 'Set your alarms' };
  expect(await ann.app.forward(wish)).toEqual(DONE);
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
  await ann.app.forward({ item: messages(closed)[0]!, from: crew, to: [anns.id], comment: '' });
  await until(() => messages(bos).length === 4);
  expect(messages(bos)[3]!.forwarded).toMatchObject({ author: { id: ann.account.id }, room: null, id: null });
});

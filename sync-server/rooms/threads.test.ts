import { expect, test } from 'vitest';
import type { Entry } from '#protocol/entry.ts';
import type { RoomId, UserId } from '#protocol/ids.ts';
import { LATE_MAX_ENTRIES } from './late-list.ts';
import { CANARY, onDisk, sealedPage, sealPage } from './testing/canary.ts';
import { RoomsSetup } from './testing/rooms-setup.ts';

const reply = (setup: RoomsSetup, author: UserId, root: Entry, body = 'below'): Entry =>
  setup.message(author, body, { thread: root.id });
const redaction = (setup: RoomsSetup, author: UserId, target: Entry): Entry =>
  setup.entry(author, {
    ...{ type: 'redaction', target: target.id, of: target.author },
    ...('thread' in target && { thread: target['thread'] })
  });

const lateOf = async (setup: RoomsSetup, user: UserId, room: RoomId, page = 0) =>
  (await sealedPage(setup, user, room, page)).late.map(({ entry }) => entry);

async function begun() {
  const setup = await RoomsSetup.start();
  const [ann, bo] = [setup.user(), setup.user()];
  const room = await setup.room(ann, 'public', bo);
  const root = setup.message(ann, 'who brings what?');
  await setup.rooms.append(root, room);
  return { setup, ann, bo, room, root, append: (entry: Entry) => setup.rooms.append(entry, room) };
}

test('[THREAD-1] a reply in a thread counts into no unread number and moves no room up; its arrival names root and author', async () => {
  const { setup, ann, bo, room, root, append } = await begun();
  await using _ = setup;
  const before = (await setup.rooms.summary(ann, room))!;
  setup.timers.advance(60_000);
  const answer = reply(setup, bo, root);
  expect(await append(answer)).toBeNull();
  expect(await append(reply(setup, ann, root))).toBeNull();
  const after = (await setup.rooms.summary(ann, room))!;
  expect(after).toEqual({ ...before, replies: 2 });
  const reader = await setup.client(bo, room);
  await reader.untilArrived(answer.id);
  expect(reader.view.arrived.find(({ entry }) => entry.id === answer.id)?.arrival).toMatchObject({
    ...{ n: before.n, thread: root.id, of: ann }
  });
  await setup.restart();
  expect(await setup.rooms.summary(ann, room)).toEqual(after);
});

test('[THREAD-2] a root is a message of the room in no thread itself; where it was taken away its thread goes on', async () => {
  const { setup, ann, bo, room, root, append } = await begun();
  await using _ = setup;
  const answer = reply(setup, bo, root);
  expect(await append(answer)).toBeNull();
  expect(await append(reply(setup, ann, answer))).toBe('no-target');
  expect(await append(setup.message(ann, 'lost', { thread: 'never-there' }))).toBe('no-target');
  const renamed = setup.entry(ann, { type: 'room', action: 'renamed', name: 'Other' });
  await append(renamed);
  expect(await append(reply(setup, ann, renamed))).toBe('no-target');

  expect(await append(redaction(setup, ann, root))).toBeNull();
  const later = reply(setup, bo, root, 'all the same');
  expect(await append(later)).toBeNull();
  // What takes a reply away says in which thread it stood, and nothing else.
  const bare = setup.entry(bo, { type: 'redaction', target: later.id, of: bo });
  expect(await append(bare)).toBe('no-target');
  expect(await append({ ...redaction(setup, bo, later), thread: answer.id })).toBe('no-target');
  expect(await append(redaction(setup, bo, later))).toBeNull();
  expect(await setup.rooms.summary(ann, room)).toMatchObject({ replies: 2 });
});

test('[THREAD-3] the late list of the root’s page holds the whole thread: replies, their edits and reactions', async () => {
  const { setup, ann, bo, room, root, append } = await begun();
  await using _ = setup;
  await sealPage(setup, room, ann);
  const answer = reply(setup, bo, root);
  await append(answer);
  expect(await lateOf(setup, ann, room)).toEqual([answer]);
  await sealPage(setup, room, ann);
  const edit = setup.entry(bo, { type: 'edit', target: answer.id, body: 'below, in other words' });
  const reaction = setup.entry(ann, { type: 'reaction', target: answer.id, emoji: '👍', on: true });
  await append(edit);
  await append(reaction);
  for (const round of ['live', 'from disk']) {
    expect(await lateOf(setup, ann, room), round).toEqual([answer, edit, reaction]);
    expect(await lateOf(setup, ann, room, 1), round).toEqual([edit, reaction]);
    await setup.restart();
  }
  expect((await setup.rooms.changedPages(ann, 0)).changed.map(({ page }) => page).sort()).toEqual([0, 1]);
});

test('[THREAD-4] where the late list of its root’s page is full, a reply is refused and nothing of it is promised', async () => {
  const { setup, ann, bo, room, root } = await begun();
  await using _ = setup;
  await sealPage(setup, room, ann);
  const half = LATE_MAX_ENTRIES / 2;
  const [replies, answers] = [bo, ann].map((who) => Array.from({ length: half }, () => reply(setup, who, root, '.')));
  const client = await setup.client(bo, room, 1);
  client.append(...replies!);
  await client.untilArrived(replies!.at(-1)!.id);
  const answering = await setup.client(ann, room, 1);
  answering.append(...answers!.slice(0, -100));
  await answering.untilArrived(answers!.at(-101)!.id);
  const head = await setup.client(bo, room, 1);
  for (const one of answers!.slice(-100)) await setup.rooms.append(one, room);
  expect(await setup.rooms.append(reply(setup, bo, root), room)).toBe('too-large');
  expect(await setup.rooms.append(redaction(setup, bo, replies![3]!), room)).toBeNull();
  head.disconnect();
  expect(await setup.rooms.summary(ann, room)).toMatchObject({ replies: LATE_MAX_ENTRIES });
});

test('[PAGE-15] what is refused for another reason takes no place of the late list', async () => {
  const { setup, ann, bo, room, root, append } = await begun();
  await using _ = setup;
  await sealPage(setup, room, ann);
  await append(setup.entry(ann, { type: 'room', action: 'slow', seconds: 30 }));
  const client = await setup.client(bo, room, 1);
  const replies = Array.from({ length: LATE_MAX_ENTRIES / 2 + 10 }, () => reply(setup, bo, root, '.'));
  client.append(...replies);
  await client.until(() => client.refusals.length === replies.length - 1);
  expect(new Set(client.refusals.map(({ code }) => code))).toEqual(new Set(['slow']));
});

test('[PAGE-15] one who writes replies and takes them away again leaves half of the late list to others', async () => {
  const { setup, ann, bo, room, root } = await begun();
  await using _ = setup;
  await sealPage(setup, room, ann);
  const replies = Array.from({ length: LATE_MAX_ENTRIES / 2 }, () => reply(setup, bo, root, '.'));
  const client = await setup.client(bo, room, 1);
  client.append(...replies);
  await client.untilArrived(replies.at(-1)!.id);
  const redactions = replies.map((one) => redaction(setup, bo, one));
  const head = await setup.client(bo, room, (await setup.rooms.summary(bo, room))!.head);
  head.append(...redactions.slice(0, 400));
  await head.untilArrived(redactions[399]!.id);
  for (const one of redactions.slice(400)) expect(await setup.rooms.append(one, room)).toBeNull();
  expect(await setup.rooms.append(reply(setup, bo, root), room)).toBe('too-large');
  expect(await setup.rooms.append(reply(setup, ann, root), room)).toBeNull();
  await setup.restart();
  expect(await setup.rooms.append(reply(setup, ann, root), room)).toBeNull();
});

for (const how of ['by its author', 'with the account'] as const) {
  test(`[ERASE-15] a reply in a thread that is taken away ${how} goes off the late list of its root’s page, with its edits`, async () => {
    const { setup, ann, bo, room, root, append } = await begun();
    await using _ = setup;
    await sealPage(setup, room, ann);
    const answer = reply(setup, bo, root, CANARY);
    await append(answer);
    await sealPage(setup, room, ann);
    await append(setup.entry(bo, { type: 'edit', target: answer.id, body: `${CANARY} again` }));
    const before = await sealedPage(setup, ann, room);
    expect(onDisk(setup)).toBe(true);

    const gone = redaction(setup, bo, answer);
    if (how === 'by its author') expect(await append(gone)).toBeNull();
    else await setup.rooms.eraseMessagesOf(bo);
    await setup.rooms.erasuresSettled();
    for (const round of ['live', 'from disk']) {
      expect(await lateOf(setup, ann, room), round).toEqual(how === 'by its author' ? [gone] : []);
      expect((await sealedPage(setup, ann, room)).revision, round).toBeGreaterThan(before.revision);
      expect((await sealedPage(setup, ann, room, 1)).erased, round).toMatchObject([
        { id: answer.id, thread: root.id, of: ann }
      ]);
      expect(onDisk(setup), round).toBe(false);
      await setup.restart();
    }
  });
}

import { describe, test, expect } from 'vitest';
import { directRoomId } from '#protocol/direct-room.ts';
import type { RoomId } from '#protocol/ids.ts';
import { imported } from '../rooms/testing/imported.ts';
import type { PushSetup } from './testing/push-setup.ts';
import { pushSetup, SOON_MS } from './testing/push-setup.ts';

describe('[PUSH-4] what one would be told of in the app is pushed, a moment later, once', () => {
  test('with where it is and how many there are, and no word of what was said', async () => {
    const there = await pushSetup();
    await there.says('secret-canary');
    expect(await there.after(SOON_MS - 1)).toEqual([]);
    const id = await there.says('and more');
    const [sent, ...others] = await there.after(1);
    expect(others).toEqual([]);
    expect(sent!.data).toEqual({
      ...{ kind: 'message', room: there.room, id, thread: null, n: 2, count: 2, badge: 2, mention: false, read: [] }
    });
    expect(sent!.push.payload).not.toMatch(/canary|and more|Bo/);
    expect(JSON.parse(sent!.push.payload)).toMatchObject({
      web_push: 8030,
      notification: {
        ...{ title: 'Roost', body: '2 new messages', tag: there.room, app_badge: '2' },
        navigate: `https://chat.example.org/room/${there.room}/m/${id}`
      }
    });
    expect(await there.after(600_000)).toEqual([]);
    expect(there.notices.waitingCount).toBe(0);
  });

  test('[PUSH-5] with the words only to the device that wants them, and of those the first 200 characters', async () => {
    const there = await pushSetup();
    await there.subscribe('desk', true);
    await there.says(`${'x'.repeat(199)}😀 and so on`);
    const sent = await there.after(SOON_MS);
    expect(sent.map(({ session, data }) => [session, data.author, data.text])).toEqual([
      ['phone', undefined, undefined],
      ['desk', 'Bo', `${'x'.repeat(199)}…`]
    ]);
  });

  type Row = [
    what: string,
    pushed: boolean,
    prepare: (there: PushSetup) => unknown,
    act?: (there: PushSetup) => Promise<unknown>
  ];
  test.for<Row>([
    ['a message', true, () => undefined],
    ['one’s own', false, () => undefined, (there) => there.says('mine', {}, there.ann)],
    ['of a muted room', false, (there) => there.set('rooms', `${there.room}/muted`, true)],
    ['where the room is to be silent', false, (there) => there.set('rooms', `${there.room}/level`, 'none')],
    ['of a room for mentions', false, (there) => there.set('rooms', `${there.room}/level`, 'mentions')],
    [
      'a mention there',
      true,
      (there) => there.set('rooms', `${there.room}/level`, 'mentions'),
      (there) => there.says('@Ann', { mentions: [there.ann] })
    ],
    [
      'of all who are in the room',
      true,
      (there) => there.set('rooms', `${there.room}/level`, 'mentions'),
      (there) => there.says('@room', { mentionsRoom: true })
    ],
    [
      'one’s word',
      true,
      (there) => {
        there.set('rooms', `${there.room}/level`, 'mentions');
        there.set('preferences', 'keywords', ['tide']);
      },
      (there) => there.says('The tide is in')
    ],
    [
      'one’s word between marks',
      true,
      (there) => {
        there.set('rooms', `${there.room}/level`, 'mentions');
        there.set('preferences', 'keywords', ['tide']);
      },
      (there) => there.says('The _tide_ is in')
    ],
    [
      'one’s word where no more than the beginning is read',
      true,
      (there) => {
        there.set('rooms', `${there.room}/level`, 'mentions');
        there.set('preferences', 'keywords', ['tide']);
      },
      (there) => there.says(`${'*a '.repeat(665)}at\n\ntide ${'*_'.repeat(6_000)}`)
    ],
    ['in quiet hours', false, (there) => there.set('preferences', 'quiet-hours', { from: 0, to: 0, zone: 'UTC' })],
    ['of who is blocked', false, (there) => there.blocked.push(there.bo)],
    [
      'imported',
      false,
      () => undefined,
      async (there) => {
        const empty = await there.rooms.room(there.ann, 'private');
        await there.rooms.rooms.import(empty, imported(1));
      }
    ],
    [
      'a reaction',
      false,
      () => undefined,
      async (there) => {
        const target = await there.says('mine', {}, there.ann);
        await there.acts({ type: 'reaction', target, emoji: '👍', on: true });
      }
    ]
  ])('%s: %s', async ([, pushed, prepare, act]) => {
    const there = await pushSetup();
    prepare(there);
    await (act ?? ((one: PushSetup) => one.says('hello')))(there);
    expect((await there.after(SOON_MS)).length > 0).toBe(pushed);
    expect(there.notices.waitingCount).toBe(0);
  });

  test('between two people at once, whatever the level is', async () => {
    const there = await pushSetup('private', 'mentions');
    const rooms = there.rooms;
    there.room = await directRoom(there);
    await there.says('psst');
    expect((await there.after(SOON_MS)).map(({ push }) => push.urgency)).toEqual(['high']);
    expect(rooms.errors).toEqual([]);
  });
});

async function directRoom(there: PushSetup): Promise<RoomId> {
  const room = directRoomId(there.ann, there.bo);
  const created = there.rooms.entry(there.bo, {
    ...{ type: 'room', action: 'created', kind: 'direct', people: [there.ann, there.bo].sort() }
  });
  expect(await there.rooms.rooms.append(created, room)).toBeNull();
  return room;
}

test('[PUSH-9] replies are pushed to who follows the thread: its author, who wrote there, who was called, who has read it', async () => {
  const there = await pushSetup();
  const [mine, theirs] = [await there.says('mine', {}, there.ann), await there.says('theirs')];
  await there.rooms.rooms.markRead(there.ann, there.room, 2);
  await there.says('in theirs', { thread: theirs });
  expect(await there.after(SOON_MS)).toEqual([]);
  await there.says('in mine', { thread: mine });
  const [sent] = await there.after(SOON_MS);
  expect(sent!.data).toMatchObject({ thread: mine, count: 1 });
  expect(JSON.parse(sent!.push.payload)).toMatchObject({
    notification: {
      tag: `${there.room}/${mine}`,
      navigate: `https://chat.example.org/room/${there.room}/thread/${mine}`
    }
  });
  await there.says('me too', { thread: theirs }, there.ann);
  await there.says('then', { thread: theirs });
  expect(await there.after(SOON_MS)).toHaveLength(1);
  there.set('threads', theirs, { room: there.room, at: there.rooms.timers.nowMs() });
  await there.says('seen at once', { thread: theirs });
  expect(await there.after(SOON_MS)).toEqual([]);
  const read = await there.says('another');
  await there.rooms.rooms.markRead(there.ann, there.room, 3);
  there.set('threads', read, { room: there.room, at: there.rooms.timers.nowMs() });
  there.rooms.timers.advance(1);
  await there.says('in what was read', { thread: read });
  expect((await there.after(SOON_MS)).map(({ data }) => data.thread)).toEqual([read]);
});

test('[PUSH-9] who is invited is told so, until they have come in', async () => {
  const there = await pushSetup();
  const host = there.rooms.user();
  there.room = await there.rooms.room(host, 'private', there.bo);
  await there.acts({ type: 'membership', action: 'invited', user: there.ann });
  expect((await there.after(SOON_MS)).map(({ data }) => [data.kind, data.room, data.id])).toEqual([
    ['invitation', there.room, null]
  ]);
  there.here.add('phone');
  await there.says('hello');
  await there.acts({ type: 'membership', action: 'joined' }, there.ann);
  there.here.clear();
  expect(await there.after(60_000)).toEqual([]);
});

test.for<[what: string, prepare: (there: PushSetup) => unknown]>([
  ['by somebody blocked', (there) => there.blocked.push(there.bo)],
  ['in quiet hours', (there) => there.set('preferences', 'quiet-hours', { from: 0, to: 0, zone: 'UTC' })]
])('[PUSH-9] who is invited %s is not told so', async ([, prepare]) => {
  const there = await pushSetup();
  prepare(there);
  there.room = await there.rooms.room(there.bo, 'private');
  await there.acts({ type: 'membership', action: 'invited', user: there.ann });
  expect(await there.after(SOON_MS)).toEqual([]);
});

test('[PUSH-9] whose invitation is taken back is not told of it, also where everybody may look in', async () => {
  const there = await pushSetup();
  const host = there.rooms.user();
  there.room = await there.rooms.room(host, 'public', there.bo);
  // In one commit, so that nothing tells of an end of what had not begun.
  const both = ['invited', 'removed'].map((action) =>
    there.acts({ type: 'membership', action, user: there.ann }, host)
  );
  await Promise.all(both);
  expect(await there.after(SOON_MS)).toEqual([]);
});

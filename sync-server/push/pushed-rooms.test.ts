import { test, expect, describe } from 'vitest';
import { toldOf } from './push-keys.ts';
import { pushSetup, SOON_MS, type PushSetup } from './testing/push-setup.ts';

/** The first push that is on its way is taken, as this happens while the second is. */
function meanwhile(there: PushSetup, what: () => Promise<unknown>): void {
  let pushes = 0;
  there.onSend = async () => {
    pushes += 1;
    if (pushes === 2) await what();
  };
}

/** Of what Ann was told. */
async function kept({ rooms, ann }: PushSetup): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of rooms.store.kv.range(toldOf(ann))) keys.push(key);
  return keys;
}

test('[PUSH-10] what was pushed and read since is told with the next push', async () => {
  const there = await pushSetup();
  await there.says('one');
  await there.after(SOON_MS);
  await there.rooms.rooms.markRead(there.ann, there.room, 1);
  const first = there.room;
  there.room = await there.rooms.room(there.ann, 'private', there.bo);
  await there.says('elsewhere');
  expect((await there.after(SOON_MS)).map(({ data }) => data.read)).toEqual([[first]]);
  there.room = first;
  await there.says('two');
  expect((await there.after(SOON_MS)).map(({ data }) => [data.read, data.count])).toEqual([[[], 1]]);
  // It stands on the device again.
  there.room = await there.rooms.room(there.ann, 'private', there.bo);
  await there.says('elsewhere still');
  expect((await there.after(SOON_MS)).map(({ data }) => data.read)).toEqual([[]]);
});

test('[PUSH-10] what is pushed of a thread says nothing of how far its room was told or read', async () => {
  const there = await pushSetup();
  const root = await there.says('mine', {}, there.ann);
  await there.says('one');
  await there.after(SOON_MS);
  await there.says('a reply', { thread: root });
  expect((await there.after(SOON_MS)).map(({ data }) => data.thread)).toEqual([root]);
  expect(await kept(there)).toHaveLength(1);
  there.room = await there.rooms.room(there.ann, 'private', there.bo);
  await there.says('elsewhere');
  expect((await there.after(SOON_MS)).map(({ data }) => data.read)).toEqual([[]]);
  await there.crash();
  await there.notices.recover();
  expect(await there.after(SOON_MS)).toEqual([]);
});

test('[PUSH-10] what was read and never pushed is not told', async () => {
  const there = await pushSetup();
  await there.says('one');
  await there.rooms.rooms.markRead(there.ann, there.room, 1);
  there.room = await there.rooms.room(there.ann, 'private', there.bo);
  await there.says('elsewhere');
  expect((await there.after(SOON_MS)).map(({ data }) => data.read)).toEqual([[]]);
});

test('[PUSH-2] [PUSH-10] who leaves a room is told of it as read, and nothing is kept of what they were told', async () => {
  const there = await pushSetup();
  await there.says('one');
  await there.after(SOON_MS);
  expect(await kept(there)).toHaveLength(1);
  const first = there.room;
  await there.acts({ type: 'membership', action: 'left' }, there.ann);
  await there.after(1);
  expect(await kept(there)).toEqual([]);
  there.room = await there.rooms.room(there.ann, 'private', there.bo);
  await there.says('elsewhere');
  expect((await there.after(SOON_MS)).map(({ data }) => data.read)).toEqual([[first]]);
});

test('[PUSH-10] what is read while another device is still being told is told as read with the next push', async () => {
  const there = await pushSetup();
  await there.subscribe('desk');
  await there.says('one');
  meanwhile(there, () => there.rooms.rooms.markRead(there.ann, there.room, 1));
  expect(await there.after(SOON_MS)).toHaveLength(1);
  const first = there.room;
  there.room = await there.rooms.room(there.ann, 'private', there.bo);
  await there.says('elsewhere');
  expect((await there.after(SOON_MS)).map(({ data }) => data.read)).toEqual([[first], [first]]);
});

test.for<[what: string, end: (there: PushSetup) => Promise<unknown>]>([
  ['leaves the room', (there) => there.acts({ type: 'membership', action: 'left' }, there.ann)],
  [
    'ends all sessions',
    async ({ subscriptions, rooms, ann }) => {
      await rooms.store.kv.batch(await subscriptions.ending(ann, ['phone', 'desk']), { sync: true });
      subscriptions.ended(ann, ['phone', 'desk']);
    }
  ]
])('[PUSH-2] nothing is kept of a push to one device that was taken as its person %s', async ([, end]) => {
  const there = await pushSetup();
  await there.subscribe('desk');
  await there.says('one');
  meanwhile(there, () => end(there));
  expect(await there.after(SOON_MS)).toHaveLength(1);
  expect(await kept(there)).toEqual([]);
});

describe('[PUSH-11] a process that is killed loses no notice of a room, and tells of none twice', () => {
  test('killed while it waits', async () => {
    const there = await pushSetup();
    await there.says('one');
    await there.crash();
    await there.notices.recover();
    expect((await there.after(SOON_MS)).map(({ data }) => data.count)).toEqual([1]);
  });

  test.for(['somebody came in', 'another was taken back'] as const)(
    'killed while it waits and %s after it',
    async (what) => {
      const there = await pushSetup();
      await there.says('one');
      if (what === 'somebody came in')
        await there.rooms.rooms.joinByInvitation(there.room, there.rooms.user(), there.ann);
      else await there.acts({ type: 'redaction', target: await there.says('oops'), of: there.bo });
      // What is still to be compacted would be heard of as the disk goes.
      await there.rooms.rooms.erasuresSettled();
      await there.crash();
      await there.notices.recover();
      expect((await there.after(SOON_MS)).map(({ data }) => [data.count, data.n])).toEqual([[1, 1]]);
      await there.crash();
      await there.notices.recover();
      expect(await there.after(SOON_MS)).toEqual([]);
    }
  );

  test('killed while several wait: all that call one do so, in the words that they have now', async () => {
    const there = await pushSetup('private', 'mentions');
    await there.subscribe('phone', true);
    const called = await there.says('ann, come', { mentions: [there.ann] });
    await there.acts({ type: 'edit', target: called, body: 'ann, stay' });
    await there.says('and bring bread');
    await there.crash();
    await there.notices.recover();
    expect((await there.after(SOON_MS)).map(({ data }) => [data.id, data.mention, data.text])).toEqual([
      [called, true, 'ann, stay']
    ]);
  });

  test('killed when it was told', async () => {
    const there = await pushSetup();
    await there.says('one');
    expect(await there.after(SOON_MS)).toHaveLength(1);
    await there.crash();
    await there.notices.recover();
    expect(await there.after(SOON_MS)).toEqual([]);
    await there.says('two');
    expect((await there.after(SOON_MS)).map(({ data }) => data.count)).toEqual([2]);
  });

  test('killed between a push and what came while that was on its way', async () => {
    const there = await pushSetup();
    await there.says('one');
    there.onSend = async () => {
      there.onSend = async () => undefined;
      await there.says('two');
    };
    expect((await there.after(SOON_MS)).map(({ data }) => data.count)).toEqual([1]);
    await there.crash();
    await there.notices.recover();
    expect((await there.after(SOON_MS)).map(({ data }) => data.count)).toEqual([2]);
  });

  test('what came long before, was read, or is one’s own is not told', async () => {
    const there = await pushSetup();
    await there.says('one', {}, there.ann);
    await there.crash();
    await there.notices.recover();
    await there.says('two');
    await there.crash(11 * 60_000);
    await there.notices.recover();
    expect(await there.after(SOON_MS)).toEqual([]);
  });
});

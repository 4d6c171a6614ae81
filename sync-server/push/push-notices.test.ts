import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, test, expect } from 'vitest';
import type { PushSetup } from './testing/push-setup.ts';
import { pushSetup, SOON_MS, TAKEN } from './testing/push-setup.ts';

describe('[PUSH-6] nothing is pushed that is over when it would be sent', () => {
  test('read meanwhile, here or on another device', async () => {
    const there = await pushSetup();
    await there.says('one');
    await there.rooms.rooms.markRead(there.ann, there.room, 1);
    expect(there.notices.waitingCount).toBe(0);
    expect(await there.after(SOON_MS)).toEqual([]);
  });

  test('taken back; what was changed is told as it is now', async () => {
    const there = await pushSetup();
    await there.subscribe('phone', true);
    const [first, second] = [await there.says('one'), await there.says('two')];
    await there.acts({ type: 'redaction', target: second, of: there.bo });
    await there.acts({ type: 'edit', target: first, body: 'won' });
    expect((await there.after(SOON_MS)).map(({ data }) => [data.id, data.text])).toEqual([[first, 'won']]);
    const third = await there.says('three');
    await there.acts({ type: 'redaction', target: third, of: there.bo });
    expect(await there.after(SOON_MS)).toEqual([]);
  });

  test('erased without a word of it, as what is left of an account', async () => {
    const there = await pushSetup();
    await there.subscribe('phone', true);
    await there.says('one');
    await there.rooms.rooms.eraseMessagesOf(there.bo);
    expect(await there.after(SOON_MS)).toEqual([]);
    expect(there.notices.waitingCount).toBe(0);
  });

  test('taken back while it is decided what to say', async () => {
    const there = await pushSetup();
    await there.subscribe('phone', true);
    const [first, second] = [await there.says('one'), await there.says('canary')];
    let looks = 0;
    there.onLook = async () => {
      looks += 1;
      // The second time, the words are chosen already.
      if (looks === 2) await there.acts({ type: 'redaction', target: second, of: there.bo });
    };
    expect((await there.after(SOON_MS)).map(({ data }) => [data.id, data.text])).toEqual([[first, 'one']]);
  });

  test('taken back while its push waits for a line', async () => {
    const there = await pushSetup();
    await there.subscribe('phone', true);
    const [first, second] = [await there.says('one'), await there.says('canary')];
    there.onSend = async () => {
      there.onSend = async () => undefined;
      await there.acts({ type: 'redaction', target: second, of: there.bo });
    };
    expect(await there.after(SOON_MS)).toEqual([]);
    expect((await there.after(60_000)).map(({ data }) => [data.id, data.text])).toEqual([[first, 'one']]);
  });

  type End = [what: string, end: (there: PushSetup) => Promise<unknown>];
  test.for<End>([
    ['read', (there) => there.rooms.rooms.markRead(there.ann, there.room, 1)],
    ['the room closed to the person', (there) => there.acts({ type: 'membership', action: 'left' }, there.ann)]
  ])('%s while it is decided what to say', async ([, end]) => {
    const there = await pushSetup();
    await there.says('one');
    there.onLook = async () => {
      // What else the decision goes by has been read by then.
      for (let turns = 0; turns < 5; turns++) await nextTurn();
      there.onLook = async () => undefined;
      await end(there);
    };
    expect(await there.after(SOON_MS)).toEqual([]);
    expect(there.notices.waitingCount).toBe(0);
  });

  test.for<End>([
    ['read', (there) => there.rooms.rooms.markRead(there.ann, there.room, 99)],
    ['the room closed to the person', (there) => there.acts({ type: 'membership', action: 'left' }, there.ann)],
    ['[PUSH-2] the session ended', async (there) => there.subscriptions.ended(there.ann, ['phone'])],
    ['[PUSH-2] unsubscribed', (there) => there.subscriptions.remove(there.ann, 'phone')],
    ['[PUSH-5] without words from now on', (there) => there.subscribe('phone')]
  ])('%s while its push waits for a line', async ([, end]) => {
    const there = await pushSetup();
    await there.subscribe('phone', true);
    await there.says('canary');
    there.onSend = async () => {
      there.onSend = async () => undefined;
      await end(there);
    };
    expect(await there.after(SOON_MS)).toEqual([]);
    expect((await there.after(60_000)).map(({ push }) => push.payload).join()).not.toContain('canary');
    expect(there.notices.waitingCount).toBe(0);
  });

  test('read while its push waits for a line: what came after that is told of', async () => {
    const there = await pushSetup();
    await there.subscribe('phone', true);
    await there.says('one');
    there.onSend = async () => {
      there.onSend = async () => undefined;
      await there.says('two');
      await there.rooms.rooms.markRead(there.ann, there.room, 2);
      await there.says('three');
    };
    expect(await there.after(SOON_MS)).toEqual([]);
    expect((await there.after(60_000)).map(({ data }) => [data.text, data.count])).toEqual([['three', 1]]);
  });

  test('read in part while its push waits for a line', async () => {
    const there = await pushSetup();
    await there.subscribe('phone', true);
    await there.says('one');
    await there.says('two');
    there.onSend = async () => {
      there.onSend = async () => undefined;
      await there.rooms.rooms.markRead(there.ann, there.room, 1);
    };
    expect(await there.after(SOON_MS)).toEqual([]);
    expect((await there.after(60_000)).map(({ data }) => [data.text, data.count])).toEqual([['two', 1]]);
  });

  test('disappeared', async () => {
    const there = await pushSetup();
    await there.acts({ type: 'room', action: 'disappearing', after: 10 }, there.ann);
    there.onScreen.push([there.room, 'here']);
    await there.says('gone soon');
    await there.after(SOON_MS);
    there.onScreen.length = 0;
    expect(await there.after(60_000)).toEqual([]);
  });

  test('out of the room, or without a subscription', async () => {
    const there = await pushSetup();
    await there.says('one');
    await there.acts({ type: 'membership', action: 'left' }, there.ann);
    expect(await there.after(SOON_MS)).toEqual([]);
  });

  test('the session ended', async () => {
    const there = await pushSetup();
    await there.says('one');
    there.subscriptions.ended(there.ann, ['phone']);
    expect(await there.after(SOON_MS)).toEqual([]);
    expect(there.notices.waitingCount).toBe(0);
  });
});

describe('[PUSH-7] a device in use is left alone, and all are while the room is on screen; later they are told after all', () => {
  test('the one in use tells in the app', async () => {
    const there = await pushSetup();
    await there.subscribe('desk');
    there.here.add('desk');
    await there.says('one');
    expect((await there.after(SOON_MS)).map(({ session }) => session)).toEqual(['phone']);
    there.here.clear();
    expect(await there.after(29_999)).toEqual([]);
    expect((await there.after(1)).map(({ session }) => session)).toEqual(['desk']);
    expect(await there.after(600_000)).toEqual([]);
  });

  test('on screen somewhere', async () => {
    const there = await pushSetup();
    there.onScreen.push([there.room, 'here']);
    await there.says('one');
    expect(await there.after(SOON_MS)).toEqual([]);
    expect(await there.after(60_000)).toEqual([]);
    there.onScreen[0] = [there.room, 'away'];
    expect(await there.after(30_000)).toHaveLength(1);
  });

  test('another room on screen is no reason, and ten minutes are enough', async () => {
    const there = await pushSetup();
    there.onScreen.push(['another', 'here']);
    await there.says('one');
    expect(await there.after(SOON_MS)).toHaveLength(1);
    there.onScreen[0] = [there.room, 'here'];
    await there.says('two');
    for (let minute = 0; minute < 11; minute++) expect(await there.after(60_000)).toEqual([]);
    expect(there.notices.waitingCount).toBe(0);
  });
});

describe('[PUSH-8] a service without time is asked again, ever more slowly, for ten minutes; a dead subscription goes', () => {
  test('again', async () => {
    const there = await pushSetup();
    there.outcome = { kind: 'later', afterMs: null };
    await there.says('one');
    const tries: number[] = [];
    for (let second = 0; second < 900; second++) if ((await there.after(1_000)).length > 0) tries.push(second + 1);
    expect(tries).toEqual([3, 8, 18, 38, 78, 158, 278, 398, 518]);
    expect(there.notices.waitingCount).toBe(0);
  });

  test('when the service says, and only while it is still unread', async () => {
    const there = await pushSetup();
    there.outcome = { kind: 'later', afterMs: 60_000 };
    await there.says('one');
    expect(await there.after(SOON_MS)).toHaveLength(1);
    expect(await there.after(59_999)).toEqual([]);
    expect(await there.after(1)).toHaveLength(1);
    await there.rooms.rooms.markRead(there.ann, there.room, 1);
    expect(await there.after(600_000)).toEqual([]);
  });

  test('what comes meanwhile is told of without waiting, and begins anew', async () => {
    const there = await pushSetup();
    there.outcome = { kind: 'later', afterMs: null };
    await there.says('one');
    for (const ms of [SOON_MS, 5_000, 10_000]) expect(await there.after(ms)).toHaveLength(1);
    await there.says('two');
    expect((await there.after(SOON_MS)).map(({ data }) => data.count)).toEqual([2]);
    expect(await there.after(4_999)).toEqual([]);
    expect(await there.after(1)).toHaveLength(1);
  });

  test('gone', async () => {
    const there = await pushSetup();
    there.outcome = { kind: 'gone' };
    await there.says('one');
    expect(await there.after(SOON_MS)).toHaveLength(1);
    expect(there.subscriptions.of(there.ann)).toEqual([]);
    there.outcome = TAKEN;
    await there.says('two');
    expect(await there.after(SOON_MS)).toEqual([]);
  });
});

test('[PUSH-4] where it cannot be decided what to tell, what comes next is told of all the same', async () => {
  const there = await pushSetup();
  await there.says('one');
  there.onLook = () => Promise.reject(new Error('the disk would not'));
  expect(await there.after(SOON_MS)).toEqual([]);
  expect(there.rooms.errors.splice(0)).toHaveLength(1);
  there.onLook = async () => undefined;
  await there.says('two');
  expect((await there.after(SOON_MS)).map(({ data }) => data.count)).toEqual([2]);
});

test('[HTTP-13] a service that says nothing does not keep the server from stopping', async () => {
  const there = await pushSetup();
  await there.says('one');
  const asked = Promise.withResolvers<void>();
  let isOver = false;
  there.onSend = async (_push, signal) => {
    asked.resolve();
    await new Promise((ended) => signal!.addEventListener('abort', ended));
    await nextTurn();
    isOver = true;
  };
  there.rooms.timers.advance(SOON_MS);
  await asked.promise;
  await there.notices.close();
  expect([isOver, there.sent]).toEqual([true, []]);
});

test('[PUSH-4] what comes while it is told of is told next', async () => {
  const there = await pushSetup();
  await there.says('one');
  there.onSend = async () => {
    there.onSend = async () => undefined;
    await there.says('two');
  };
  expect((await there.after(SOON_MS)).map(({ data }) => data.count)).toEqual([1]);
  expect((await there.after(SOON_MS)).map(({ data }) => data.count)).toEqual([2]);
  expect(there.notices.waitingCount).toBe(0);
});

test('[PUSH-4] a busy room is told of in time', async () => {
  const there = await pushSetup();
  let pushed = 0;
  for (let second = 0; second < 30; second++) {
    await there.says(`line ${second}`);
    pushed += (await there.after(1_000)).length;
  }
  expect(pushed).toBeGreaterThanOrEqual(7);
  expect(pushed).toBeLessThanOrEqual(10);
});

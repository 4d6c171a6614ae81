import { expect, onTestFinished, test } from 'vitest';
import { newUserId } from '#protocol/ids.ts';
import { MemoryDisk } from '../store/memory-disk.ts';
import { Store } from '../store/store.ts';
import { toldKey } from './push-keys.ts';
import { PushSubscriptions, type PushSubscription } from './push-subscriptions.ts';

const [ann, bo] = [newUserId(), newUserId()];
const subscription = (more: Partial<PushSubscription> = {}): PushSubscription => ({
  ...{ user: ann, session: 'phone', endpoint: 'https://push.example.org/1', p256dh: 'p', auth: 'a' },
  ...{ content: false, origin: 'https://chat.example.org', ...more }
});

async function setup() {
  const disk = new MemoryDisk();
  let store = await Store.inMemory(disk);
  let subscriptions = await PushSubscriptions.open(store.kv);
  onTestFinished(() => store.close());
  return {
    get kv() {
      return store.kv;
    },
    get subscriptions() {
      return subscriptions;
    },
    endpoints: (user = ann) => subscriptions.of(user).map(({ endpoint }) => endpoint.slice(-1)),
    async restart() {
      await store.close();
      store = await Store.inMemory(disk);
      subscriptions = await PushSubscriptions.open(store.kv);
    }
  };
}

test('[PUSH-2] a session has one subscription, the last; it is there after a restart', async () => {
  const there = await setup();
  await there.subscriptions.put(subscription());
  await there.subscriptions.put(subscription({ endpoint: 'https://push.example.org/2', content: true }));
  await there.subscriptions.put(subscription({ session: 'desk', endpoint: 'https://push.example.org/3' }));
  expect(there.endpoints()).toEqual(['2', '3']);
  await there.restart();
  expect(there.endpoints().sort()).toEqual(['2', '3']);
  expect(there.subscriptions.get(ann, 'phone')?.content).toBe(true);
});

test('[PUSH-2] a browser that somebody else signs in on serves them alone', async () => {
  const there = await setup();
  await there.subscriptions.put(subscription());
  await there.subscriptions.put(subscription({ user: bo, session: 'other' }));
  expect([there.endpoints(ann), there.endpoints(bo), there.subscriptions.has(ann)]).toEqual([[], ['1'], false]);
  await there.restart();
  expect([there.endpoints(ann), there.endpoints(bo)]).toEqual([[], ['1']]);
});

test('[PUSH-2] one person has fifty, which may change their places, and no more', async () => {
  const there = await setup();
  const nth = (at: number, more: Partial<PushSubscription> = {}) =>
    there.subscriptions.put(subscription({ session: `${at}`, endpoint: `https://push.example.org/${at}`, ...more }));
  for (let at = 0; at < 50; at++) expect(await nth(at)).toBe(true);
  expect(await nth(50)).toBe(false);
  expect(there.subscriptions.get(ann, '50')).toBeNull();
  expect(await nth(0, { endpoint: 'https://push.example.org/new' })).toBe(true);
  // The same browser, signed in anew.
  expect(await nth(50, { endpoint: 'https://push.example.org/1' })).toBe(true);
  expect(await nth(0, { user: bo, endpoint: 'https://push.example.org/bo' })).toBe(true);
  await there.restart();
  expect([there.subscriptions.of(ann).length, there.subscriptions.of(bo).length]).toEqual([50, 1]);
});

test('[PUSH-2] a dead one goes, but not the one that took its place meanwhile', async () => {
  const there = await setup();
  await there.subscriptions.put(subscription({ endpoint: 'https://push.example.org/2' }));
  await there.subscriptions.remove(ann, 'phone', 'https://push.example.org/1');
  expect(there.endpoints()).toEqual(['2']);
  await there.subscriptions.remove(ann, 'phone', 'https://push.example.org/2');
  await there.restart();
  expect(there.endpoints()).toEqual([]);
});

test.for(['taken back', 'the session ended'] as const)(
  '[PUSH-2] what is kept of who was told goes with the last subscription of a person: %s',
  async (how) => {
    const there = await setup();
    await there.subscriptions.put(subscription());
    await there.subscriptions.put(subscription({ session: 'desk', endpoint: 'https://push.example.org/2' }));
    await there.kv.batch([{ type: 'put', key: toldKey(ann, 'room'), value: new Uint8Array() }], { sync: true });
    const end = async (session: string) => {
      if (how === 'taken back') return there.subscriptions.remove(ann, session);
      await there.kv.batch(await there.subscriptions.ending(ann, [session]), { sync: true });
      there.subscriptions.ended(ann, [session]);
    };
    await end('desk');
    expect(await there.kv.get(toldKey(ann, 'room'))).toBeDefined();
    await end('phone');
    expect(await there.kv.get(toldKey(ann, 'room'))).toBeUndefined();
  }
);

test('[PUSH-2] what is kept of who was told goes as well where somebody else signs in on their only device', async () => {
  const there = await setup();
  await there.kv.batch([{ type: 'put', key: toldKey(ann, 'room'), value: new Uint8Array() }], { sync: true });
  await there.subscriptions.put(subscription());
  // On that browser they are the same person still.
  await there.subscriptions.put(subscription({ session: 'anew' }));
  expect(await there.kv.get(toldKey(ann, 'room'))).toBeDefined();
  await there.subscriptions.put(subscription({ user: bo, session: 'other' }));
  expect(await there.kv.get(toldKey(ann, 'room'))).toBeUndefined();
});

test('[PUSH-2] what else is kept of who was told is erased with the account', async () => {
  const there = await setup();
  const value = new TextEncoder().encode('3');
  await there.kv.batch([{ type: 'put', key: toldKey(ann, 'room'), value }], { sync: true });
  expect(await there.subscriptions.erasure(ann)).toEqual([{ type: 'del', key: toldKey(ann, 'room') }]);
});

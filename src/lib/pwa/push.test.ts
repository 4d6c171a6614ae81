import { expect, test } from 'vitest';
import type { PushState } from '#protocol/push.ts';
import type { ApiClient } from '../session/api-client.ts';
import type { PushBrowser } from './push-browser.ts';
import { Push } from './push.svelte.ts';

const KEY = 'BAAA';
const OTHER_KEY = 'BBBB';

/** A browser, a server, and what this device remembers. */
class World {
  permission: NotificationPermission = 'default';
  answer: NotificationPermission = 'granted';
  secure = true;
  needsHomeScreen = false;
  worker = true;
  serviceAnswers = true;
  online = true;
  serverKey = KEY;
  asked = 0;
  offered = false;
  made = 0;
  there: { readonly endpoint: string; readonly key: string } | null = null;
  server: PushState['subscription'] = null;

  readonly #subscription = () => {
    const { there } = this;
    return (
      there && {
        endpoint: there.endpoint,
        options: { applicationServerKey: Uint8Array.from(atob(there.key), (sign) => sign.charCodeAt(0)).buffer },
        toJSON: () => ({ endpoint: there.endpoint, keys: {} }),
        unsubscribe: async () => {
          this.there = null;
          return true;
        }
      }
    );
  };

  get browser(): PushBrowser {
    const registration = {
      pushManager: {
        getSubscription: async () => this.#subscription(),
        subscribe: async ({ applicationServerKey }: { applicationServerKey: string }) => {
          if (!this.serviceAnswers) throw new DOMException('no service', 'AbortError');
          this.there ??= { endpoint: `https://push/${++this.made}`, key: applicationServerKey };
          return this.#subscription();
        }
      },
      getNotifications: async () => []
    } as unknown as ServiceWorkerRegistration;
    return {
      registration: async () => (this.worker ? registration : null),
      secure: this.secure,
      needsHomeScreen: this.needsHomeScreen,
      permission: () => this.permission,
      ask: async () => {
        this.asked += 1;
        return (this.permission = this.answer);
      }
    };
  }

  get api(): Pick<ApiClient, 'get' | 'put' | 'delete'> {
    const answer = () =>
      this.online
        ? { ok: true, value: { publicKey: this.serverKey, subscription: this.server } }
        : { ok: false, code: 'offline', message: 'Offline' };
    return {
      get: async () => answer(),
      put: async (_path: string, { endpoint, content }: { endpoint: string; content?: boolean }) => {
        if (this.online) this.server = { endpoint, content: content ?? this.server?.content ?? false };
        return answer();
      },
      delete: async () => {
        if (this.online) this.server = null;
        return answer();
      }
    } as unknown as Pick<ApiClient, 'get' | 'put' | 'delete'>;
  }

  push(): Push {
    return new Push(this.browser, this.api, {
      wasOffered: async () => this.offered,
      noteOffered: () => (this.offered = true)
    });
  }
}

test.for<[status: string, given: Partial<World>]>([
  ['off', {}],
  ['off', { permission: 'granted' }],
  ['on', { permission: 'granted', there: { endpoint: 'https://push/0', key: KEY }, online: false }],
  ['blocked', { permission: 'denied' }],
  ['insecure', { secure: false, worker: false }],
  ['home-screen', { needsHomeScreen: true, worker: false }],
  ['unsupported', { worker: false }]
])('[PUSH-16] the state is said: %s, with %j', async ([status, given]) => {
  const push = Object.assign(new World(), given).push();
  expect(push.status).toBe('loading');
  await push.refresh();
  expect(push.status).toBe(status);
});

test('[PUSH-16] on a tap the browser asks, the device subscribes with the server’s key, and the server knows', async () => {
  const world = new World();
  const push = world.push();
  await push.lineUp();
  expect(world.asked).toBe(0);
  expect(await push.turnOn()).toMatchObject({ ok: true });
  expect([push.status, push.content, world.asked]).toEqual(['on', false, 1]);
  expect([world.there?.key, world.server]).toEqual([KEY, { endpoint: 'https://push/1', content: false }]);
  await push.setContent(true);
  expect([push.content, world.server?.content]).toEqual([true, true]);
  await push.turnOff();
  expect([push.status, world.there, world.server]).toEqual(['off', null, null]);
});

test('[PUSH-16] what stands in the way is said, and nothing is half on', async () => {
  const denied = Object.assign(new World(), { answer: 'denied' as const });
  const push = denied.push();
  expect(await push.turnOn()).toMatchObject({ ok: false, code: 'blocked' });
  expect(push.status).toBe('blocked');

  const silent = Object.assign(new World(), { serviceAnswers: false });
  expect(await silent.push().turnOn()).toMatchObject({ ok: false, code: 'failed' });

  const offline = Object.assign(new World(), { online: false });
  const before = offline.push();
  await before.refresh();
  expect(await before.turnOn()).toMatchObject({ ok: false, code: 'offline' });
  expect([before.status, offline.there]).toEqual(['off', null]);
});

test('[PUSH-17] what was allowed once is kept up without a word: another key, another subscription, a server that forgot', async () => {
  const world = new World();
  const push = world.push();
  await push.turnOn();
  await push.setContent(true);
  world.serverKey = OTHER_KEY;
  await push.lineUp();
  expect([world.there, world.server]).toEqual([
    { endpoint: 'https://push/2', key: OTHER_KEY },
    { endpoint: 'https://push/2', content: true }
  ]);
  world.there = null;
  await push.lineUp();
  expect([push.status, world.server?.endpoint]).toEqual(['on', 'https://push/3']);
  world.server = null;
  await push.lineUp();
  expect(world.server).toMatchObject({ endpoint: 'https://push/3' });
  expect(world.asked).toBe(1);

  // Turned off, it stays off; without a line it cannot be, and says so.
  world.online = false;
  expect(await push.turnOff()).toMatchObject({ ok: false, code: 'offline' });
  expect(push.status).toBe('on');
  world.online = true;
  await push.turnOff();
  await push.lineUp();
  expect([push.status, world.there, world.server]).toEqual(['off', null, null]);
});

test('[PUSH-17] who signs out is pushed to no more', async () => {
  const world = new World();
  const push = world.push();
  await push.turnOn();
  await push.end();
  expect(world.there).toBeNull();
});

test('[PUSH-18] it is offered once, after the first message, where it can be turned on', async () => {
  const world = new World();
  const push = world.push();
  expect(push.offered).toBe(false);
  await push.sent();
  expect(push.offered).toBe(true);
  push.dismissOffer();
  await push.sent();
  expect([push.offered, world.push().offered]).toEqual([false, false]);
  const elsewhere: readonly Partial<World>[] = [{ permission: 'denied' }, { permission: 'granted' }, { worker: false }];
  for (const given of elsewhere) {
    const fresh: World = new World();
    Object.assign(fresh, given);
    const other = fresh.push();
    await other.sent();
    expect(other.offered).toBe(false);
  }
});

test('[PUSH-17] turned off while it is being kept up, it stays off', async () => {
  const world = new World();
  const push = world.push();
  await push.turnOn();
  world.serverKey = OTHER_KEY;
  // The line has just come up.
  const kept = push.lineUp();
  const off = push.turnOff();
  const again = push.lineUp();
  expect((await off).ok).toBe(true);
  await Promise.all([kept, again]);
  await push.refresh();
  expect([push.status, world.there, world.server]).toEqual(['off', null, null]);
});

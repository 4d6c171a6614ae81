// The whole client in this process, as many devices and tabs as a test wants, over real sockets to a real server.
// A device has its own databases and cookie; its tabs share them. Disposes of itself.

import 'fake-indexeddb/auto';
import { AsyncLocalStorage } from 'node:async_hooks';
import { WebSocket } from 'ws';
import type { ChannelLike, Environment, SocketLike } from '../../src/lib/environment.ts';
import { App } from '../../src/lib/model/app.svelte.ts';
import type { RoomModel } from '../../src/lib/model/room-model.ts';
import type { MessageItem } from '../../src/lib/model/timeline-item.ts';
import { STILL } from '../../src/lib/testing/still-environment.ts';

let devices = 0;

/** Whose code runs: a crashed tab's goes on in this process, but reaches neither disk nor network any more. */
const running = new AsyncLocalStorage<{ dead: boolean }>();
const { transaction } = Object.getOwnPropertyDescriptors(IDBDatabase.prototype);
IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...args) {
  if (running.getStore()?.dead) throw new DOMException('the tab has crashed', 'UnknownError');
  return transaction.value!.apply(this, args);
};

export class TestDevice {
  readonly #origin: string;
  readonly prefix: string;
  #cookie = '';
  /** How far its clock is off. */
  clockAheadMs = 0;
  /** Epoch ms at which its clock stands still; null: it goes. */
  clockStandsAt: number | null = null;
  /** Pulls the plug of all tabs. */
  #online = true;
  readonly #sockets = new Map<WebSocket, Life>();
  readonly #wakers = new Set<() => void>();
  readonly #hiders = new Map<() => void, Life>();
  readonly #tabs = new Set<TestTab>();
  readonly #channels = new Map<string, Set<FakeChannel>>();

  /** Web Locks; null: leases in the database instead, which is what plain http has. */
  readonly #locks: FakeLocks | null;

  /** null: a page on plain http. */
  readonly #subtle: SubtleCrypto | null;

  constructor(origin: string, options: { readonly locks?: boolean; readonly plainHttp?: boolean } = {}) {
    this.#subtle = options.plainHttp ? null : crypto.subtle;
    this.#locks = options.locks ? new FakeLocks() : null;
    this.#origin = origin;
    devices += 1;
    this.prefix = `device${devices}`;
  }

  /** A tab that has been started; `loading` is over. */
  async tab(): Promise<TestTab> {
    const life = { dead: false };
    const app = running.run(life, () => new App(this.#environment(life)));
    const tab = new TestTab(app, life, () => this.#tabs.delete(tab));
    this.#tabs.add(tab);
    running.run(life, () => app.start());
    await until(() => app.session.status !== 'loading');
    return tab;
  }

  /** The tab is gone between two steps, without a word; its locks are free. */
  kill(tab: TestTab): void {
    tab.life.dead = true;
    this.#tabs.delete(tab);
    for (const [socket, life] of this.#sockets) if (life === tab.life) socket.terminate();
    this.#locks?.releaseAll(tab.life);
    // Its timers must not keep this process busy; the disk is out of its reach already.
    running.run(tab.life, () => tab.app.dispose());
  }

  /** Nobody looks at the tab any more, or it is about to go. */
  hide(tab: TestTab): void {
    for (const [hidden, life] of this.#hiders) if (life === tab.life) running.run(life, hidden);
  }

  unplug(): void {
    this.#online = false;
    for (const socket of this.#sockets.keys()) socket.terminate();
  }

  plugIn(): void {
    this.#online = true;
    for (const waker of this.#wakers) waker();
  }

  /** What is sent arrives; what the server says does not come, until it is heard again. */
  deafen(): void {
    for (const socket of this.#sockets.keys()) socket.pause();
  }
  hearAgain(): void {
    for (const socket of this.#sockets.keys()) socket.resume();
  }

  close(): void {
    for (const tab of [...this.#tabs]) tab.close();
    for (const socket of this.#sockets.keys()) socket.terminate();
  }

  #environment(life: Life): Environment {
    return {
      ...STILL,
      origin: this.#origin,
      databasePrefix: this.prefix,
      fetch: (path, init) => (life.dead ? new Promise(() => undefined) : this.#fetch(path, init)),
      openSocket: (url) => this.#openSocket(url, life),
      now: () => (this.clockStandsAt ?? Date.now()) + this.clockAheadMs,
      random: () => Math.random(),
      subtle: this.#subtle,
      locks: this.#locks && (this.#locks.of(life) as unknown as LockManager),
      openChannel: (name) => new FakeChannel(name, this.#channels),
      onWake: (listener) => {
        this.#wakers.add(listener);
        return () => this.#wakers.delete(listener);
      },
      onHide: (listener) => {
        this.#hiders.set(listener, life);
        return () => this.#hiders.delete(listener);
      }
    };
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    if (!this.#online) throw new TypeError('fetch failed');
    const headers = new Headers(init.headers);
    headers.set('origin', this.#origin);
    if (this.#cookie) headers.set('cookie', this.#cookie);
    const response = await fetch(new URL(path, this.#origin), { ...init, headers });
    const [set] = response.headers.getSetCookie();
    if (set) this.#cookie = set.split(';')[0]!;
    return response;
  }

  #openSocket(url: string, life: Life): SocketLike {
    const address = this.#online && !life.dead ? url : 'ws://127.0.0.1:1';
    const socket = new WebSocket(address, { headers: { cookie: this.#cookie, origin: this.#origin } });
    this.#sockets.set(socket, life);
    socket.on('close', () => this.#sockets.delete(socket));
    return socket as unknown as SocketLike;
  }
}

interface Life {
  dead: boolean;
}

export class TestTab {
  readonly app: App;
  readonly life: Life;
  readonly #forget: () => void;

  constructor(app: App, life: Life, forget: () => void) {
    this.app = app;
    this.life = life;
    this.#forget = forget;
  }

  /** Runs as code of this tab, so that it ends with it. */
  run<Value>(task: () => Value): Value {
    return running.run(this.life, task);
  }

  close(): void {
    this.#forget();
    this.app.dispose();
  }
}

/** Web Locks of one browser: exclusive, first come first served, let go of when their tab is gone. */
class FakeLocks {
  readonly #held = new Map<string, Life>();
  readonly #waiting: { readonly name: string; readonly life: Life; readonly grant: () => void }[] = [];

  of(life: Life) {
    return {
      request: async (name: string, { signal }: { signal: AbortSignal }, task: () => Promise<void>): Promise<void> => {
        await new Promise<void>((grant, reject) => {
          const waiting = { name, life, grant };
          this.#waiting.push(waiting);
          const abort = (): void => {
            const at = this.#waiting.indexOf(waiting);
            if (at >= 0) this.#waiting.splice(at, 1);
            reject(new DOMException('', 'AbortError'));
          };
          signal.addEventListener('abort', abort, { once: true });
          this.#grant();
        });
        try {
          await task();
        } finally {
          if (this.#held.get(name) === life) this.#held.delete(name);
          this.#grant();
        }
      }
    };
  }

  releaseAll(life: Life): void {
    for (const [name, holder] of this.#held) if (holder === life) this.#held.delete(name);
    this.#grant();
  }

  #grant(): void {
    for (const [index, { name, life, grant }] of this.#waiting.entries()) {
      if (this.#held.has(name) || life.dead) continue;
      this.#waiting.splice(index, 1);
      this.#held.set(name, life);
      grant();
      return this.#grant();
    }
  }
}

/** BroadcastChannel among the tabs of one device. */
class FakeChannel implements ChannelLike {
  onmessage: ((event: MessageEvent) => void) | null = null;
  readonly #peers: Set<FakeChannel>;

  constructor(name: string, channels: Map<string, Set<FakeChannel>>) {
    let peers = channels.get(name);
    if (!peers) channels.set(name, (peers = new Set()));
    this.#peers = peers;
    peers.add(this);
  }

  postMessage(message: unknown): void {
    const data: unknown = structuredClone(message);
    for (const peer of this.#peers) {
      if (peer !== this) queueMicrotask(() => peer.onmessage?.({ data } as MessageEvent));
    }
  }

  close(): void {
    this.onmessage = null;
    this.#peers.delete(this);
  }
}

/** Waits for a state, not for a time. */
export async function until(condition: () => boolean, withinMs = 40_000, what = condition.toString()): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    // Between two looks: models of many kinds tell of changes in no common way.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const messages = (room: RoomModel): MessageItem[] =>
  room.timeline.filter((item): item is MessageItem => item.kind === 'message');

export const bodies = (room: RoomModel): string[] => messages(room).map(({ body }) => body);

export const allArrived = (room: RoomModel): boolean => room.timeline.every(({ state }) => state === 'arrived');

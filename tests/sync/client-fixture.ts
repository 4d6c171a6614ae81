// The whole client in this process, as many devices and tabs as a test wants, over real sockets to a real server.
// A device has its own databases and cookie; its tabs share them. Disposes of itself.

import 'fake-indexeddb/auto';
import { WebSocket } from 'ws';
import type { ChannelLike, Environment, SocketLike } from '../../src/lib/environment.ts';
import { App } from '../../src/lib/model/app.svelte.ts';
import type { MessageItem, RoomModel } from '../../src/lib/model/app-model.ts';

let devices = 0;

export class TestDevice {
  readonly #origin: string;
  readonly prefix: string;
  #cookie = '';
  /** Pulls the plug of all tabs. */
  #online = true;
  readonly #sockets = new Set<WebSocket>();
  readonly #wakers = new Set<() => void>();
  readonly #tabs = new Set<TestTab>();
  readonly #channels = new Map<string, Set<FakeChannel>>();

  constructor(origin: string) {
    this.#origin = origin;
    devices += 1;
    this.prefix = `device${devices}`;
  }

  /** A tab that has been started; `loading` is over. */
  async tab(): Promise<TestTab> {
    const environment = this.#environment();
    const app = new App(environment);
    const tab = new TestTab(app, () => this.#tabs.delete(tab));
    this.#tabs.add(tab);
    app.start();
    await until(() => app.session.status !== 'loading');
    return tab;
  }

  unplug(): void {
    this.#online = false;
    for (const socket of this.#sockets) socket.terminate();
  }

  plugIn(): void {
    this.#online = true;
    for (const waker of this.#wakers) waker();
  }

  close(): void {
    for (const tab of [...this.#tabs]) tab.close();
    for (const socket of this.#sockets) socket.terminate();
  }

  #environment(): Environment {
    return {
      origin: this.#origin,
      databasePrefix: this.prefix,
      secure: true,
      fetch: (path, init) => this.#fetch(path, init),
      openSocket: (url) => this.#openSocket(url),
      now: () => Date.now(),
      random: () => Math.random(),
      // Leases in the database instead: what plain http has.
      locks: null,
      openChannel: (name) => new FakeChannel(name, this.#channels),
      storage: null,
      serviceWorker: null,
      visible: () => true,
      onWake: (listener) => {
        this.#wakers.add(listener);
        return () => this.#wakers.delete(listener);
      },
      onVisibility: () => () => undefined,
      reload: () => undefined
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

  #openSocket(url: string): SocketLike {
    const address = this.#online ? url : 'ws://127.0.0.1:1';
    const socket = new WebSocket(address, { headers: { cookie: this.#cookie, origin: this.#origin } });
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    return socket as unknown as SocketLike;
  }
}

export class TestTab {
  readonly app: App;
  readonly #forget: () => void;

  constructor(app: App, forget: () => void) {
    this.app = app;
    this.#forget = forget;
  }

  close(): void {
    this.#forget();
    this.app.dispose();
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
export async function until(condition: () => boolean, withinMs = 20_000, what = condition.toString()): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const messages = (room: RoomModel): MessageItem[] =>
  room.timeline.filter((item): item is MessageItem => item.kind === 'message');

export const bodies = (room: RoomModel): string[] => messages(room).map(({ body }) => body);

export const allArrived = (room: RoomModel): boolean => room.timeline.every(({ state }) => state === 'arrived');

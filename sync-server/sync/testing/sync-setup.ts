// A sync server over fakes on a free loopback port, with a clock that tests turn. Disposes of itself.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attachSync } from '../attach-sync.ts';
import type { SyncServer } from '../sync-contract.ts';
import type { SyncLimits } from '../sync-limits.ts';
import { FakeAuthenticator } from './fake-authenticator.ts';
import { FakeRooms } from './fake-rooms.ts';
import { PersonalDocuments } from '../../personal/personal-documents.ts';
import { LastSeen } from '../../accounts/last-seen.ts';
import { PrivacyChoices } from '../../personal/privacy-choices.ts';
import { Store } from '../../store/store.ts';
import { HandTimers } from '../../testing/hand-timers.ts';
import { MuxedClient, type MuxedClientOptions } from './muxed-client.ts';

export const ORIGIN = 'https://roost.example';
export const ROOM = 'R'.repeat(22);

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn';
  readonly fields: object;
  readonly message: string;
}

export interface SyncSetup extends AsyncDisposable {
  readonly rooms: FakeRooms;
  readonly authenticator: FakeAuthenticator;
  readonly timers: HandTimers;
  readonly sync: SyncServer;
  readonly log: LogLine[];
  /** ws://127.0.0.1:port */
  readonly address: string;
  generation: string;
  /** A session of that name, and a greeted client of it. */
  client(name: string, options?: MuxedClientOptions): Promise<MuxedClient>;
  /** A client that has not said hello. */
  connect(options?: MuxedClientOptions & { readonly path?: string }): MuxedClient;
}

export async function setupSync(limits: Partial<SyncLimits> = {}): Promise<SyncSetup> {
  const rooms = new FakeRooms();
  rooms.add(ROOM);
  const authenticator = new FakeAuthenticator();
  const timers = new HandTimers();
  const log: LogLine[] = [];
  const write = (level: LogLine['level']) => (fields: object, message: string) => {
    log.push({ level, fields, message });
  };
  const store = await Store.inMemory();
  const privacy = await PrivacyChoices.open(store.kv);
  const personal = new PersonalDocuments({
    kv: store.kv,
    timers,
    privacy,
    onError: (error) => write('warn')({ err: error }, 'personal')
  });
  const server = createServer((_request, response) => response.writeHead(404).end());
  const clients: MuxedClient[] = [];
  const sync = attachSync({
    rooms,
    personal,
    privacy,
    lastSeen: new LastSeen({ kv: store.kv, privacy, exists: () => true }),
    authenticator,
    timers,
    // Work takes real time, and the clock of these tests stands still: on a slow machine the wait for it would never end.
    limits: { workMs: { perSecond: 1e9, burst: 1e9 }, ...limits },
    servers: [server],
    generation: () => setup.generation,
    isAllowedOrigin: (origin) => origin === ORIGIN,
    log: { debug: write('debug'), info: write('info'), warn: write('warn') }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const setup: SyncSetup = {
    rooms,
    authenticator,
    timers,
    sync,
    log,
    address,
    generation: 'first',
    async client(name, options = {}) {
      const session = authenticator.add(name);
      const client = await MuxedClient.greeted(`${address}/sync`, { token: session.id, ...options });
      clients.push(client);
      return client;
    },
    connect({ path = '/sync', ...options } = {}) {
      const client = new MuxedClient(`${address}${path}`, options);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.socket.terminate();
      await sync.close();
      await new Promise((resolve) => server.close(resolve));
      await personal.close();
      await store.close();
    }
  };
  return setup;
}

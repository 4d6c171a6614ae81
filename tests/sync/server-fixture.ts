// A whole server in this process, on a free loopback port, over a store in memory, and a folder for files, that outlive restarts.
// Disposes of itself.

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PasswordHasher } from '../../sync-server/accounts/password-hasher.ts';
import { readConfig } from '../../sync-server/config.ts';
import type { Core } from '../../sync-server/core.ts';
import type { RoomService } from '../../sync-server/rooms/room-service.ts';
import { startServer, type RunningServer } from '../../sync-server/server.ts';
import { MemoryDisk } from '../../sync-server/store/memory-disk.ts';
import { Store } from '../../sync-server/store/store.ts';
import { freePort } from '../process/roost-process.ts';

export interface TestAccount {
  readonly id: string;
  readonly name: string;
  readonly password: string;
  /** A bearer token. */
  readonly token: string;
}

export class TestServer implements AsyncDisposable {
  readonly disk: MemoryDisk;
  /** Lines as they were written. */
  readonly logLines: string[] = [];
  /** How far its clock is ahead. What waits for a time looks at it when the server starts. */
  clockAheadMs = 0;
  readonly #dataDir = mkdtempSync(path.join(tmpdir(), 'roost-data-'));
  readonly #env: Readonly<Record<string, string>>;
  #running: RunningServer;
  #store: Store;

  private constructor(disk: MemoryDisk, store: Store, env: Readonly<Record<string, string>>) {
    this.#env = env;
    this.disk = disk;
    this.#store = store;
    this.#running = undefined as never;
  }

  /** @param env settings of the host's, beside those of every test */
  static async start(
    disk: MemoryDisk = new MemoryDisk(),
    env: Readonly<Record<string, string>> = {}
  ): Promise<TestServer> {
    const server = new TestServer(disk, await Store.inMemory(disk), env);
    // It is stopped and comes back there, and nobody else is given it meanwhile.
    server.#running = await server.#run(await freePort());
    return server;
  }

  /** `http://localhost:port`; the same after a restart. */
  get url(): string {
    return this.#running.url;
  }

  /** `ws://127.0.0.1:port/sync`: what a stock provider takes, and the multiplexed socket's address. */
  get syncUrl(): string {
    return `ws://127.0.0.1:${this.#running.port}/sync`;
  }

  get core(): Core {
    return this.#running.core;
  }

  get rooms(): RoomService {
    return this.#running.core.rooms;
  }

  get store(): Store {
    return this.#store;
  }

  /** Stops the server as Ctrl+C does; with `start` it comes back on the same port. */
  async stop(): Promise<void> {
    await this.#running.close();
  }

  async start(): Promise<void> {
    this.#store = await Store.inMemory(this.disk);
    this.#running = await this.#run(this.#running.port);
  }

  async account(name: string): Promise<TestAccount> {
    const { accounts, sessions } = this.#running.core;
    const password = `the password of ${name}`;
    const outcome = await accounts.create({ name, password, admin: false });
    if (outcome === 'not-first' || !outcome.ok) throw new Error(`account ${name}: ${JSON.stringify(outcome)}`);
    const { id, admin } = outcome.account;
    const { token } = await sessions.start({ id, name, admin }, 'token');
    return { id, name, password, token };
  }

  /** As another device of the same person may. */
  async endBrowserSessions({ id }: TestAccount): Promise<void> {
    await this.#running.core.sessions.endCookies(id, 'revoked');
  }

  async fetch(address: string, account: TestAccount | null, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (account) headers.set('authorization', `Bearer ${account.token}`);
    return fetch(new URL(address, this.url), { ...init, headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  #run(port: number): Promise<RunningServer> {
    const env = { PORT: String(port), ROOST_LOG: 'debug', ROOST_DATA_DIR: this.#dataDir, ...this.#env };
    const config = readConfig({ args: [], env, root: import.meta.dirname });
    const write = (line: string): void => {
      this.logLines.push(line);
    };
    // The cheapest hash there is.
    const hasher = new PasswordHasher({ memoryKiB: 8, passes: 1 });
    return startServer(config, {
      ...{ logTo: { write }, version: 'test', store: this.#store, hasher },
      now: () => Date.now() + this.clockAheadMs
    });
  }
}

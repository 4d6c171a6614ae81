// A whole server in this process, with its store in memory, its clock in the test's hand and an app that the test
// builds. Disposes of itself.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Me } from '#protocol/api/session.ts';
import type { RoomKind } from '#protocol/entry-fields.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { readConfig, type Config } from '../../sync-server/config.ts';
import { startServer } from '../../sync-server/server.ts';
import { MemoryDisk } from '../../sync-server/store/memory-disk.ts';
import { Store } from '../../sync-server/store/store.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON. */
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface CallOptions {
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly cookie?: string;
  readonly token?: string;
  /** By default that of the server; null: none. */
  readonly origin?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Person {
  readonly me: Me;
  readonly cookie: string;
}

export const PASSWORD = 'correct horse battery';

export async function setupHttp(config: Partial<Config> = {}, app: Readonly<Record<string, string>> = {}) {
  const buildDir = await mkdtemp(path.join(tmpdir(), 'roost-build-'));
  for (const [name, content] of Object.entries(app)) {
    await mkdir(path.dirname(path.join(buildDir, name)), { recursive: true });
    await writeFile(path.join(buildDir, name), content);
  }
  let at = Date.now();
  const disk = new MemoryDisk();
  const log: string[] = [];
  const defaults = readConfig({ args: [], env: { PORT: '0', ROOST_LOG: 'debug' }, root: buildDir });
  const server = await startServer(
    { ...defaults, buildDir, ...config },
    {
      version: '1.2.3',
      store: await Store.inMemory(disk),
      now: () => at,
      logTo: { write: (line) => void log.push(line) }
    }
  );
  const { rooms, sessions, accounts } = server.core;
  const origin = `http://localhost:${server.port}`;

  const call = async (method: string, address: string, options: CallOptions = {}): Promise<Answer> => {
    const { body, cookie, token } = options;
    const headers = new Headers(options.headers);
    if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
    if (cookie !== undefined) headers.set('cookie', cookie);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (options.origin !== null) headers.set('origin', options.origin ?? origin);
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${origin}${address}`, {
      method,
      headers,
      ...(payload === undefined ? {} : { body: payload })
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const parsed = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body: parsed, text };
  };

  const setupToken = server.setupLink?.split('#')[1] ?? '';
  const person = (answer: Answer): Person => {
    if (answer.status >= 300) throw new Error(answer.text);
    return { me: answer.body as unknown as Me, cookie: cookieOf(answer) };
  };
  /** The first account of the server, an administrator. */
  const setUp = async (name = 'Ann'): Promise<Person> =>
    person(await call('POST', '/api/setup', { body: { token: setupToken, name, password: PASSWORD } }));
  const signUp = async (name: string): Promise<Person> =>
    person(await call('POST', '/api/accounts', { body: { name, password: PASSWORD } }));

  const append = async (room: string, author: string, more: object): Promise<void> => {
    const entry = { id: newEntryId(at), author, sentAt: at, ...more } as Entry;
    const refused = await rooms.append(entry, room);
    if (refused !== null) throw new Error(refused);
  };
  const makeRoom = async (owner: Person, name: string, kind: RoomKind): Promise<string> => {
    const room = newRoomId();
    await append(room, owner.me.id, { type: 'room', action: 'created', name, kind });
    return room;
  };
  const issueToken = async ({ me }: Person): Promise<string> => (await sessions.start(me, 'token')).token;

  return {
    server,
    disk,
    log,
    rooms,
    accounts,
    origin,
    setupToken,
    call,
    setUp,
    signUp,
    makeRoom,
    append,
    issueToken,
    pass: (ms: number) => (at += ms),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(buildDir, { recursive: true });
    }
  };
}

/** `name=value` of the answer's Set-Cookie. */
export function cookieOf({ headers }: Answer): string {
  return headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
}

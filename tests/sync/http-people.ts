// Ann and Bo over HTTP, and what their sessions are good for: signing in, the list of them, sockets that end with them.

import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { SessionInfo } from '#protocol/api/session.ts';
import { within } from '../running-time.ts';
import { PASSWORD, setupHttp, type Answer } from './http-fixture.ts';

export const NEW_PASSWORD = 'another horse battery';

export async function setupPeople(config: Parameters<typeof setupHttp>[0] = {}) {
  const fixture = await setupHttp(config);
  const { call, origin } = fixture;
  const ann = await fixture.setUp('Ann');
  const bo = await fixture.signUp('Bo');
  const signIn = (name: string, password = PASSWORD): Promise<Answer> =>
    call('POST', '/api/session', { body: { name, password } });
  const alive = async (cookie: string): Promise<boolean> => (await call('GET', '/api/me', { cookie })).status === 200;
  const sessionsOf = async (cookie: string): Promise<SessionInfo[]> =>
    JSON.parse((await call('GET', '/api/sessions', { cookie })).text) as SessionInfo[];
  /** An open socket, and the code of its end; null: a second later it is still open. */
  const socketOf = async (cookie: string) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/sync`, { headers: { cookie, origin } });
    onTestFinished(() => socket.terminate());
    const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)));
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
    });
    return { socket, closedWithinASecond: () => within(1_000, closed) };
  };
  return { ...fixture, ann, bo, signIn, alive, sessionsOf, socketOf };
}

// No page of another origin does anything here with a visitor's cookie, over HTTP or a socket.

import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { newRoomId } from '#protocol/ids.ts';
import { apiRoutes } from './api-routes.ts';
import { setupHttp } from './http-fixture.ts';

const originsBesides = (port: number): readonly string[] => [
  'null',
  '',
  'https://evil.example',
  'http://evil.example',
  `http://evil.example:${port}`,
  'http://localhost',
  'http://localhost:1',
  `http://localhost:${port + 1}`,
  `http://localhost:${port}0`,
  `https://localhost:${port}`,
  `http://localhost:${port}.evil.example`,
  `http://localhost.evil.example:${port}`,
  `http://evil-localhost:${port}`,
  `http://localhost:${port}@evil.example`,
  `http://localhost:${port}/`,
  `http://localhost:${port}, http://evil.example`,
  `http://LOCALHOST:${port}`,
  `http://127.0.0.2:${port}`,
  `http://0.0.0.0:${port}`,
  `http://[::]:${port}`,
  `ws://localhost:${port}`,
  `file://localhost:${port}`
];

test('[HTTP-2] no other origin changes anything: every call, twenty-two origins', async () => {
  await using fixture = await setupHttp();
  const { cookie } = await fixture.setUp();
  const calls = apiRoutes().filter(({ method }) => method !== 'GET');
  expect(calls.length).toBeGreaterThan(5);
  for (const { method, path } of calls) {
    const address = path.replace(':id', newRoomId()).replace(/:\w+/g, 'x');
    for (const origin of originsBesides(fixture.server.port)) {
      const answer = await fixture.call(method, address, { cookie, origin, body: {} });
      expect(answer.body['code'], `${method} ${path} from ${origin}`).toBe('origin');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  }
  expect((await fixture.call('GET', '/api/me', { cookie })).status).toBe(200);
});

test('[CONN-14] no other origin opens a socket with a visitor’s cookie', async () => {
  await using fixture = await setupHttp();
  const { cookie } = await fixture.setUp();
  const { port } = fixture.server;
  for (const path of ['/sync', `/sync/${newRoomId()}/0`]) {
    for (const origin of originsBesides(port)) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { cookie, origin } });
      onTestFinished(() => socket.terminate());
      const outcome = await new Promise<string>((resolve) => {
        socket.on('open', () => resolve('open'));
        socket.on('error', (error) => resolve(error.message));
      });
      expect(outcome, `${path} from ${origin}`).toBe('Unexpected server response: 403');
    }
  }
});

import 'fake-indexeddb/auto';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Me } from '#protocol/api/session.ts';
import { eventually } from '../../../tests/eventually.ts';
import type { Environment, SocketLike } from '../environment.ts';
import { FakePasskeys } from '../session/testing/fake-passkeys.ts';
import { STILL } from '../testing/still-environment.ts';
import { App } from './app.svelte.ts';

const ANN: Me = { id: 'uAAAAAAAAAAAAAAAAAAAAAA', name: 'Ann', admin: false, generation: 'g1' };

/** Never opens. */
class SilentSocket implements SocketLike {
  binaryType: BinaryType = 'arraybuffer';
  bufferedAmount = 0;
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  send(): void {}
  close(): void {}
}

const environment: Environment = {
  ...STILL,
  databasePrefix: 'app-test',
  fetch: async (path, { method = 'GET' } = {}) =>
    path === '/api/session' && method === 'POST'
      ? Response.json(ANN)
      : Response.json({ signedIn: false, needsSetup: false }),
  openSocket: () => new SilentSocket(),
  passkeys: new FakePasskeys()
};

function start(loadSync?: () => Promise<never>): App {
  const app = loadSync ? new App(environment, loadSync) : new App(environment);
  onTestFinished(() => app.dispose());
  app.start();
  return app;
}

test('[CLIENT-8] a page that a part of the app did not reach says so, and whoever signed in there is in after loading again', async () => {
  const broken = start(() => Promise.reject(new TypeError('Failed to fetch dynamically imported module')));
  await eventually(() => expect(broken.session.status).toBe('signed-out'));
  // Without that part one can still read the door.
  expect(broken.incomplete).toBe(false);
  await broken.session.signIn('Ann', 'secret');
  expect(broken.incomplete).toBe(true);
  expect(broken.session.status).toBe('signed-out');

  const again = start();
  // The parts are really loaded here, which takes its time on a busy machine.
  await vi.waitFor(() => expect(again.session.status).toBe('signed-in'), { timeout: 60_000 });
  expect(again.incomplete).toBe(false);
  expect(again.session.me?.name).toBe('Ann');
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { MESSAGES_ROOT } from '#protocol/arrival.ts';
import { PING_EVERY_MS } from '#protocol/limits.ts';
import { MuxSocket } from './mux-socket.ts';
import { PageProvider } from './page-provider.ts';
import { FakeServer } from './testing/fake-server.ts';

const ROOM = 'r'.repeat(22);
const PAGE = `${ROOM}/0`;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup() {
  const server = new FakeServer();
  const mux = new MuxSocket({
    url: 'ws://roost.test/sync',
    environment: {
      openSocket: () => server.connect(),
      random: () => 0,
      now: () => Date.now(),
      onWake: () => () => undefined
    },
    position: () => ({ generation: null, cursor: null }),
    events: {
      hello: () => true,
      up: () => undefined,
      down: () => undefined,
      control: () => undefined,
      refused: () => undefined
    }
  });
  const doc = new Y.Doc();
  const happened: unknown[] = [];
  const provider = new PageProvider(mux, { room: ROOM, page: 0 }, doc, () => null, {
    synced: (synced) => happened.push(synced),
    presence: () => undefined,
    refused: (code) => happened.push(code)
  });
  provider.connect();
  const close = (): void => {
    provider.destroy();
    doc.destroy();
    mux.stop();
  };
  return { server, mux, doc, provider, happened, close };
}

const push = (doc: Y.Doc, id: string): void => doc.getArray(MESSAGES_ROOT).push([{ id }]);

test('[CLIENT-20] the stock provider waits, connecting, until there is a line, then syncs both ways', async () => {
  const { server, mux, doc, provider, happened, close } = setup();
  push(server.page(PAGE).doc, 'from the server');
  push(doc, 'from here');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(provider.wsconnecting).toBe(true);
  expect(happened).toEqual([]);
  mux.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(happened).toEqual([true]);
  expect(server.opened).toEqual([{ room: ROOM, page: 0, clientId: doc.clientID }]);
  const ids = doc.getArray<{ id: string }>(MESSAGES_ROOT).map(({ id }) => id);
  expect(ids.sort()).toEqual(['from here', 'from the server']);
  expect(server.entries(PAGE)).toHaveLength(2);
  close();
});

test('[CLIENT-21] a quiet page on a live line is not taken for a dead one', async () => {
  const { server, mux, happened, close } = setup();
  mux.start();
  await vi.advanceTimersByTimeAsync(0);
  for (let pings = 0; pings < 30; pings += 1) {
    await vi.advanceTimersByTimeAsync(PING_EVERY_MS);
    server.ping();
  }
  expect(happened).toEqual([true]);
  expect(server.opened).toHaveLength(1);
  close();
});

test('[CLIENT-22] a lost line reopens the page on the next one; what was written between goes with it', async () => {
  const { server, mux, doc, happened, close } = setup();
  mux.start();
  await vi.advanceTimersByTimeAsync(0);
  server.reachable = false;
  server.drop(1006);
  push(doc, 'meanwhile');
  await vi.advanceTimersByTimeAsync(5_000);
  server.reachable = true;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(happened).toEqual([true, false, true]);
  expect(server.entries(PAGE)).toEqual([{ id: 'meanwhile' }]);
  close();
});

test('[CLIENT-23] a final close of the channel stops the provider and tells the code', async () => {
  const { server, mux, happened, close } = setup();
  mux.start();
  await vi.advanceTimersByTimeAsync(0);
  server.closeChannels(CLOSE.forbidden);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(happened).toEqual([true, false, CLOSE.forbidden]);
  expect(server.opened).toHaveLength(1);
  close();
});

test('[CLIENT-24] only own presence goes out, under the id that the server gave', async () => {
  const { server, mux, provider, close } = setup();
  provider.setPresence({ status: 'here' });
  mux.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(provider.awareness.clientID).toBe(1_000_001);
  expect(provider.awareness.getLocalState()).toEqual({ status: 'here' });
  const [connection] = [...server.connections];
  const sent = connection!.sentBytes.length;
  // Somebody else's state comes in: nothing goes out for it.
  provider.awareness.states.set(7, { status: 'here' });
  provider.awareness.meta.set(7, { clock: 1, lastUpdated: Date.now() });
  provider.awareness.emit('update', [{ added: [7], updated: [], removed: [] }, provider]);
  expect(connection!.sentBytes.length).toBe(sent);
  provider.setPresence({ status: 'away' });
  expect(connection!.sentBytes.length).toBe(sent + 1);
  close();
});

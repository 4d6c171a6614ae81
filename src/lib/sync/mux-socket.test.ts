import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import { FRAME_MAX_BYTES, LINE_DEAD_MS, PING_EVERY_MS } from '#protocol/limits.ts';
import { MuxSocket, type ChannelEvents } from './mux-socket.ts';
import { retryDelayMs, RETRY_MAX_MS, RETRY_MIN_MS } from './retry-delay.ts';
import { FakeServer } from './testing/fake-server.ts';

const ROOM = 'r'.repeat(22);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup(random = 1) {
  const server = new FakeServer();
  const happened: string[] = [];
  let wake = (): void => undefined;
  const mux = new MuxSocket({
    url: 'ws://roost.test/sync',
    environment: {
      openSocket: () => server.connect(),
      random: () => random - Number.EPSILON,
      now: () => Date.now(),
      onWake: (listener) => {
        wake = listener;
        return () => (wake = () => undefined);
      }
    },
    position: () => ({ generation: null, cursor: null }),
    events: {
      hello: () => true,
      up: () => happened.push('up'),
      down: () => happened.push('down'),
      control: ({ type }) => happened.push(type),
      refused: (code, ended) => happened.push(`refused ${code}${ended ? ` ${ended}` : ''}`)
    }
  });
  return { server, mux, happened, wake: () => wake() };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

function channelEvents(log: unknown[]): ChannelEvents {
  return {
    opened: (awarenessId) => log.push(['opened', awarenessId]),
    message: (message) => log.push(['message', message.length]),
    ping: () => log.push('ping'),
    closed: (code) => log.push(['closed', code])
  };
}

test('[CLIENT-10] the line is up with the hello, not with the socket', async () => {
  const { server, mux, happened } = setup();
  server.protocol = 1;
  mux.start();
  expect(mux.up).toBe(false);
  await settle();
  expect(mux.up).toBe(true);
  expect(happened).toEqual(['up']);
  mux.stop();
});

test('[CLIENT-11] retries for ever, with full jitter up to 15 s', async () => {
  expect(retryDelayMs(0, 0.999)).toBe(Math.floor(RETRY_MIN_MS * 0.999));
  expect(retryDelayMs(0, 0)).toBe(0);
  for (let attempt = 0; attempt < 5_000; attempt += 7) {
    expect(retryDelayMs(attempt, 0.5)).toBeLessThanOrEqual(RETRY_MAX_MS / 2);
  }
  const { server, mux } = setup();
  server.reachable = false;
  mux.start();
  await vi.advanceTimersByTimeAsync(60 * 60_000);
  // 250 ms doubling to 15 s: about 4 a minute from then on.
  expect(server.attempts).toBeGreaterThan(230);
  expect(server.attempts).toBeLessThan(260);
  server.reachable = true;
  await vi.advanceTimersByTimeAsync(RETRY_MAX_MS);
  expect(mux.up).toBe(true);
  mux.stop();
});

test('[CLIENT-12] a wake-up retries at once', async () => {
  const { server, mux, wake } = setup();
  server.reachable = false;
  mux.start();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  server.reachable = true;
  wake();
  await settle();
  expect(mux.up).toBe(true);
  mux.stop();
});

test('[CLIENT-12] a wake-up while a try is under way that fails is followed by another at once', async () => {
  const { server, mux, wake } = setup();
  server.reachable = false;
  mux.start();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  wake();
  // That one has not failed yet, and what it fails for may be over.
  wake();
  const tried = server.attempts;
  await settle();
  expect(server.attempts).toBe(tried + 1);
  mux.stop();
});

test('[CLIENT-13] a line that is open but silent is given up within 25 s, and its channels are told', async () => {
  const { server, mux, happened } = setup();
  const log: unknown[] = [];
  mux.start();
  await settle();
  mux.openChannel({ room: ROOM, page: 0, clientId: 1 }, channelEvents(log));
  for (let pings = 0; pings < 10; pings += 1) {
    await vi.advanceTimersByTimeAsync(PING_EVERY_MS);
    server.ping();
  }
  expect(mux.up).toBe(true);
  await settle();
  expect([...server.connections][0]!.pongs).toBe(10);
  expect(log.filter((event) => event === 'ping')).toHaveLength(10);

  server.reachable = false;
  await vi.advanceTimersByTimeAsync(LINE_DEAD_MS - 1);
  expect(mux.up).toBe(true);
  await vi.advanceTimersByTimeAsync(1);
  expect(mux.up).toBe(false);
  expect(log.at(-1)).toEqual(['closed', 1006]);
  expect(happened).toEqual(['up', 'down']);
  mux.stop();
});

test('[CLIENT-14] after a wake-up a line that has been silent must show within 3 s that it lives', async () => {
  const { server, mux, wake } = setup();
  mux.start();
  await settle();
  await vi.advanceTimersByTimeAsync(PING_EVERY_MS + 5_000);
  server.reachable = false;
  wake();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(mux.up).toBe(false);
  mux.stop();
});

test('[CLIENT-15] a message beyond one frame is split, both ways', async () => {
  const { server, mux } = setup();
  const log: unknown[] = [];
  mux.start();
  await settle();
  const channel = mux.openChannel({ room: ROOM, page: 0, clientId: 1 }, channelEvents(log));
  channel.send(new Uint8Array(3 * FRAME_MAX_BYTES + 7).fill(9));
  const [connection] = [...server.connections];
  expect(Math.max(...connection!.sentBytes)).toBeLessThanOrEqual(FRAME_MAX_BYTES + 8);
  expect(connection!.sentBytes.length).toBeGreaterThanOrEqual(6);
  mux.stop();
});

test.each([
  ['signed out', CLOSE.signedOut],
  ['another protocol version', CLOSE.protocol]
])('[CLIENT-16] a final close (%s) stops the line and says why', async (_name, code) => {
  const { server, mux, happened } = setup();
  mux.start();
  await settle();
  server.drop(code);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(happened).toEqual(['up', 'down', `refused ${code}`]);
  expect(server.attempts).toBe(1);
});

test.each(['suspended', 'password', 'no such cause', ''])(
  '[ACCOUNT-10] a line that is closed for its session tells why, if it is a cause (%s)',
  async (reason) => {
    const { server, mux, happened } = setup();
    mux.start();
    await settle();
    server.drop(CLOSE.signedOut, reason);
    const told = reason === 'suspended' || reason === 'password' ? ` ${reason}` : '';
    expect(happened).toEqual(['up', 'down', `refused ${CLOSE.signedOut}${told}`]);
  }
);

test('[CLIENT-17] a server that speaks another protocol version is not retried; an update is asked for', async () => {
  const { server, mux, happened } = setup();
  server.protocol = 99;
  mux.start();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(happened).toEqual([`refused ${CLOSE.protocol}`]);
  expect(server.attempts).toBe(1);
});

test('bytes that are no frame end the line, and it comes back', async () => {
  const { server, mux, happened } = setup();
  mux.start();
  await settle();
  [...server.connections][0]!.deliver(new Uint8Array([0, 99]));
  await settle();
  expect(mux.up).toBe(false);
  await vi.advanceTimersByTimeAsync(RETRY_MAX_MS);
  expect(happened).toEqual(['up', 'down', 'up']);
  mux.stop();
});

import { describe, expect, test } from 'vitest';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { encodeFrame, FRAME } from '#protocol/frames.ts';
import { FRAME_MAX_BYTES, LINE_DEAD_MS, MESSAGE_MAX_BYTES, PING_EVERY_MS } from '#protocol/limits.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import { summaryOf } from './testing/fake-rooms.ts';
import { userIdOf } from './testing/fake-authenticator.ts';
import type { MuxedClient } from './testing/muxed-client.ts';
import { PAGE, syncMessage, until } from './testing/muxed-messages.ts';
import { ROOM, setupSync } from './testing/sync-setup.ts';

describe('the greeting', () => {
  test('[CONN-1] hello is answered with who one is, the rooms, the server time and the generation', async () => {
    await using setup = await setupSync();
    const client = await setup.client('ann');
    expect(client.control).toEqual([
      {
        type: 'hello',
        protocol: PROTOCOL_VERSION,
        generation: 'first',
        serverTimeMs: setup.timers.nowMs(),
        user: { id: userIdOf('ann'), name: 'ann', admin: false },
        rooms: [summaryOf(ROOM)],
        changedPages: [],
        cursor: 7
      }
    ]);
    expect(client.socket.protocol).toBe('roost.token.session-ann');
  });

  test('[CONN-1] pages that changed since the cursor are named, unless the copies are of another generation', async () => {
    await using setup = await setupSync();
    setup.rooms.pagesChanged = [{ room: ROOM, page: 0, revision: 3 }];
    const { id } = setup.authenticator.add('ann');
    const helloWith = async (generation: string | null, cursor: number | null) => {
      const client = setup.connect({ token: id });
      await client.ready();
      client.hello(PROTOCOL_VERSION, generation, cursor);
      return client.controlOf('hello');
    };
    expect((await helloWith('first', 3)).changedPages).toEqual(setup.rooms.pagesChanged);
    expect((await helloWith('first', 7)).changedPages).toEqual([]);
    expect((await helloWith('another', 3)).changedPages).toEqual([]);
    expect((await helloWith(null, null)).changedPages).toEqual([]);
  });

  test('[CONN-2] another protocol version is told to update', async () => {
    await using setup = await setupSync();
    const client = setup.connect({ token: setup.authenticator.add('ann').id });
    await client.ready();
    client.hello(PROTOCOL_VERSION + 1);
    expect(await client.closeCode()).toBe(CLOSE.protocol);
    expect(client.control).toEqual([]);
  });

  test('a room list too long for one message follows in more, and the cursor moves with the last', async () => {
    await using setup = await setupSync();
    const roomIds = Array.from({ length: 4_000 }, (_, at) => `${at}`.padEnd(22, 'x'));
    for (const id of roomIds) setup.rooms.summaries.set(id, { ...summaryOf(id), topic: 't'.repeat(200) });
    setup.rooms.pagesChanged = Array.from({ length: 20_000 }, (_, page) => ({ room: ROOM, page, revision: 1 }));
    const client = setup.connect({ token: setup.authenticator.add('ann').id });
    await client.ready();
    client.hello(PROTOCOL_VERSION, 'first', 2);
    await client.until(() => client.control.some((message) => 'cursor' in message && message.cursor === 7));
    const rooms = client.control.flatMap((message) =>
      message.type === 'hello' ? message.rooms : message.type === 'rooms' ? message.changed : []
    );
    expect(rooms.map(({ id }) => id).sort()).toEqual([ROOM, ...roomIds].sort());
    const pages = client.control.flatMap((message) =>
      message.type === 'hello' ? message.changedPages : message.type === 'pages' ? message.changed : []
    );
    expect(pages).toHaveLength(20_000);
    const cursors = client.control.flatMap((message) => ('cursor' in message ? [message.cursor] : []));
    expect(cursors.slice(0, -1).every((cursor) => cursor === 2)).toBe(true);
  });

  test('what changes while the greeting is being made comes after it', async () => {
    await using setup = await setupSync();
    const disk = Promise.withResolvers<void>();
    setup.rooms.pending = disk.promise;
    const client = setup.connect({ token: setup.authenticator.add('ann').id });
    await client.ready();
    client.hello();
    await until(() => setup.rooms.joinedReads === 1);
    setup.rooms.events.read(userIdOf('ann'), ROOM, 4, 6);
    disk.resolve();
    await client.until(() => client.control.length === 2);
    expect(client.control.map(({ type }) => type)).toEqual(['hello', 'read']);
  });

  test('a store that cannot be read asks to try again', async () => {
    await using setup = await setupSync();
    setup.rooms.failing = true;
    const client = setup.connect({ token: setup.authenticator.add('ann').id });
    await client.ready();
    client.hello();
    expect(await client.closeCode()).toBe(CLOSE.storage);
  });

  test('who never says hello is closed', async () => {
    await using setup = await setupSync();
    const client = setup.connect({ token: setup.authenticator.add('ann').id });
    await client.ready();
    await until(() => setup.sync.connectionCount() === 1);
    for (let at = 0; at < 6; at++) setup.timers.advance(5_000);
    expect(await client.closeCode()).toBe(CLOSE.malformed);
  });
});

describe('frames that break the protocol end the connection', () => {
  const cases: Record<string, (client: MuxedClient) => void> = {
    'no frame at all': (client) => client.send(new Uint8Array(0)),
    'an unknown kind': (client) => client.send(Uint8Array.of(1, 9)),
    'a kind that only the server sends': (client) => client.send(encodeFrame(0, FRAME.ping)),
    text: (client) => client.socket.send('hello'),
    'control that is no JSON': (client) => client.send(encodeFrame(0, FRAME.data, Uint8Array.of(123))),
    'control with an unknown key': (client) => client.sendControl({ type: 'read', room: ROOM, n: 1, more: 1 }),
    'a second hello': (client) => client.hello(),
    'an open that is no request': (client) => client.send(encodeFrame(5, FRAME.open, Uint8Array.of(123, 125))),
    'an open on the control channel': (client) => client.send(encodeFrame(0, FRAME.open)),
    'a channel number used twice': (client) => {
      client.open(ROOM);
      const again = new TextEncoder().encode(JSON.stringify({ room: ROOM, page: 0, clientId: 1 }));
      client.send(encodeFrame(1, FRAME.open, again));
    },
    'data on a channel that was never opened': (client) => client.sendMessage(40, Uint8Array.of(3)),
    'a close without a code': (client) => client.send(encodeFrame(0, FRAME.close))
  };
  test.each(Object.entries(cases))('[CONN-6] %s', async (_name, breakIt) => {
    await using setup = await setupSync();
    const client = await setup.client('ann');
    breakIt(client);
    expect(await client.closeCode()).toBe(CLOSE.malformed);
  });

  test('[CONN-6] anything but hello before the hello', async () => {
    await using setup = await setupSync();
    const client = setup.connect({ token: setup.authenticator.add('ann').id });
    await client.ready();
    client.open(ROOM);
    expect(await client.closeCode()).toBe(CLOSE.malformed);
  });

  test('[CONN-6] data before the channel is open', async () => {
    await using setup = await setupSync();
    const client = await setup.client('ann');
    setup.rooms.pending = new Promise(() => undefined);
    const channel = client.open(ROOM);
    client.sendMessage(channel, Uint8Array.of(3));
    expect(await client.closeCode()).toBe(CLOSE.malformed);
  });

  test('a frame or message beyond its bound', async () => {
    await using setup = await setupSync({ assemblyMaxBytes: 3 * FRAME_MAX_BYTES });
    const big = await setup.client('ann');
    big.send(encodeFrame(0, FRAME.data, new Uint8Array(FRAME_MAX_BYTES + 20)));
    expect(await big.closeCode()).toBe(CLOSE.tooLarge);

    const hoarder = await setup.client('bo');
    const channels = [await hoarder.opened(ROOM), await hoarder.opened(ROOM)];
    for (const { channel } of [...channels, ...channels]) {
      hoarder.send(encodeFrame(channel, FRAME.part, new Uint8Array(FRAME_MAX_BYTES)));
    }
    expect(await hoarder.closeCode()).toBe(CLOSE.tooLarge);

    // A WebSocket message whose fragments never end is not seen here until it is beyond a frame.
    const fragments = await setup.client('di');
    const half = new Uint8Array(FRAME_MAX_BYTES / 2 + 20);
    for (let sent = 0; sent < 2; sent++) fragments.socket.send(half, { fin: false });
    expect(await fragments.closeCode()).toBe(CLOSE.tooLarge);

    const endless = await setup.client('cy');
    for (let bytes = 0; bytes <= MESSAGE_MAX_BYTES / 4; bytes += FRAME_MAX_BYTES) {
      endless.send(encodeFrame(0, FRAME.part, new Uint8Array(FRAME_MAX_BYTES)));
    }
    expect(await endless.closeCode()).toBe(CLOSE.tooLarge);
  });
});

describe('the line', () => {
  test(`[CONN-7] it is pinged at least every ${2 * PING_EVERY_MS} ms, and kept while it answers`, async () => {
    await using setup = await setupSync();
    const client = await setup.client('ann');
    for (let pings = 1; pings <= 10; pings++) {
      for (let ms = 0; ms < PING_EVERY_MS; ms += 5_000) setup.timers.advance(5_000);
      await client.until(() => client.pings === pings);
      // The answer is in once something sent after it was answered.
      const { channel } = await client.opened(ROOM);
      client.send(encodeFrame(channel, FRAME.close, Uint8Array.of(0)));
    }
    expect(client.closed).toBeNull();
  });

  test('[CONN-7] a client that is connected but never answers is dropped', async () => {
    await using setup = await setupSync();
    const zombie = await setup.client('ann', { pongs: false });
    await zombie.opened(ROOM);
    for (let ms = 0; ms < LINE_DEAD_MS - 5_000; ms += 5_000) setup.timers.advance(5_000);
    expect(setup.sync.connectionCount()).toBe(1);
    setup.timers.advance(10_000);
    expect(await zombie.closeCode()).toBe(1006);
    expect(setup.sync.connectionCount()).toBe(0);
    expect(setup.rooms.readers(PAGE).size).toBe(0);
  });

  test('[CONN-8] a reader that is too slow is closed, and the others go on', async () => {
    await using setup = await setupSync({ outboundMaxBytes: 2_000_000 });
    const [slow, quick] = [await setup.client('slow'), await setup.client('quick')];
    await slow.opened(ROOM);
    const { channel } = await quick.opened(ROOM);
    slow.socket.pause();
    const message = new Uint8Array(500_000).fill(99);
    // More than the network takes in on its way.
    let sent = 0;
    while (setup.sync.connectionCount() === 2 && sent < 200) {
      setup.rooms.broadcast(PAGE, message);
      sent++;
      await quick.until(() => quick.messages(channel).length === 1 + sent);
    }
    expect(setup.sync.connectionCount()).toBe(1);
    expect(setup.rooms.readers(PAGE).size).toBe(1);
    slow.socket.resume();
    expect(await slow.closeCode()).toBe(CLOSE.slow);
    setup.rooms.broadcast(PAGE, message);
    await quick.until(() => quick.messages(channel).length === 2 + sent);
  });

  test('who asks faster than they listen is read no further until they have listened', async () => {
    await using setup = await setupSync({ outboundMaxBytes: 5_000_000, outboundHighBytes: 100_000 });
    setup.rooms
      .doc(PAGE)
      .getArray('messages')
      .push([{ id: 'big', body: 'x'.repeat(1_000_000) }]);
    const asker = await setup.client('ann');
    const { channel } = await asker.opened(ROOM);
    const ask = syncMessage((encoder) => syncProtocol.writeSyncStep1(encoder, new Y.Doc()));
    const ASKED = 20;
    asker.socket.pause();
    for (let at = 0; at < ASKED; at++) asker.sendMessage(channel, ask);
    asker.socket.resume();
    await asker.until(() => asker.messages(channel).length === 1 + ASKED);
    expect(asker.closed).toBeNull();
  });
});

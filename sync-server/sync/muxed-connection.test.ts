import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { decodeFrame, encodeFrame, FRAME } from '#protocol/frames.ts';
import { newUserId } from '#protocol/ids.ts';
import {
  CHANNELS_MAX,
  FRAME_MAX_BYTES,
  LINE_DEAD_MS,
  MESSAGE_MAX_BYTES,
  PEOPLE_WATCHED_MAX,
  PING_EVERY_MS,
  STORED_MAX_ROOMS
} from '#protocol/limits.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import { summaryOf } from './testing/fake-rooms.ts';
import { userIdOf } from './testing/fake-authenticator.ts';
import type { MuxedClient } from './testing/muxed-client.ts';
import { ROOM, setupSync } from './testing/sync-setup.ts';
import { encodeAwareness, encodeAwarenessRecord, readYMessage } from './y-message.ts';

const OTHER_ROOM = 'S'.repeat(22);
const PAGE = { room: ROOM, page: 0 };

function syncMessage(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  write(encoder);
  return encoding.toUint8Array(encoder);
}

const stateMessage = (awarenessId: number, clock: number, state: unknown) =>
  encodeAwareness([encodeAwarenessRecord(awarenessId, clock, JSON.stringify(state))]);

/** Everything that came on a channel, applied to a document. */
function docOf(client: MuxedClient, channel: number): Y.Doc {
  const doc = new Y.Doc();
  for (const message of client.messages(channel)) {
    const read = readYMessage(message);
    if (read?.kind === 'update') Y.applyUpdate(doc, read.update);
  }
  return doc;
}

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

describe('channels', () => {
  test('[CONN-3] a page is opened, read, written and heard by others', async () => {
    await using setup = await setupSync();
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    const { channel } = await ann.opened(ROOM);
    const { channel: boChannel } = await bo.opened(ROOM);
    expect(readYMessage(ann.messages(channel)[0]!)).toMatchObject({ kind: 'step1' });

    const doc = new Y.Doc();
    doc.getArray('messages').push([{ id: 'message-one' }]);
    ann.sendMessage(
      channel,
      syncMessage((encoder) => syncProtocol.writeSyncStep2(encoder, doc))
    );
    await bo.until(() => bo.messages(boChannel).length === 2);
    expect(docOf(bo, boChannel).getArray('messages').toArray()).toEqual([{ id: 'message-one' }]);
    expect(docOf(bo, boChannel).getArray('arrivals').toArray()).toEqual([{ id: 'message-one', at: 1, n: 1 }]);
    await ann.until(() => ann.messages(channel).length === 2);

    bo.sendMessage(
      boChannel,
      syncMessage((encoder) => syncProtocol.writeSyncStep1(encoder, new Y.Doc()))
    );
    await bo.until(() => bo.messages(boChannel).length === 3);
  });

  test('[CONN-4] 1,000 messages written offline go through in parts, both ways', async () => {
    await using setup = await setupSync();
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    const { channel } = await ann.opened(ROOM);
    const { channel: boChannel } = await bo.opened(ROOM);
    const doc = new Y.Doc();
    const entries = Array.from({ length: 1_000 }, (_, at) => ({ id: `message-${at}`, body: 'x'.repeat(150) }));
    for (const entry of entries) doc.getArray('messages').push([entry]);
    const batch = syncMessage((encoder) => syncProtocol.writeSyncStep2(encoder, doc));
    expect(batch.length).toBeGreaterThan(2 * FRAME_MAX_BYTES);
    ann.sendMessage(channel, batch);
    await bo.until(() => bo.messages(boChannel).length === 2);
    expect(docOf(bo, boChannel).getArray('messages').toArray()).toEqual(entries);
    const parts = bo.frames.filter((bytes) => decodeFrame(bytes)?.kind === FRAME.part);
    expect(parts.length).toBeGreaterThanOrEqual(2);
    for (const frame of bo.frames) expect(frame.length).toBeLessThanOrEqual(FRAME_MAX_BYTES + 16);
  });

  test('[CONN-5] an absent and a forbidden room look alike, byte for byte', async () => {
    await using setup = await setupSync();
    setup.rooms.add(OTHER_ROOM);
    setup.rooms.forbidden.add(OTHER_ROOM);
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    const absent = ann.open('T'.repeat(22));
    const forbidden = bo.open(OTHER_ROOM);
    expect(await ann.channelClosed(absent)).toBe(CLOSE.forbidden);
    expect(await bo.channelClosed(forbidden)).toBe(CLOSE.forbidden);
    expect(ann.frames.at(-1)).toEqual(bo.frames.at(-1));
    expect(ann.frames.length).toBe(bo.frames.length);
  });

  test('a room that may be new is opened', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    const { channel } = await ann.opened('N'.repeat(22), { create: true });
    expect(ann.events(channel).map(({ kind }) => kind)).toEqual(['opened', 'message']);
  });

  test('a channel is closed by either side, and its number is not used again', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    const first = await ann.opened(ROOM);
    ann.send(encodeFrame(first.channel, FRAME.close, Uint8Array.of(0)));
    await until(() => setup.rooms.readers(PAGE).size === 0);
    const second = await ann.opened(ROOM);
    setup.rooms.endReaders(PAGE, CLOSE.forbidden);
    expect(await ann.channelClosed(second.channel)).toBe(CLOSE.forbidden);
    // On its way when the server closed.
    ann.sendMessage(second.channel, Uint8Array.of(3));
    ann.send(encodeFrame(second.channel, FRAME.close, Uint8Array.of(0)));
    await ann.opened(ROOM);
    expect(setup.rooms.readers(PAGE).size).toBe(1);
  });

  test('a channel closed while it opens leaves nothing behind', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    const disk = Promise.withResolvers<void>();
    setup.rooms.pending = disk.promise;
    const channel = ann.open(ROOM);
    await until(() => setup.rooms.attaching === 1);
    ann.send(encodeFrame(channel, FRAME.close, Uint8Array.of(0)));
    setup.rooms.pending = Promise.resolve();
    await ann.opened(ROOM);
    disk.resolve();
    await until(() => setup.rooms.detached.length === 1);
    expect(setup.rooms.readers(PAGE).size).toBe(1);
    expect(ann.events(channel)).toEqual([]);
  });

  test(`no more than ${CHANNELS_MAX} channels are open at once`, async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    for (let at = 0; at < CHANNELS_MAX; at++) await ann.opened(ROOM);
    expect(await ann.channelClosed(ann.open(ROOM))).toBe(CLOSE.rateLimited);
    ann.send(encodeFrame(1, FRAME.close, Uint8Array.of(0)));
    await ann.opened(ROOM);
  });

  test('a page that cannot be read closes its channel alone', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    setup.rooms.failing = true;
    expect(await ann.channelClosed(ann.open(ROOM))).toBe(CLOSE.storage);
    setup.rooms.failing = false;
    await ann.opened(ROOM);
  });

  test('a broken y-websocket message closes its channel alone; auth and unknown types are passed over', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    const [one, two] = [await ann.opened(ROOM), await ann.opened(ROOM)];
    ann.sendMessage(one.channel, Uint8Array.of(2, 0));
    ann.sendMessage(one.channel, Uint8Array.of(99, 1, 2));
    ann.sendMessage(one.channel, Uint8Array.of(0, 7));
    expect(await ann.channelClosed(one.channel)).toBe(CLOSE.malformed);
    ann.sendMessage(
      two.channel,
      syncMessage((encoder) => syncProtocol.writeSyncStep1(encoder, new Y.Doc()))
    );
    await ann.until(() => ann.messages(two.channel).length === 2);
  });

  test('a refused entry is told on the control channel', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    await ann.opened(ROOM);
    const [reader] = setup.rooms.readers(PAGE);
    reader!.refused('entry-0001', 'not-member', 'closed to you');
    expect(await ann.controlOf('refused')).toEqual({
      type: 'refused',
      room: ROOM,
      page: 0,
      id: 'entry-0001',
      code: 'not-member',
      detail: 'closed to you'
    });
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

describe('rates', () => {
  test('[CONN-9] a person beyond their rate waits, and loses nothing', async () => {
    await using setup = await setupSync({ updates: { perSecond: 10, burst: 5 } });
    const ann = await setup.client('ann');
    const { channel } = await ann.opened(ROOM);
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let at = 0; at < 30; at++) doc.getArray('messages').push([{ id: `message-${at}` }]);
    for (const update of updates) {
      ann.sendMessage(
        channel,
        syncMessage((encoder) => syncProtocol.writeUpdate(encoder, update))
      );
    }
    const messages = setup.rooms.doc(PAGE).getArray('messages');
    await until(() => messages.length === 6);
    // Answers to pings are still heard, so waiting does not look like a dead line.
    expect(setup.sync.connectionCount()).toBe(1);
    for (let taken = 7; taken <= 30; taken++) {
      setup.timers.advance(100);
      await until(() => messages.length >= taken);
    }
    expect(messages.length).toBe(30);
    expect(ann.closed).toBeNull();
  });

  test('[CONN-9] the rate is the person’s, over all connections', async () => {
    await using setup = await setupSync({ frames: { perSecond: 1, burst: 4 } });
    await setup.client('ann');
    const second = await setup.client('ann');
    // Two hellos and two opens are four; the next one is not taken yet.
    await second.opened(ROOM);
    await second.opened(ROOM);
    second.open(ROOM);
    second.open(ROOM);
    const other = await setup.client('bo');
    await other.opened(ROOM);
    expect(setup.rooms.attaching).toBeLessThanOrEqual(4);
    for (let at = 0; at < 5; at++) setup.timers.advance(1_000);
    await second.until(() => second.events(4).length > 0);
  });

  test('[CONN-9] pages are opened no faster than their rate, and all of them in the end', async () => {
    await using setup = await setupSync({ opens: { perSecond: 2, burst: 3 } });
    const ann = await setup.client('ann');
    const channels = Array.from({ length: 8 }, () => ann.open(ROOM));
    // The first one into debt is taken, too.
    await ann.until(() => ann.events(4).length > 0);
    expect(setup.rooms.attaching).toBe(4);
    for (let taken = 5; taken <= 8; taken++) {
      setup.timers.advance(500);
      await ann.until(() => ann.events(channels[taken - 1]!).length > 0);
      expect(setup.rooms.attaching).toBe(taken);
    }
  });

  test('[CONN-9] asking about a hundred people at once is no cheaper than about each', async () => {
    await using setup = await setupSync({ opens: { perSecond: 10, burst: 5 } });
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    const users = Array.from({ length: PEOPLE_WATCHED_MAX }, () => newUserId());
    ann.sendControl({ type: 'watch', users });
    // In debt for six of what is refilled ten times a second.
    const late = ann.open(ROOM);
    await bo.opened(ROOM);
    setup.timers.advance(500);
    await bo.opened(ROOM);
    expect(ann.events(late)).toEqual([]);
    setup.timers.advance(200);
    await ann.until(() => ann.events(late).length > 0);
  });

  test('[CONN-9] who takes much of the server’s time waits, and nobody else does', async () => {
    await using setup = await setupSync({ workMs: { perSecond: 100, burst: 1_000 } });
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    await ann.opened(ROOM);
    for (const reader of setup.rooms.readers(PAGE)) reader.spent?.(1_500);
    const late = ann.open(ROOM);
    await bo.opened(ROOM);
    setup.timers.advance(4_000);
    await bo.opened(ROOM);
    expect(ann.events(late)).toEqual([]);
    setup.timers.advance(1_000);
    await ann.until(() => ann.events(late).length > 0);
  });

  test('[CONN-9] a person has so many channels on a page, over all connections', async () => {
    await using setup = await setupSync({ channelsPerPage: 2 });
    const [ann, again] = [await setup.client('ann'), await setup.client('ann')];
    const { channel } = await ann.opened(ROOM);
    await again.opened(ROOM);
    expect(await again.channelClosed(again.open(ROOM))).toBe(CLOSE.rateLimited);
    const stock = setup.connect({ token: 'session-ann', path: `/sync/${ROOM}/0` });
    expect(await stock.closeCode()).toBe(CLOSE.rateLimited);
    await again.opened(ROOM, { page: 1 });
    ann.send(encodeFrame(channel, FRAME.close, Uint8Array.of(0)));
    await until(() => setup.rooms.readers(PAGE).size === 1);
    await again.opened(ROOM);
    await (await setup.client('bo')).opened(ROOM);
  });

  test('[CONN-9] beyond a hard bound the connection is closed', async () => {
    await using setup = await setupSync({ frames: { perSecond: 1, burst: 1 }, inboundMaxBytes: 10_000 });
    const ann = await setup.client('ann');
    ann.sendControl({ type: 'read', room: ROOM, n: 1 });
    ann.send(encodeFrame(0, FRAME.part, new Uint8Array(20_000)));
    expect(await ann.closeCode()).toBe(CLOSE.rateLimited);
  });

  test('[CONN-9] pieces of unfinished messages count over all connections of a person, until they end', async () => {
    await using setup = await setupSync({ assemblyMaxBytes: 3 * FRAME_MAX_BYTES });
    const part = (client: MuxedClient, channel: number) =>
      client.send(encodeFrame(channel, FRAME.part, new Uint8Array(FRAME_MAX_BYTES)));
    for (let round = 0; round < 3; round++) {
      const [one, two] = [await setup.client('ann'), await setup.client('ann')];
      const channels = [await one.opened(ROOM), await two.opened(ROOM)] as const;
      for (let sent = 0; sent < 2; sent++) part(one, channels[0].channel);
      await one.opened(ROOM);
      expect(setup.sync.connectionCount()).toBe(2);
      for (let sent = 0; sent < 2; sent++) part(two, channels[1].channel);
      expect(await two.closeCode()).toBe(CLOSE.tooLarge);
      await one.close();
      while (setup.sync.connectionCount() > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test('[CONN-9] no more than so many sockets a person', async () => {
    await using setup = await setupSync({ connectionsPerUser: 2 });
    await setup.client('ann');
    await setup.client('ann');
    const third = setup.connect({ token: 'session-ann' });
    expect(await third.closeCode()).toBe(CLOSE.rateLimited);
    await setup.client('bo');
  });
});

describe('notices', () => {
  test('[CONN-10] a changed room is told with its summary, at most once a round', async () => {
    await using setup = await setupSync();
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    for (let at = 0; at < 50; at++) setup.rooms.events.changed(userIdOf('ann'), ROOM);
    setup.timers.advance(0);
    expect(await ann.controlOf('rooms')).toEqual({ type: 'rooms', changed: [summaryOf(ROOM)], gone: [] });
    setup.rooms.events.gone(userIdOf('ann'), OTHER_ROOM);
    setup.timers.advance(499);
    expect(setup.rooms.summaryReads).toBe(1);
    setup.timers.advance(1);
    await ann.until(() => ann.control.length === 3);
    expect(ann.control.at(-1)).toEqual({ type: 'rooms', changed: [], gone: [OTHER_ROOM] });
    expect(bo.control).toHaveLength(1);
  });

  test('[CONN-10] a change while a round is running is in the next one', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    const disk = Promise.withResolvers<void>();
    setup.rooms.pending = disk.promise;
    setup.rooms.events.changed(userIdOf('ann'), ROOM);
    setup.timers.advance(0);
    setup.rooms.summaries.set(ROOM, { ...summaryOf(ROOM), n: 11 });
    setup.rooms.events.changed(userIdOf('ann'), ROOM);
    setup.rooms.events.pageChanged(userIdOf('ann'), PAGE, 4, 12);
    disk.resolve();
    await ann.controlOf('rooms');
    setup.timers.advance(500);
    expect(await ann.controlOf('pages')).toEqual({ type: 'pages', changed: [{ ...PAGE, revision: 4 }], cursor: 12 });
    await ann.until(() => ann.control.filter(({ type }) => type === 'rooms').length === 2);
  });

  test('[CONN-11] a read marker is kept, and told to the other connections of the person alone', async () => {
    await using setup = await setupSync();
    const [phone, desk, bo] = [await setup.client('ann'), await setup.client('ann'), await setup.client('bo')];
    phone.sendControl({ type: 'read', room: ROOM, n: 4 });
    expect(await desk.controlOf('read')).toEqual({ type: 'read', room: ROOM, n: 4, unread: 6 });
    desk.sendControl({ type: 'read', room: ROOM, n: 6 });
    expect(await phone.controlOf('read')).toEqual({ type: 'read', room: ROOM, n: 6, unread: 4 });
    expect(desk.control.filter(({ type }) => type === 'read')).toHaveLength(1);
    expect(bo.control).toHaveLength(1);
  });

  test('[RECEIPT-9] reports of what a device has are kept for its own person, room after room; too many are malformed', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    const other = 'S'.repeat(22);
    ann.sendControl({
      type: 'stored',
      rooms: [
        { room: ROOM, n: 4 },
        { room: other, n: 2 }
      ]
    });
    ann.sendControl({ type: 'read', room: ROOM, n: 4, quiet: true });
    await ann.opened(ROOM);
    await expect
      .poll(() => setup.rooms.stored)
      .toEqual([
        { user: userIdOf('ann'), room: ROOM, n: 4 },
        { user: userIdOf('ann'), room: other, n: 2 }
      ]);
    expect(setup.rooms.quietReads).toBe(1);
    const rooms = Array.from({ length: STORED_MAX_ROOMS + 1 }, () => ({ room: ROOM, n: 1 }));
    ann.sendControl({ type: 'stored', rooms });
    expect(await ann.closeCode()).toBe(CLOSE.malformed);
  });

  test('[CONN-10] a store that was restored greets everybody anew', async () => {
    await using setup = await setupSync();
    const ann = await setup.client('ann');
    setup.generation = 'second';
    setup.sync.generationChanged();
    expect(await ann.closeCode()).toBe(CLOSE.storage);
    const again = await setup.client('ann');
    expect((await again.controlOf('hello')).generation).toBe('second');
  });
});

describe('presence over channels', () => {
  test('[PRES-1] others see who is there under the id that the server gave out, and see them go', async () => {
    await using setup = await setupSync();
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    const { channel: boChannel } = await bo.opened(ROOM);
    const { channel, awarenessId } = await ann.opened(ROOM);
    ann.sendMessage(channel, stateMessage(awarenessId, 0, { typing: true }));
    await bo.until(() => bo.messages(boChannel).length === 2);
    const seen = readYMessage(bo.messages(boChannel)[1]!);
    expect(seen).toMatchObject({ kind: 'awareness', records: [{ clientId: awarenessId }] });
    expect(setup.sync.presentUsers(ROOM)).toEqual([userIdOf('ann')]);
    await ann.close();
    await until(() => setup.sync.presentUsers(ROOM).length === 0);
    setup.timers.advance(1_000);
    await bo.until(() => bo.messages(boChannel).length === 3);
    const gone = readYMessage(bo.messages(boChannel)[2]!);
    expect(gone?.kind === 'awareness' && new TextDecoder().decode(gone.records[0]!.json)).toBe('null');
  });

  test('who asks for the presence gets all of it', async () => {
    await using setup = await setupSync();
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    const { channel, awarenessId } = await ann.opened(ROOM);
    ann.sendMessage(channel, stateMessage(awarenessId, 0, {}));
    await until(() => setup.sync.presentUsers(ROOM).length === 1);
    const { channel: boChannel } = await bo.opened(ROOM);
    await bo.until(() => bo.messages(boChannel).length === 2);
    bo.sendMessage(boChannel, Uint8Array.of(3));
    await bo.until(() => bo.messages(boChannel).length === 3);
    expect(readYMessage(bo.messages(boChannel)[2]!)).toMatchObject({ records: [{ clientId: awarenessId }] });
  });

  test('[PRES-5] beyond the rate the newest state waits for its turn', async () => {
    await using setup = await setupSync({ presence: { perSecond: 1, burst: 1 } });
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    const { channel: boChannel } = await bo.opened(ROOM);
    const { channel, awarenessId } = await ann.opened(ROOM);
    for (let at = 0; at < 20; at++) ann.sendMessage(channel, stateMessage(awarenessId, at, { at }));
    await ann.opened(ROOM);
    setup.timers.advance(1_000);
    await bo.until(() => bo.messages(boChannel).length === 3);
    const last = readYMessage(bo.messages(boChannel)[2]!);
    expect(last?.kind === 'awareness' && new TextDecoder().decode(last.records[0]!.json)).toContain('"at":19');
  });
});

/** Waits for what the server does by itself; the fakes and sockets give no event for it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

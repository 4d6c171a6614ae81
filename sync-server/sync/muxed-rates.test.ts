import { describe, expect, test } from 'vitest';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { encodeFrame, FRAME } from '#protocol/frames.ts';
import { newUserId } from '#protocol/ids.ts';
import { FRAME_MAX_BYTES, PEOPLE_WATCHED_MAX } from '#protocol/limits.ts';
import type { MuxedClient } from './testing/muxed-client.ts';
import { PAGE, syncMessage, until } from './testing/muxed-messages.ts';
import { ROOM, setupSync } from './testing/sync-setup.ts';

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

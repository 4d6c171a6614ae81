import { describe, expect, test } from 'vitest';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { decodeFrame, encodeFrame, FRAME } from '#protocol/frames.ts';
import { CHANNELS_MAX, FRAME_MAX_BYTES } from '#protocol/limits.ts';
import { userIdOf } from './testing/fake-authenticator.ts';
import { docOf, OTHER_ROOM, PAGE, stateMessage, syncMessage, until } from './testing/muxed-messages.ts';
import { ROOM, setupSync } from './testing/sync-setup.ts';
import { readYMessage } from './y-message.ts';

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

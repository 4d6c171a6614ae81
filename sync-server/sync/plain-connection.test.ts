import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { LINE_DEAD_MS, MESSAGE_MAX_BYTES, PING_EVERY_MS } from '#protocol/limits.ts';
import { userIdOf } from './testing/fake-authenticator.ts';
import { ROOM, setupSync, type SyncSetup } from './testing/sync-setup.ts';
import { encodeAwareness, encodeAwarenessRecord, readYMessage } from './y-message.ts';

const PAGE = { room: ROOM, page: 0 };

/** A bare socket to a page, with all that came in on it. */
class PlainClient {
  readonly socket: WebSocket;
  readonly received: Uint8Array[] = [];
  closed: number | null = null;

  constructor(setup: SyncSetup, name: string, options: { room?: string; query?: string; autoPong?: boolean } = {}) {
    const { id } = setup.authenticator.add(name);
    const url = `${setup.address}/sync/${options.room ?? ROOM}/0${options.query ?? ''}`;
    this.socket = new WebSocket(url, [`roost.token.${id}`], { autoPong: options.autoPong ?? true });
    this.socket.on('message', (data) => this.received.push(new Uint8Array(data as Buffer)));
    this.socket.on('close', (code) => (this.closed = code));
    this.socket.on('error', () => undefined);
  }

  async got(count: number): Promise<void> {
    await until(() => this.received.length >= count);
  }

  async closeCode(): Promise<number> {
    await until(() => this.closed !== null);
    return this.closed!;
  }
}

const state = (clientId: number, json: string) => encodeAwareness([encodeAwarenessRecord(clientId, 1, json)]);

describe('a plain y-websocket socket', () => {
  test('its query string is ignored, and a room may be new', async () => {
    await using setup = await setupSync();
    const client = new PlainClient(setup, 'bot', { room: 'N'.repeat(22), query: '?clientId=1' });
    await client.got(1);
    expect(readYMessage(client.received[0]!)).toMatchObject({ kind: 'step1' });
    expect(client.socket.protocol).toBe('roost.token.session-bot');
  });

  test('what it sends before the page is open is not lost', async () => {
    await using setup = await setupSync();
    const disk = Promise.withResolvers<void>();
    setup.rooms.pending = disk.promise;
    const client = new PlainClient(setup, 'bot');
    await new Promise((resolve) => client.socket.once('open', resolve));
    const doc = new Y.Doc();
    doc.getArray('messages').push([{ id: 'early-one' }]);
    const update = Y.encodeStateAsUpdate(doc);
    client.socket.send(Uint8Array.of(0, 2, update.length, ...update));
    client.socket.send(Uint8Array.of(0, 0, 1, 0));
    await until(() => setup.rooms.attaching === 1);
    disk.resolve();
    await client.got(3);
    expect(setup.rooms.doc(PAGE).getArray('messages').toArray()).toEqual([{ id: 'early-one' }]);
  });

  test('[CONN-23] in quiet times it hears something at least every 20 s, which changes nothing', async () => {
    await using setup = await setupSync();
    const client = new PlainClient(setup, 'bot');
    await client.got(1);
    for (let sent = 1; sent <= 6; sent++) {
      const pong = new Promise((resolve) => client.socket.once('ping', resolve));
      setup.timers.advance(PING_EVERY_MS);
      await client.got(1 + sent);
      await pong;
      await answered(client);
      client.received.splice(1 + sent);
    }
    for (const message of client.received.slice(1)) {
      expect(readYMessage(message)).toEqual({ kind: 'awareness', records: [] });
    }
    expect(client.closed).toBeNull();
  });

  test('[CONN-7] one that does not answer pings is dropped', async () => {
    await using setup = await setupSync();
    const client = new PlainClient(setup, 'bot', { autoPong: false });
    await client.got(1);
    setup.timers.advance(LINE_DEAD_MS + 5_000);
    expect(await client.closeCode()).toBe(1006);
    expect(setup.rooms.readers(PAGE).size).toBe(0);
  });

  test('[PRES-6] its own awareness id is bound to it and to its document, once', async () => {
    await using setup = await setupSync();
    const [bot, eve] = [new PlainClient(setup, 'bot'), new PlainClient(setup, 'eve')];
    await Promise.all([bot.got(1), eve.got(1)]);
    bot.socket.send(state(500, '{"a":1}'));
    await eve.got(2);
    expect(setup.rooms.bound).toEqual([{ user: userIdOf('bot'), clientId: 500 }]);
    eve.socket.send(state(500, '{"a":2}'));
    eve.socket.send(state(500, 'null'));
    eve.socket.send(state(501, '{"a":3}'));
    setup.timers.advance(1_000);
    await bot.got(2);
    expect(setup.rooms.bound).toEqual([
      { user: userIdOf('bot'), clientId: 500 },
      { user: userIdOf('eve'), clientId: 501 }
    ]);
    expect(bot.received.slice(1).map(readYMessage)).toMatchObject([{ records: [{ clientId: 501 }] }]);
    expect(setup.sync.presentUsers(ROOM)).toEqual([userIdOf('bot'), userIdOf('eve')]);
  });

  test('a refusal is not told, a close of the page is', async () => {
    await using setup = await setupSync();
    const client = new PlainClient(setup, 'bot');
    await client.got(1);
    const [reader] = setup.rooms.readers(PAGE);
    reader!.refused('entry-0001', 'not-member', '');
    setup.rooms.endReaders(PAGE, CLOSE.discardCopy);
    expect(await client.closeCode()).toBe(CLOSE.discardCopy);
    expect(client.received).toHaveLength(1);
    expect(setup.sync.connectionCount()).toBe(0);
  });

  test.each([
    ['text', (client: PlainClient) => client.socket.send('hello'), CLOSE.malformed],
    ['a broken message', (client: PlainClient) => client.socket.send(Uint8Array.of(0, 9)), CLOSE.malformed],
    // The WebSocket layer ends it, before the message is in memory; with a code that stock clients take for final.
    [
      'a message beyond all bounds',
      (client: PlainClient) => client.socket.send(new Uint8Array(MESSAGE_MAX_BYTES * 2)),
      CLOSE.tooLarge
    ]
  ])('[CONN-6] %s ends it', async (_name, breakIt, code) => {
    await using setup = await setupSync();
    const client = new PlainClient(setup, 'bot');
    await client.got(1);
    breakIt(client);
    expect(await client.closeCode()).toBe(code);
  });
});

/** Until the server has taken what this client sent before, its pongs included. */
async function answered(client: PlainClient): Promise<void> {
  const before = client.received.length;
  client.socket.send(Uint8Array.of(0, 0, 1, 0));
  await client.got(before + 1);
}

/** Waits for what the server does by itself; the fakes and sockets give no event for it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { CLOSE } from '#protocol/close-codes.ts';
import { userIdOf } from './testing/fake-authenticator.ts';
import { MuxedClient } from './testing/muxed-client.ts';
import { ORIGIN, ROOM, setupSync } from './testing/sync-setup.ts';

const PAGE = { room: ROOM, page: 0 };

describe('who may connect', () => {
  test('[CONN-13] a token by subprotocol, or a cookie with an allowed origin', async () => {
    await using setup = await setupSync();
    const { id } = setup.authenticator.add('ann');
    for (const options of [{ token: id }, { token: id, origin: ORIGIN }, { cookie: `roost=${id}`, origin: ORIGIN }]) {
      const client = await MuxedClient.greeted(`${setup.address}/sync`, options);
      expect((await client.controlOf('hello')).user.id).toBe(userIdOf('ann'));
      await client.close();
    }
  });

  test('[CONN-13] without a live session the socket is accepted, then closed for good', async () => {
    await using setup = await setupSync();
    const { id } = setup.authenticator.add('ann');
    for (const options of [
      {},
      { token: 'wrong' },
      { cookie: 'roost=wrong', origin: ORIGIN },
      // Nobody has said which site's page sends this cookie.
      { cookie: `roost=${id}` },
      // Who shows a token is that or nobody.
      { token: 'wrong', cookie: `roost=${id}`, origin: ORIGIN }
    ]) {
      const client = setup.connect(options);
      expect(await client.closeCode(), JSON.stringify(options)).toBe(CLOSE.signedOut);
      expect(client.frames).toEqual([]);
    }
    const stock = setup.connect({ path: `/sync/${ROOM}/0` });
    expect(await stock.closeCode()).toBe(CLOSE.signedOut);
    expect(setup.sync.connectionCount()).toBe(0);
  });

  test('[CONN-14] another origin is refused before anything is looked up, even with a good cookie or token', async () => {
    await using setup = await setupSync();
    const { id } = setup.authenticator.add('ann');
    for (const origin of ['https://evil.example', `${ORIGIN}.evil.example`, 'http://roost.example', 'null']) {
      for (const secret of [{ token: id }, { cookie: `roost=${id}` }]) {
        const client = setup.connect({ origin, ...secret });
        await client.ready();
        expect(client.refusedWith, origin).toBe(403);
      }
    }
    expect(setup.authenticator.lookUps).toBe(0);
    const long = setup.connect({ origin: `https://${'evil.'.repeat(1_000)}example` });
    await long.ready();
    const logged = setup.log.map(({ fields }) => ('origin' in fields ? String(fields.origin).length : 0));
    expect(Math.max(...logged)).toBe(200);
  });

  test('paths that are not ours are not found, a page that cannot be is closed like a forbidden one', async () => {
    await using setup = await setupSync();
    const { id } = setup.authenticator.add('ann');
    const elsewhere = setup.connect({ token: id, path: '/elsewhere' });
    await elsewhere.ready();
    expect(elsewhere.refusedWith).toBe(404);
    for (const path of ['/sync/', '/sync/short/0', `/sync/${ROOM}`, `/sync/${ROOM}/-1`, `/sync/${ROOM}/0/1`]) {
      expect(await setup.connect({ token: id, path }).closeCode(), path).toBe(CLOSE.forbidden);
    }
  });

  test('a store that cannot say who is there asks to try again', async () => {
    await using setup = await setupSync();
    setup.authenticator.pending = Promise.reject(new Error('the disk is gone'));
    setup.authenticator.pending.catch(() => undefined);
    expect(await setup.connect({ token: 'any' }).closeCode()).toBe(CLOSE.storage);
  });

  test('a line that breaks during the handshake breaks nothing else', async () => {
    await using setup = await setupSync();
    const disk = Promise.withResolvers<void>();
    setup.authenticator.pending = disk.promise;
    const { port } = new URL(setup.address);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'GET /sync HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: roost.token.x\r\n\r\n'
    );
    await until(() => setup.authenticator.lookUps === 1);
    socket.resetAndDestroy();
    await new Promise((resolve) => socket.once('close', resolve));
    disk.resolve();
    setup.authenticator.pending = Promise.resolve();
    await setup.client('ann');
    expect(setup.sync.connectionCount()).toBe(1);
  });
});

describe('when a session ends', () => {
  test('[CONN-15] its sockets are told and closed, those of other sessions stay', async () => {
    await using setup = await setupSync();
    const phone = await setup.client('ann');
    const { id: deskSession } = setup.authenticator.add('ann', 'session-desk');
    const desk = await MuxedClient.greeted(`${setup.address}/sync`, { token: deskSession });
    await phone.opened(ROOM);
    const stock = new WebSocket(`${setup.address}/sync/${ROOM}/0`, ['roost.token.session-ann']);
    await until(() => setup.rooms.readers(PAGE).size === 2);
    const stockClosed = new Promise((resolve) => stock.on('close', resolve));

    setup.authenticator.end('session-ann');
    expect(await phone.closeCode()).toBe(CLOSE.signedOut);
    expect(phone.control.at(-1)).toEqual({ type: 'revoked', cause: 'revoked' });
    expect(await stockClosed).toBe(CLOSE.signedOut);
    expect(setup.rooms.readers(PAGE).size).toBe(0);
    expect(setup.sync.connectionCount()).toBe(1);
    await desk.opened(ROOM);
    await desk.close();
  });

  test('[CONN-15] a socket that was just coming in is closed too', async () => {
    await using setup = await setupSync();
    const disk = Promise.withResolvers<void>();
    setup.authenticator.pending = disk.promise;
    const { id } = setup.authenticator.add('ann');
    const client = setup.connect({ token: id });
    await until(() => setup.authenticator.lookUps === 1);
    setup.authenticator.end(id);
    disk.resolve();
    expect(await client.closeCode()).toBe(CLOSE.signedOut);
  });

  test('[CONN-15] one whose time ran out unannounced is found', async () => {
    await using setup = await setupSync({ recheckEveryMs: 600_000 });
    const ann = await setup.client('ann');
    const bo = await setup.client('bo');
    setup.authenticator.expire('session-ann');
    // Lines stay alive by their answers to pings, which take real time.
    for (let ms = 0; ms <= 600_000 && ann.closed === null; ms += 10_000) {
      const pings = bo.pings;
      setup.timers.advance(10_000);
      await until(() => bo.pings > pings);
      await bo.controlOf('hello');
      await roundTrip(bo);
      if (ms < 590_000) await roundTrip(ann);
    }
    expect(await ann.closeCode()).toBe(CLOSE.signedOut);
    expect(bo.closed).toBeNull();
  });
});

describe('stopping', () => {
  test('[CONN-16] every socket is told to come back later', async () => {
    await using setup = await setupSync();
    const [ann, bo] = [await setup.client('ann'), await setup.client('bo')];
    const stopped = setup.sync.close();
    expect(await ann.closeCode()).toBe(CLOSE.stopping);
    expect(await bo.closeCode()).toBe(CLOSE.stopping);
    await stopped;
    expect(setup.sync.connectionCount()).toBe(0);
    expect(setup.timers.pending).toBe(0);
  });

  test('[CONN-16] a far side that does not answer holds nothing up', async () => {
    await using setup = await setupSync({ stopWithinMs: 50 });
    const ann = await setup.client('ann');
    ann.socket.pause();
    await setup.sync.close();
    expect(setup.sync.connectionCount()).toBe(0);
  });
});

test('logs hold no token, cookie or text of people', async () => {
  await using setup = await setupSync();
  const { id } = setup.authenticator.add('canary-name', 'canary-token');
  const client = await MuxedClient.greeted(`${setup.address}/sync`, { token: id });
  await client.opened(ROOM);
  client.sendControl({ type: 'canary-body' });
  await client.closeCode();
  await setup.connect({ token: id, origin: 'https://evil.example' }).ready();
  await setup.connect({ cookie: 'roost=canary-token' }).closeCode();
  setup.rooms.failing = true;
  await setup.connect({ token: id, path: `/sync/${ROOM}/0` }).closeCode();
  expect(setup.log.length).toBeGreaterThan(3);
  expect(JSON.stringify(setup.log)).not.toContain('canary-token');
  expect(JSON.stringify(setup.log)).not.toContain('canary-body');
});

/** Until the server has taken all that this client sent before. */
async function roundTrip(client: MuxedClient): Promise<void> {
  const { channel } = await client.opened(ROOM);
  expect(client.events(channel).length).toBeGreaterThan(0);
  client.send(Uint8Array.of(channel, 4, 0));
}

/** Waits for what the server does by itself; the fakes and sockets give no event for it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

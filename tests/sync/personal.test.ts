// A person's own document on the whole server: by the multiplexed socket and by a stock provider.

import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { CLOSE } from '#protocol/close-codes.ts';
import { decodeFrame, encodeFrame, FRAME } from '#protocol/frames.ts';
import { PERSONAL_DOC_NAME } from '#protocol/personal.ts';
import { encodeControl } from '#protocol/control.ts';
import { MuxedClient } from '../../sync-server/sync/testing/muxed-client.ts';
import { readYMessage } from '../../sync-server/sync/y-message.ts';
import { syncMessage } from './muxed-person.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';
import { until } from './stock.ts';

async function setup() {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { server, ann: await server.account('ann'), bo: await server.account('bo') };
}

/** A stock provider of somebody's own document. */
function stock(server: TestServer, { token }: TestAccount) {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(server.syncUrl, PERSONAL_DOC_NAME, doc, {
    protocols: [`roost.token.${token}`],
    WebSocketPolyfill: WebSocket as never,
    disableBc: true
  });
  onTestFinished(() => {
    provider.destroy();
    provider.awareness.destroy();
  });
  return { doc, drafts: doc.getMap<string>('drafts'), provider };
}

test('[OWN-3] is in step over all of one’s own connections, stock or not, and nobody else sees it', async () => {
  const { server, ann, bo } = await setup();
  const phone = stock(server, ann);
  await until(phone.provider, 'sync', () => phone.provider.synced);
  phone.drafts.set('room', 'half a word');

  const client = await MuxedClient.greeted(server.syncUrl, { token: ann.token });
  onTestFinished(() => client.socket.terminate());
  client.send(encodeFrame(1, FRAME.open, encodeControl({ personal: true, clientId: 7 })));
  await client.until(() => client.events(1).length > 0);
  expect(client.events(1)[0]).toEqual({ kind: 'opened', awarenessId: 7 });
  const doc = new Y.Doc();
  client.sendMessage(1, syncMessage(0, Y.encodeStateVector(doc)));
  const drafts = (): unknown => {
    for (const bytes of client.messages(1)) {
      const message = readYMessage(bytes);
      if (message?.kind === 'update') Y.applyUpdate(doc, message.update);
    }
    return doc.getMap('drafts').toJSON();
  };
  await client.until(() => JSON.stringify(drafts()) === '{"room":"half a word"}');
  const before = Y.encodeStateVector(doc);
  doc.getMap('drafts').delete('room');
  doc.getMap('stars').set('entry-001', 1);
  client.sendMessage(1, syncMessage(2, Y.encodeStateAsUpdate(doc, before)));
  await until(phone.doc, 'update', () => phone.doc.getMap('stars').get('entry-001') === 1);
  expect(phone.drafts.toJSON()).toEqual({});

  const stranger = stock(server, bo);
  await until(stranger.provider, 'sync', () => stranger.provider.synced);
  expect(stranger.doc.getMap('stars').toJSON()).toEqual({});
});

test('[OWN-3] without a session it is closed like a page', async () => {
  const { server } = await setup();
  const socket = new MuxedClient(`${server.syncUrl}/${PERSONAL_DOC_NAME}`, { token: 'nobody' });
  expect(await socket.closeCode()).toBe(CLOSE.signedOut);
});

test('[OWN-7] what a device was told is there after a restart of the server', async () => {
  const { server, ann } = await setup();
  const [phone, desk] = [stock(server, ann), stock(server, ann)];
  await until(desk.provider, 'sync', () => desk.provider.synced);
  phone.drafts.set('room', 'half a word');
  await until(desk.doc, 'update', () => desk.drafts.get('room') === 'half a word');
  phone.provider.destroy();
  desk.provider.destroy();
  await server.stop();
  await server.start();
  const tablet = stock(server, ann);
  await until(tablet.provider, 'sync', () => tablet.provider.synced);
  expect(tablet.drafts.toJSON()).toEqual({ room: 'half a word' });
});

test('[OWN-5] spoilt bytes close the channel alone: the line and the rest go on', async () => {
  const { server, ann } = await setup();
  const client = await MuxedClient.greeted(server.syncUrl, { token: ann.token });
  onTestFinished(() => client.socket.terminate());
  for (const channel of [1, 2])
    client.send(encodeFrame(channel, FRAME.open, encodeControl({ personal: true, clientId: channel })));
  await client.until(() => client.events(1).length > 0 && client.events(2).length > 0);
  client.sendMessage(1, syncMessage(2, new Uint8Array([1, 1, 7, 0, 0, 127, 0])));
  expect(await client.channelClosed(1)).toBe(CLOSE.malformed);
  expect(client.events(2).some(({ kind }) => kind === 'closed')).toBe(false);
  expect(client.closed).toBeNull();
  expect(client.frames.every((frame) => decodeFrame(frame) !== null)).toBe(true);
});

test('[OWN-9] goes with the account', async () => {
  const { server, ann } = await setup();
  const phone = stock(server, ann);
  await until(phone.provider, 'sync', () => phone.provider.synced);
  phone.drafts.set('room', 'half a word');
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const [key] of server.store.kv.range({ gte: 'personal/', lt: 'personal0' })) found.push(key);
    return found;
  };
  await expect.poll(keys).toHaveLength(1);
  await server.core.acts.delete(ann.id, false);
  expect(await keys()).toEqual([]);
});

test('[HTTP-13] a stop lets go of documents that are open, and leaves none to be written behind a closed store', async () => {
  const { server, ann } = await setup();
  const phone = stock(server, ann);
  await until(phone.provider, 'sync', () => phone.provider.synced);
  const { personal } = server.core;
  expect(personal.openCount).toBe(1);
  await server.stop();
  expect(personal.openCount).toBe(0);
  await server.start();
});

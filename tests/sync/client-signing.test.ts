// What people write, signed on their devices, against a server that takes nothing unsigned from a browser.

import { deleteDB, openDB } from 'idb';
import { expect, onTestFinished, test } from 'vitest';
import { isKnown, type Entry } from '#protocol/entry.ts';
import type { DeviceInfo } from '#protocol/api/device.ts';
import { fromBase64url, signedBytes } from '#protocol/signing.ts';
import { allArrived, bodies, messages, TestDevice, until, type TestTab } from './client-fixture.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';
import { Stock } from './stock.ts';

async function setup(options: { readonly plainHttp?: boolean } = {}) {
  const server = await TestServer.start();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const ann = await server.account('ann');
  const device = new TestDevice(server.url, { locks: true, ...options });
  onTestFinished(() => device.close());
  const tab = await device.tab();
  await signIn(tab, ann);
  const id = await tab.app.createRoom('Harbour', 'private');
  const room = tab.app.openRoom(id);
  await room.send('before');
  await until(() => bodies(room).length === 1 && allArrived(room));
  return { server, ann, device, tab, id, room };
}

async function signIn(tab: TestTab, { name, password }: TestAccount): Promise<void> {
  expect(await tab.app.session.signIn(name, password)).toEqual({ ok: true, value: undefined });
  await until(() => tab.app.connection.status !== 'connecting');
}

/** Ends all sessions of browsers, as another device of the same person may. */
const endSessions = (server: TestServer, ann: TestAccount): Promise<void> => server.endBrowserSessions(ann);

/** The entries that the server holds, each proven by a device that it knows. */
async function proven(server: TestServer, ann: TestAccount, id: string): Promise<Entry[]> {
  const stock = await new Stock(server, ann, id).synced();
  const answer = await server.fetch(`/api/devices?users=${ann.id}`, ann);
  const keys = new Map(((await answer.json()) as DeviceInfo[]).map((device) => [device.id, device]));
  const entries = stock.entries();
  for (const entry of entries) {
    const publicKey = fromBase64url(keys.get(entry.device ?? '')!.publicKey)!;
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
    const signature = fromBase64url(entry.signature!)!;
    expect(await crypto.subtle.verify('Ed25519', key, signature, signedBytes(id, entry))).toBe(true);
  }
  return entries;
}

const written = (entries: readonly Entry[]): string[] =>
  entries.flatMap((entry) => (isKnown(entry) && entry.type === 'message' ? [entry.body] : []));

const THREE = ['one', 'two', 'three'];

test.each([
  ['with a key that nobody can read', {}],
  ['on plain http', { plainHttp: true }]
])('[SIGN-8] all that is written in a browser is signed, %s', async (_how, options) => {
  const { server, ann, id, room } = await setup(options);
  await room.acts.setTopic('Tides');
  await until(() => room.timeline.length === 3 && allArrived(room));
  const entries = await proven(server, ann, id);
  expect(entries.map(({ type }) => type)).toEqual(['room', 'message', 'room']);
});

test('[SIGN-8] a sign-out by force with three unsent messages: after signing in again all arrive, signed, once', async () => {
  const { server, ann, device, tab, id, room } = await setup();
  device.unplug();
  for (const body of THREE) await room.send(body);
  await endSessions(server, ann);
  device.plugIn();
  await until(() => tab.app.session.status === 'signed-out');
  expect(tab.app.session.ended).toMatchObject({ unsent: 3 });
  await signIn(tab, ann);
  await until(() => bodies(room).length === 4 && allArrived(room));
  const entries = await proven(server, ann, id);
  expect(written(entries)).toEqual(['before', ...THREE]);
  expect(entries.at(-1)!.device).not.toBe(entries[0]!.device);
});

test('[SIGN-8] what is under way when the session ends is signed again, too', async () => {
  const { server, ann, tab, id, room } = await setup();
  const sending = THREE.map((body) => room.send(body));
  await endSessions(server, ann);
  await Promise.all(sending);
  await until(() => tab.app.session.status === 'signed-out');
  await signIn(tab, ann);
  await until(() => bodies(room).length === 4 && allArrived(room));
  expect(written(await proven(server, ann, id)).sort()).toEqual(['before', ...THREE].sort());
});

test('[SIGN-8] a session that expires while the device is offline, over a restart', async () => {
  const { server, ann, device, tab, id, room } = await setup();
  device.unplug();
  for (const body of THREE) await room.send(body);
  tab.close();
  await endSessions(server, ann);
  const second = await device.tab();
  const kept = second.app.openRoom(id);
  await until(() => bodies(kept).length === 4);
  device.plugIn();
  await until(() => second.app.session.status === 'signed-out');
  second.close();

  const third = await device.tab();
  await signIn(third, ann);
  const again = third.app.openRoom(id);
  await until(() => bodies(again).length === 4 && allArrived(again));
  expect(written(await proven(server, ann, id))).toEqual(['before', ...THREE]);
});

test('[SIGN-8] a key that was lost with unsent messages: another one signs them, and they arrive once', async () => {
  const { server, ann, device, tab, id, room } = await setup();
  device.unplug();
  for (const body of THREE) await room.send(body);
  tab.close();
  const db = await openDB(`${device.prefix}-device`);
  await db.delete('values', `key/${ann.id}`);
  db.close();

  const second = await device.tab();
  const again = second.app.openRoom(id);
  device.plugIn();
  await until(() => bodies(again).length === 4 && allArrived(again));
  const entries = await proven(server, ann, id);
  expect(written(entries)).toEqual(['before', ...THREE]);
  expect(entries.at(-1)!.device).not.toBe(entries[0]!.device);
});

test('[SIGN-8] unsent messages of a version that did not sign', async () => {
  const { server, ann, device, tab, id, room } = await setup();
  device.unplug();
  for (const body of THREE) await room.send(body);
  tab.close();
  const { generation } = (await (await server.fetch('/api/me', ann)).json()) as { generation: string };
  const db = await openDB(`${device.prefix}-${ann.id}-${generation}`);
  for (const row of (await db.getAll('outbox')) as { entry: Entry }[]) {
    const { device: _device, signature: _signature, ...entry } = row.entry;
    await db.put('outbox', { ...row, entry });
  }
  db.close();
  const second = await device.tab();
  const again = second.app.openRoom(id);
  device.plugIn();
  await until(() => bodies(again).length === 4 && allArrived(again));
  expect(written(await proven(server, ann, id))).toEqual(['before', ...THREE]);
});

test('[SIGN-8] a signature that does not fit is made anew, without a word to its author', async () => {
  const { server, ann, device, tab, id, room } = await setup();
  device.unplug();
  for (const body of THREE) await room.send(body);
  tab.close();
  const { generation } = (await (await server.fetch('/api/me', ann)).json()) as { generation: string };
  const db = await openDB(`${device.prefix}-${ann.id}-${generation}`);
  const [row] = (await db.getAll('outbox')) as { entry: Entry }[];
  await db.put('outbox', { ...row, entry: { ...row!.entry, signature: `${'A'.repeat(85)}A` } });
  db.close();
  const second = await device.tab();
  const again = second.app.openRoom(id);
  device.plugIn();
  await until(() => bodies(again).length === 4 && allArrived(again), 40_000);
  expect(written(await proven(server, ann, id)).sort()).toEqual(['before', ...THREE].sort());
});

test('[SIGN-7] signing out by oneself leaves no key on the device', async () => {
  const { ann, device, tab, room } = await setup();
  expect(messages(room)).toHaveLength(1);
  await tab.app.session.signOut();
  tab.close();
  const db = await openDB(`${device.prefix}-device`);
  expect(await db.get('values', `key/${ann.id}`)).toBe(undefined);
  db.close();
  await deleteDB(`${device.prefix}-device`);
});

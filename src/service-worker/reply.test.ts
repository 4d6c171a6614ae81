import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import { newRoomId } from '#protocol/ids.ts';
import { signedBytes } from '#protocol/signing.ts';
import type { Me } from '#protocol/api/session.ts';
import type { RoomSummary } from '#protocol/control.ts';
import { makeDeviceKey } from '../lib/proof/device-key.ts';
import { DeviceDb } from '../lib/storage/device-db.ts';
import { UserDb, userDbName } from '../lib/storage/user-db.ts';
import { keepReply } from './reply.ts';

let people = 0;

/** Ann, signed in on this device with a key, in a room or not. */
async function setup({
  registered = true,
  role = 'member'
}: { registered?: boolean; role?: RoomSummary['role'] } = {}) {
  const me = { id: `u${`${(people += 1)}`.padStart(22, 'a')}`, generation: 'g1' } as Me;
  const device = await DeviceDb.open('roost');
  const db = new UserDb(userDbName('roost', me.id, me.generation), () => undefined);
  onTestFinished(() => {
    device.close();
    db.close();
  });
  const key = await makeDeviceKey(crypto.subtle);
  await device.setSession(me);
  await device.swapKey({ user: me.id, id: key.id, key: key.stored, registered }, null);
  const room = newRoomId();
  await db.putRooms([{ id: room, summary: { id: room, role, head: 3 } as RoomSummary, head: null, fetched: null }]);
  return { me, db, device, room, key };
}

test('[PUSH-15] a reply written in a notification is in the outbox, signed, as one that was written in the app', async () => {
  const { me, db, room, key } = await setup();
  const told = new Promise<unknown>((resolve) => {
    const channel = new BroadcastChannel(db.name);
    onTestFinished(() => channel.close());
    channel.onmessage = ({ data }) => resolve(data);
  });
  const root = '018f2f1e-0000-7000-8000-000000000000';
  expect(await keepReply({ room, thread: root }, '  On my way \ud83d')).toBe(true);
  const [row] = await db.outbox();
  expect(row).toMatchObject({ room, state: 'kept', code: null, page: 3, tab: 'worker' });
  const { entry } = row!;
  expect(entry).toMatchObject({ id: row!.id, type: 'message', author: me.id, body: 'On my way \ufffd', thread: root });
  expect(entry.device).toBe(key.id);
  const raw = await crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
  const signature = Buffer.from(entry.signature!, 'base64url');
  expect(await crypto.subtle.verify('Ed25519', raw, signature, signedBytes(room, entry))).toBe(true);
  expect(await told).toEqual({ type: 'outbox', room });
});

test.for([
  ['nothing was written', {}, '  '],
  ['it is too long', {}, 'x'.repeat(16_001)],
  ['it calls somebody', {}, 'Ask @bo'],
  ['it is a command', {}, '/poll Lunch?'],
  ['the server does not know the key yet', { registered: false }, 'Yes'],
  ['one is not in the room', { role: null }, 'Yes']
] as const)('[PUSH-15] the composer has it where %s', async ([, given, text]) => {
  const { db, room } = await setup(given);
  expect(await keepReply({ room, thread: null }, text)).toBe(false);
  expect(await db.outbox()).toEqual([]);
});

test('[PUSH-15] and where nobody is signed in, or nothing is known of the room', async () => {
  const { db, device, room } = await setup();
  expect(await keepReply({ room: newRoomId(), thread: null }, 'Yes')).toBe(false);
  await device.setSession(null);
  expect(await keepReply({ room, thread: null }, 'Yes')).toBe(false);
  expect(await db.outbox()).toEqual([]);
});

// What a member who means ill can try on the whole server, with a client of their own making. None of it changes what
// others see, and none of it is passed on.

import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { MESSAGES_ROOT } from '#protocol/arrival.ts';
import { CLOSE } from '#protocol/close-codes.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId, newRoomId, type DeviceId } from '#protocol/ids.ts';
import { deviceId, fromBase64url, signedBytes } from '#protocol/signing.ts';
import { presentUser } from '#protocol/presence.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';
import { Stock, until } from './stock.ts';

let server: TestServer;
let ann: TestAccount;
let mallory: TestAccount;
let room: string;

beforeEach(async () => {
  server = await TestServer.start();
  [ann, mallory] = [await server.account('ann'), await server.account('mallory')];
  room = await makeRoom();
});
afterEach(() => server[Symbol.asyncDispose]());

async function makeRoom(): Promise<string> {
  const id = newRoomId();
  const append = async (author: string, payload: object): Promise<void> => {
    const entry = { id: newEntryId(Date.now()), author, sentAt: Date.now(), ...payload } as Entry;
    expect(await server.rooms.append(entry, id)).toBeNull();
  };
  await append(ann.id, { type: 'room', action: 'created', kind: 'public', name: 'Dock' });
  await append(mallory.id, { type: 'membership', action: 'joined' });
  return id;
}

class Device {
  readonly id: DeviceId;
  readonly #secret: KeyObject;

  private constructor(id: DeviceId, secret: KeyObject) {
    this.id = id;
    this.#secret = secret;
  }

  /** Registered for the account over a session of its own. */
  static async of(account: TestAccount): Promise<Device> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'jwk' }).x!;
    const headers = { origin: server.url, 'content-type': 'application/json' };
    const { name, password } = account;
    const signedIn = await fetch(new URL('/api/session', server.url), {
      ...{ method: 'POST', headers, body: JSON.stringify({ name, password }) }
    });
    const cookie = signedIn.headers.getSetCookie()[0]!.split(';', 1)[0]!;
    const answer = await fetch(new URL('/api/devices', server.url), {
      ...{ method: 'POST', headers: { ...headers, cookie }, body: JSON.stringify({ publicKey: raw }) }
    });
    expect(answer.ok).toBe(true);
    return new Device(deviceId(fromBase64url(raw)!), privateKey);
  }

  signed(payload: object, author: string, inRoom = room): Entry {
    const entry = { id: newEntryId(Date.now()), author, sentAt: Date.now(), ...payload, device: this.id } as Entry;
    const signature = sign(null, signedBytes(inRoom, entry), this.#secret).toString('base64url');
    return { ...entry, signature };
  }
}

/** What one client offers and what becomes of it: everybody's copies agree in the end. */
async function offer(entry: Entry, as: TestAccount = mallory): Promise<'taken' | 'refused'> {
  const [client, witness] = [new Stock(server, as, room), new Stock(server, ann, room)];
  await Promise.all([client.synced(), witness.synced()]);
  const seen: unknown[] = [];
  witness.doc.getArray(MESSAGES_ROOT).observe((event) => {
    for (const { insert } of event.changes.delta) if (Array.isArray(insert)) seen.push(...(insert as unknown[]));
  });
  client.doc.getArray(MESSAGES_ROOT).push([entry]);
  const arrived = (): boolean => client.arrivals().some(({ id }) => id === entry.id);
  const copies = (): number => client.entries().filter(({ id }) => id === entry.id).length;
  const before = copies();
  await until(client.doc, 'update', () => arrived() || copies() < before);
  const marker = client.say('afterwards');
  await witness.arrived(marker);
  const taken = witness.entries().some(({ id }) => id === entry.id);
  if (!taken) expect(seen).toEqual([expect.objectContaining({ id: marker })]);
  client.stop();
  witness.stop();
  return taken ? 'taken' : 'refused';
}

const hello = (author: string, more: object = {}): Entry => ({
  id: newEntryId(Date.now()),
  author,
  sentAt: Date.now(),
  type: 'message',
  body: 'hello',
  ...more
});

describe('[FORGE-1] nobody writes in the name of another', () => {
  test('unsigned, or signed by a device of one’s own, of nobody, or under the other’s device id', async () => {
    const [mine, hers] = [await Device.of(mallory), await Device.of(ann)];
    const payload = { type: 'message', body: 'hello' };
    const byMine = mine.signed(payload, ann.id);
    for (const forged of [
      hello(ann.id),
      byMine,
      { ...byMine, device: hers.id },
      { ...byMine, device: 'd'.repeat(22) },
      { ...hers.signed(payload, ann.id), signature: `${'A'.repeat(85)}A` }
    ]) {
      expect(await offer(forged)).toBe('refused');
    }
  });

  test('nor changes a letter of what the other has signed, or takes it to another room', async () => {
    const hers = await Device.of(ann);
    const whole = hers.signed({ type: 'message', body: 'pay Bo ten' }, ann.id);
    const elsewhere = hers.signed({ type: 'message', body: 'yes' }, ann.id, await makeRoom());
    for (const forged of [
      { ...whole, body: 'pay Mo ten' },
      { ...whole, sentAt: whole.sentAt - 86_400_000 },
      { ...whole, id: newEntryId(Date.now()) },
      { ...whole, replyTo: newEntryId(Date.now()) },
      elsewhere
    ]) {
      expect(await offer(forged)).toBe('refused');
    }
    // The very entry is its author's, whoever brings it.
    expect(await offer(whole)).toBe('taken');
  });

  test('nor lets them join, leave, or do what their role allows', async () => {
    const membership = { type: 'membership', user: mallory.id, action: 'role', role: 'owner' };
    expect(await offer(hello(ann.id, { ...membership, body: undefined }))).toBe('refused');
    expect(await offer({ ...hello(ann.id), type: 'membership', action: 'left' })).toBe('refused');
  });
});

test('[FORGE-2] an entry that is offered again, by whomever, stands once, in its first place', async () => {
  const hers = await Device.of(ann);
  const whole = hers.signed({ type: 'message', body: 'once' }, ann.id);
  expect(await offer(whole, ann)).toBe('taken');
  const before = await server.rooms.headEntries(room);
  await offer(whole, mallory);
  const after = await server.rooms.headEntries(room);
  expect(after.filter(({ entry }) => entry.id === whole.id)).toHaveLength(1);
  expect(after.slice(0, before.length)).toEqual(before);
});

test('[FORGE-3] who deletes the words of another deletes them for themselves alone', async () => {
  const [author, client] = [new Stock(server, ann, room), new Stock(server, mallory, room)];
  await Promise.all([author.synced(), client.synced()]);
  const id = author.say('stays');
  await Promise.all([author.arrived(id), client.arrived(id)]);
  const messages = client.doc.getArray<Entry>(MESSAGES_ROOT);
  messages.delete(messages.toArray().findIndex((entry) => entry.id === id));
  await author.arrived(client.say('afterwards'));
  expect(author.entries().map((entry) => entry.id)).toContain(id);
  const late = await new Stock(server, ann, room).synced();
  expect(late.entries().map((entry) => entry.id)).toContain(id);
});

test('[FORGE-4] nothing is put between what others have said', async () => {
  const client = await new Stock(server, mallory, room).synced();
  const closed = client.finallyClosed();
  client.doc.getArray(MESSAGES_ROOT).insert(1, [hello(mallory.id)]);
  expect(await closed).toBe(CLOSE.malformed);
  const late = await new Stock(server, ann, room).synced();
  expect(late.entries().map(({ type }) => type)).toEqual(['room', 'membership']);
});

test('[FORGE-5] nobody writes under the client id of another', async () => {
  const author = await new Stock(server, ann, room).synced();
  await author.arrived(author.say('mine'));
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(author.doc));
  doc.clientID = author.doc.clientID;
  doc.getArray(MESSAGES_ROOT).push([hello(mallory.id, { body: 'under a stolen id' })]);
  const closed = new Stock(server, mallory, room, { doc }).finallyClosed();
  expect(await closed).toBe(CLOSE.clientIdTaken);
  const late = await new Stock(server, ann, room).synced();
  expect(JSON.stringify(late.entries())).not.toContain('stolen');
});

test('[FORGE-6] nobody is present in the name of another, or takes another’s presence away', async () => {
  const [witness, client] = [new Stock(server, ann, room), new Stock(server, mallory, room)];
  await Promise.all([witness.synced(), client.synced()]);
  client.provider.awareness.setLocalState({ user: { id: ann.id }, typing: true });
  const states = (): Map<number, unknown> => witness.provider.awareness.getStates();
  await until(witness.provider.awareness, 'change', () => states().has(client.doc.clientID));
  expect(presentUser(states().get(client.doc.clientID))).toBe(mallory.id);
});

test('[FORGE-7] a read marker moves for the person who read, and no further than the room goes', async () => {
  const author = await new Stock(server, ann, room).synced();
  await author.arrived(author.say('one'), author.say('two'));
  expect(await server.rooms.markRead(mallory.id, room, 1_000_000)).toMatchObject({ n: 2, unread: 0 });
  await author.arrived(author.say('three'));
  const summary = await server.rooms.summary(mallory.id, room);
  expect(summary).toMatchObject({ read: 2, unread: 1 });
});

// Broken, cut, repeated and misplaced frames against the whole server: nothing crashes, nobody else notices, and the
// sender is at most shown the door. A failing seed is printed; ROOST_SEED repeats it.

import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { ARRIVALS_ROOT, MESSAGES_ROOT } from '#protocol/arrival.ts';
import { CLOSE } from '#protocol/close-codes.ts';
import { encodeClose, encodeFrame, encodeMessage, FRAME } from '#protocol/frames.ts';
import { newEntryId, newRoomId } from '#protocol/ids.ts';
import { PROTOCOL_VERSION } from '#protocol/version.ts';
import { MuxedClient } from '../../sync-server/sync/testing/muxed-client.ts';
import { encodeAwareness, encodeAwarenessRecord } from '../../sync-server/sync/y-message.ts';
import { seededRandom } from '../seeded-random.ts';
import { MuxedPerson, syncMessage } from './muxed-person.ts';
import { TestServer, type TestAccount } from './server-fixture.ts';

const SEED = Number(process.env['ROOST_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const FRAMES = 2_000;
const EXPECTED_CLOSES: readonly number[] = [
  ...[CLOSE.malformed, CLOSE.tooLarge, CLOSE.protocol, CLOSE.rateLimited, CLOSE.clientIdTaken, CLOSE.forbidden]
];

const contents = (doc: Y.Doc): unknown[][] =>
  [MESSAGES_ROOT, ARRIVALS_ROOT].map((root) => doc.getArray(root).toArray());

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Frames as a client would send them, before they are spoilt. */
function sensibleFrames(random: () => number, room: string, user: string): Uint8Array[] {
  const doc = new Y.Doc();
  doc.clientID = Math.floor(random() * 2 ** 32);
  const entry = { id: newEntryId(1), type: 'message', author: user, sentAt: Date.now(), body: 'fuzz' };
  doc.getArray(MESSAGES_ROOT).push([entry, { ...entry, id: newEntryId(2) }]);
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  const channel = 1 + Math.floor(random() * 6);
  const open = {
    room,
    page: Math.floor(random() * 2),
    clientId: doc.clientID,
    ...(random() < 0.2 ? { create: true } : {})
  };
  return [
    encodeFrame(0, FRAME.data, json({ type: 'hello', protocol: PROTOCOL_VERSION, generation: null, cursor: null })),
    encodeFrame(0, FRAME.data, json({ type: 'read', room, n: 3 })),
    encodeFrame(0, FRAME.pong),
    encodeFrame(channel, FRAME.open, json(open)),
    encodeFrame(channel, FRAME.open, json({ ...open, room: newRoomId() })),
    encodeClose(channel, 1000),
    ...encodeMessage(channel, syncMessage(0, Uint8Array.of(0))),
    ...encodeMessage(channel, syncMessage(1, update)),
    ...encodeMessage(channel, syncMessage(2, update)),
    encodeFrame(channel, FRAME.part, update),
    ...encodeMessage(channel, encodeAwareness([encodeAwarenessRecord(7, 1, '{"typing":true}')])),
    ...encodeMessage(channel, Uint8Array.of(3))
  ];
}

function spoilt(random: () => number, frame: Uint8Array): Uint8Array {
  const at = Math.floor(random() * frame.length);
  const kind = Math.floor(random() * 6);
  if (kind === 0) return frame;
  if (kind === 1) return frame.slice(0, at);
  if (kind === 2) return Uint8Array.of(...frame, ...frame.slice(at));
  if (kind === 3) return Uint8Array.from(frame, () => Math.floor(random() * 256));
  const changed = frame.slice();
  for (let times = kind; times > 3; times--) changed[Math.floor(random() * frame.length)] = Math.floor(random() * 256);
  return changed;
}

test(`[CONN-24] ${FRAMES} spoilt frames crash nothing, and honest people go on (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  await using server = await TestServer.start();
  const [ann, bo, eve] = [await server.account('ann'), await server.account('bo'), await server.account('eve')];
  const room = newRoomId();
  const first = await MuxedPerson.join(server, ann, room, true);
  await first.push({ type: 'room', action: 'created', name: 'Lobby', kind: 'public' });
  const second = await MuxedPerson.join(server, bo, room, false);
  await second.push({ type: 'message', body: 'before' });

  const closes: number[] = [];
  let fuzzer = await connectFuzzer(server, eve, random);
  for (let sent = 0; sent < FRAMES; sent++) {
    const frames = sensibleFrames(random, room, eve.id);
    fuzzer.send(spoilt(random, frames[Math.floor(random() * frames.length)]!));
    // So that a spoilt frame is met by a server that has taken those before it.
    if (random() < 0.2) await settled(fuzzer);
    if (fuzzer.closed !== null) {
      closes.push(fuzzer.closed);
      fuzzer = await connectFuzzer(server, eve, random);
    }
    if (sent % 500 === 0) await first.push({ type: 'message', body: `at ${sent}` });
  }
  // What it sent last is taken, or not, before what honest people say now.
  await settled(fuzzer);
  fuzzer.socket.terminate();

  expect(closes.length).toBeGreaterThan(FRAMES / 100);
  expect([...new Set(closes)].filter((code) => !EXPECTED_CLOSES.includes(code))).toEqual([]);
  await first.push({ type: 'message', body: 'after' });
  await second.push({ type: 'message', body: 'after, too' });
  await first.until(() => first.arrived().length === second.arrived().length);
  expect(first.arrived()).toEqual(second.arrived());
  const late = await MuxedPerson.join(server, bo, room, false);
  await late.until(() => late.arrived().length === first.arrived().length);
  expect(contents(late.doc)).toEqual(contents(first.doc));
  expect(contents(second.doc)).toEqual(contents(first.doc));
  expect((await server.fetch('/healthz', null)).status).toBe(200);
  for (const { client } of [first, second, late]) client.socket.terminate();
});

async function connectFuzzer(server: TestServer, account: TestAccount, random: () => number): Promise<MuxedClient> {
  // Some never say a right hello.
  if (random() < 0.9) return MuxedClient.greeted(server.syncUrl, { token: account.token });
  const client = new MuxedClient(server.syncUrl, { token: account.token });
  await client.ready();
  return client;
}

/** Until the socket has closed or answered a WebSocket ping, by which time all before it was received. */
function settled(client: MuxedClient): Promise<void> {
  if (client.closed !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      client.socket.off('pong', done);
      client.socket.off('close', done);
      resolve();
    };
    client.socket.on('pong', done);
    client.socket.on('close', done);
    if (client.socket.readyState === client.socket.OPEN) client.socket.ping();
  });
}

// Ten thousand frames that are nearly honest: bits flipped, bytes cut, pieces of others spliced in, sections swapped.
// A member sends them beside honest people. None may crash the gate or go out as it is, and the honest end alike.

import { expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Arrival } from '#protocol/arrival.ts';
import type { GateOutcome } from '../../sync-server/gate/gate-contract.ts';
import { History } from '../../sync-server/gate/testing/history.ts';
import { isServerClientId } from '../../sync-server/gate/server-client-ids.ts';
import { message } from '../../sync-server/gate/testing/entries.ts';
import { arrivalsOf, elementsOf, messagesOf, pendingIn, userId } from '../../sync-server/gate/testing/test-page.ts';

const onlySeed = process.env['ROOST_SEED'];
const HISTORIES = 50;
const FRAMES_EACH = 200;
const MALLORY = userId('mallory');

type Mutate = (frame: Uint8Array, other: Uint8Array, random: () => number) => Uint8Array;

const at = (bytes: Uint8Array, random: () => number): number => Math.floor(random() * bytes.length);
const joinBytes = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

const MUTATIONS: readonly Mutate[] = [
  function flipBits(frame, _other, random) {
    const bytes = frame.slice();
    for (let left = 1 + Math.floor(random() * 4); left > 0; left--)
      bytes[at(bytes, random)]! ^= 1 << Math.floor(random() * 8);
    return bytes;
  },
  function setBytes(frame, _other, random) {
    const bytes = frame.slice();
    const start = at(bytes, random);
    const value = [0x00, 0x7f, 0x80, 0xff, Math.floor(random() * 256)][Math.floor(random() * 5)]!;
    return bytes.fill(value, start, start + 1 + Math.floor(random() * 3));
  },
  function flipHead(frame, _other, random) {
    const bytes = frame.slice();
    bytes[Math.floor(random() * Math.min(24, bytes.length))] = Math.floor(random() * 256);
    return bytes;
  },
  (frame, _other, random) => frame.slice(0, at(frame, random)),
  (frame, _other, random) => frame.slice(at(frame, random)),
  function removePiece(frame, _other, random) {
    const start = at(frame, random);
    return joinBytes(frame.subarray(0, start), frame.subarray(start + 1 + Math.floor(random() * 8)));
  },
  function splice(frame, other, random) {
    return joinBytes(frame.subarray(0, at(frame, random)), other.subarray(at(other, random)));
  },
  function insertPiece(frame, other, random) {
    const start = at(frame, random);
    const from = at(other, random);
    return joinBytes(frame.subarray(0, start), other.subarray(from, from + 40), frame.subarray(start));
  },
  /** The sections of two updates, with the count of one and the delete set of the other. */
  function swapSections(frame, other) {
    const sections = (update: Uint8Array) => update.subarray(1, update.length - 1);
    return joinBytes(Uint8Array.of(2), sections(other), sections(frame), Uint8Array.of(0));
  },
  /** Under a client id of its own, the rest as it was: grammar and origins hold, authors do not. */
  function otherClient(frame, _other, random) {
    const bytes = frame.slice();
    if (bytes.length > 4) bytes[3] = bytes[3]! ^ (1 + Math.floor(random() * 127));
    return bytes;
  },
  (frame, other) => joinBytes(frame, other),
  (frame) => {
    try {
      return Y.convertUpdateFormatV1ToV2(frame);
    } catch {
      return frame;
    }
  }
];

it('[GATE-16] 10,000 mutated frames crash nothing, and honest people go on', () => {
  const seeds = onlySeed ? [Number(onlySeed)] : Array.from({ length: HISTORIES }, (_, i) => 5_000 + i);
  const outcomes = { malformed: 0, 'foreign-client': 0, checked: 0, taken: 0, accepted: 0 };
  for (const seed of seeds) {
    try {
      attack(seed, outcomes);
    } catch (error) {
      throw new Error(`frames of ROOST_SEED=${seed}: ${String(error)}`, { cause: error });
    }
  }
  if (onlySeed) return;
  // The frames reach every part of the gate.
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(100);
  expect(outcomes.malformed + outcomes['foreign-client'] + outcomes.checked).toBe(HISTORIES * FRAMES_EACH);
});

/** Sound entries of her own, on top of what the page has: with a bit flipped they may well be taken. */
function entriesOfMallory(page: Y.Doc, sent: number, random: () => number): Uint8Array[] {
  const doc = new Y.Doc();
  doc.clientID = 1 + Math.floor(random() * 2 ** 32);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(page));
  const before = Y.encodeStateVector(doc);
  const entries = ['x', 'y', 'z']
    .slice(0, 1 + Math.floor(random() * 3))
    .map((k) => message(`${k}-mallory-${sent}`, MALLORY));
  messagesOf(doc).push(entries);
  return [Y.encodeStateAsUpdate(doc, before)];
}

function attack(seed: number, outcomes: Record<GateOutcome['kind'] | 'taken' | 'accepted', number>): void {
  const history = new History({ seed, steps: 60, refusable: 0, rebuilds: false });
  history.play();
  const { relay, random } = history;
  const { page } = relay;
  const mallorys: Uint8Array[] = [];
  for (let sent = 0; sent < FRAMES_EACH; sent++) {
    mallorys.push(...entriesOfMallory(page.reader, sent, random));
    // What has arrived, and what is on its way or lost. Nobody learns of a client id before it was online.
    const written = [...relay.clients.flatMap((client) => client.written), ...relay.written];
    const heard = written.filter((frame) =>
      [...Y.parseUpdateMeta(frame).from.keys()].every((id) => relay.boundIds.has(id) || isServerClientId(id))
    );
    const frames = [...heard, ...mallorys];
    const mutate = history.pick(MUTATIONS);
    const frame = mutate(history.pick(frames), history.pick(frames), random);
    const before = page.gate.snapshot();
    // TestPage overwrites the frame after the call, and its stock reader must take all that comes of it.
    const outcome = page.receive(frame, MALLORY);
    outcomes[outcome.kind] += 1;
    if (outcome.kind !== 'checked') expect(page.gate.snapshot()).toEqual(before);
    else if (outcome.update) {
      outcomes.taken += 1;
      outcomes.accepted += outcome.accepted.length;
      for (const { entry } of outcome.accepted) expect(entry.author).toBe(MALLORY);
      expect(pendingIn(page.reader)).toBeNull();
    }
    if (sent % 20 === 0) history.write();
  }
  relay.settle();
  for (const { doc, refused } of relay.clients) {
    expect(pendingIn(doc)).toBeNull();
    expect(elementsOf(messagesOf(doc))).toEqual(elementsOf(messagesOf(page.reader)));
    expect(messagesOf(doc).toJSON()).toEqual(messagesOf(page.reader).toJSON());
    expect(arrivalsOf(doc).toJSON()).toEqual(arrivalsOf(page.reader).toJSON());
    expect(refused).toEqual([]);
  }
  expect(arrivalsOf(page.reader).map((arrival) => (arrival as Arrival).id)).toEqual(page.arrived);
  expect(page.arrived.filter((id) => history.soundIds.has(id))).toHaveLength(history.soundIds.size);
}

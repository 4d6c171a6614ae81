// The gate against plain Yjs: whatever honest people do, on whatever lines, a page that went through the gate is the
// page that plain Yjs makes of the same updates, on every replica and in one order.

import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Arrival } from '#protocol/arrival.ts';
import { History, type HistoryOptions } from '../../sync-server/gate/testing/history.ts';
import {
  arrivalsOf,
  elementsOf,
  messagesOf,
  pendingIn,
  sorted,
  stateVectorOf
} from '../../sync-server/gate/testing/test-page.ts';

/** Repeats one history: the seed that a failure names. */
const onlySeed = process.env['ROOST_SEED'];

function eachSeed(count: number, offset: number, play: (seed: number) => void): void {
  const seeds = onlySeed ? [Number(onlySeed)] : Array.from({ length: count }, (_, i) => offset + i);
  for (const seed of seeds) {
    try {
      play(seed);
    } catch (error) {
      throw new Error(`history of ROOST_SEED=${seed}: ${String(error)}`, { cause: error });
    }
  }
}

/** Everything that two replicas of a page can differ in. */
function contentOf(doc: Y.Doc): unknown {
  expect(pendingIn(doc)).toBeNull();
  return {
    messages: messagesOf(doc).toJSON(),
    elements: elementsOf(messagesOf(doc)),
    arrivals: arrivalsOf(doc).toJSON(),
    arrivalElements: elementsOf(arrivalsOf(doc)),
    stateVector: stateVectorOf(doc)
  };
}

/** Deep comparison of thousands of replicas costs more than playing them: it is left to those that differ. */
function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

function playToTheEnd(options: HistoryOptions): History {
  const history = new History(options).play();
  const { relay } = history;
  relay.settle();
  const expected = contentOf(relay.page.reader);
  for (const client of relay.clients) expectSame(contentOf(client.doc), expected);
  expect(stateVectorOf(relay.page.reader)).toEqual(sorted(relay.page.gate.snapshot().stateVector));

  const arrived = arrivalsOf(relay.page.reader).map((arrival) => arrival as Arrival);
  expect(arrived.map(({ id }) => id)).toEqual(relay.page.arrived);
  expect(arrived.map(({ n }) => n)).toEqual(arrived.map((_, index) => index + 1));
  const entries = messagesOf(relay.page.reader).map((entry) => (entry as { id: string }).id);
  const { erased } = relay.page;
  expect([...entries].sort()).toEqual(relay.page.arrived.filter((id) => !erased.has(id)).sort());
  return history;
}

/** Plain Yjs: each update as its writer made it, in any order, with what the server wrote. */
function plainYjs({ relay, random }: History): Y.Doc {
  const doc = new Y.Doc();
  const updates = [...relay.clients.flatMap((client) => client.written), ...relay.written];
  for (let at = updates.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [updates[at], updates[other]] = [updates[other]!, updates[at]!];
  }
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

describe('histories of people with and without rights', () => {
  it('[GATE-18] 300 with redactions, bans, roles and entries that others bring end alike on every replica', () => {
    const count = { erased: 0, refused: 0, brought: 0, forged: 0 };
    eachSeed(300, 3_001, (seed) => {
      const history = playToTheEnd({ seed, steps: 100, refusable: 0, rebuilds: true, acts: true });
      const { page, clients } = history.relay;
      const arrived = new Set(page.arrived);
      expect([...history.forgedIds].filter((id) => arrived.has(id))).toEqual([]);
      count.erased += page.erased.size;
      count.forged += history.forgedIds.size;
      count.brought += [...history.broughtIds].filter((id) => arrived.has(id)).length;
      count.refused += clients.reduce((sum, client) => sum + client.refused.length, 0);
    });
    if (onlySeed) return;
    expect(count.erased).toBeGreaterThan(200);
    expect(count.refused).toBeGreaterThan(1_000);
    expect(count.brought).toBeGreaterThan(100);
    expect(count.forged).toBeGreaterThan(100);
  });

  it('[GATE-18] 100 direct rooms, made by each device before it knew of the others, are one room each', () => {
    let erased = 0;
    eachSeed(100, 4_001, (seed) => {
      const { relay } = playToTheEnd({ seed, steps: 80, refusable: 0, rebuilds: true, acts: true, direct: true });
      expect(relay.page.arrived.filter((id) => id.startsWith('created-by-'))).toHaveLength(1);
      const { room } = relay.page.gate.snapshot();
      expect(Object.keys(room!.members)).toHaveLength(2);
      expect(room!.kind).toBe('direct');
      erased += relay.page.erased.size;
    });
    if (!onlySeed) expect(erased).toBeGreaterThan(50);
  });
});

describe('honest histories', () => {
  // In parts: the whole of it takes a minute of the processor.
  it.for([0, 1, 2, 3, 4, 5, 6])('[GATE-15] 100 without refusals end as plain Yjs does (%i)', (part) => {
    let entries = 0;
    let gaps = 0;
    eachSeed(100, 100 * part + 1, (seed) => {
      const history = playToTheEnd({ seed, steps: 100, refusable: 0, rebuilds: false });
      expectSame(contentOf(plainYjs(history)), contentOf(history.relay.page.reader));
      gaps += history.relay.gaps;
      expect(new Set(history.relay.page.arrived)).toEqual(history.soundIds);
      expect(history.relay.clients.flatMap(({ refused }) => refused)).toEqual([]);
      entries += history.soundIds.size;
    });
    if (onlySeed) return;
    expect(entries).toBeGreaterThan(100 * 15);
    expect(gaps).toBeGreaterThan(100);
  });

  it('[GATE-15] 300 with refusals, reloads and rebuilds end alike on every replica', () => {
    let refused = 0;
    let known = 0;
    eachSeed(300, 1_001, (seed) => {
      const history = playToTheEnd({ seed, steps: 100, refusable: 0.2, rebuilds: true });
      expect(history.relay.page.arrived.filter((id) => history.refusableIds.has(id))).toEqual([]);
      known += history.relay.known;
      refused += history.relay.clients.reduce((sum, client) => sum + client.refused.length, 0);
    });
    if (onlySeed) return;
    expect(refused).toBeGreaterThan(300 * 3);
    expect(known).toBeGreaterThan(50);
  });

  it('[GATE-17] 500 with a fifth refused, reloads and packed items leave no replica different', () => {
    let entries = 0;
    eachSeed(500, 2_001, (seed) => {
      const history = playToTheEnd({ seed, steps: 80, refusable: 0.2, rebuilds: false });
      const { page, clients } = history.relay;
      const arrived = new Set(page.arrived);
      expect([...history.refusableIds].filter((id) => arrived.has(id))).toEqual([]);
      // Every sound entry arrived, but for those that came before the room did.
      const early = clients.flatMap((client) => client.refused).filter(({ code }) => code === 'no-room');
      const earlyIds = new Set(early.map(({ id }) => id));
      expect([...history.soundIds].filter((id) => !arrived.has(id) && !earlyIds.has(id))).toEqual([]);
      entries += history.soundIds.size + history.refusableIds.size;
    });
    if (!onlySeed) expect(entries).toBeGreaterThan(500 * 10);
  });
});

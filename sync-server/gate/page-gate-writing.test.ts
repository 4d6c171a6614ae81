import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Entry } from '#protocol/entry.ts';
import { PAGE_MAX_BYTES, PAGE_MAX_CLIENT_IDS, PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import { entryHash } from './entry-hash.ts';
import { emptyPage } from './page-gate-state.ts';
import { created, joined, message } from './testing/entries.ts';
import {
  arrivalsOf,
  elementsOf,
  messagesOf,
  NOW,
  ROOM,
  SERVER_ARRIVALS,
  SERVER_MESSAGES,
  TestPage,
  type Checked
} from './testing/test-page.ts';
import { values, wireUpdate, type WireHead } from './testing/wire.ts';
import { ANN, BEN, codes, ids, setupWriters } from './testing/writers.ts';

describe('what is written', () => {
  it('[GATE-10] runs are packed as Yjs packs them, whatever the sender did', () => {
    const { page, openRoomByHand } = setupWriters();
    const clientID = openRoomByHand();
    const apart = ['a', 'b', 'c'].map((id, i) => values({ origin: { client: clientID, clock: i } }, message(id, ANN)));
    const together = values(
      { origin: { client: clientID, clock: 0 } },
      ...['a', 'b', 'c'].map((id) => message(id, ANN))
    );
    const outcome = page.receive(wireUpdate([{ client: clientID, clock: 1, structs: apart }]), ANN) as Checked;
    expect(outcome.update).toEqual(wireUpdate([{ client: clientID, clock: 1, structs: [together] }]));
  });

  it('[GATE-10] sections of several client ids stand in the order of Yjs, and none of it is lost in merging', () => {
    const { page, openRoom } = setupWriters();
    openRoom();
    const sections = [30, 20, 10].map((client) => ({
      client,
      clock: 0,
      structs: [values({}, message(`from-${client}`, BEN))]
    }));
    const outcome = page.receive(wireUpdate(sections), BEN) as Checked;
    expect(ids(outcome)).toEqual(['from-10_', 'from-20_', 'from-30_']);
    expect(outcome.update).toEqual(wireUpdate(sections));
    expect(Y.mergeUpdates([outcome.update!, Uint8Array.of(0, 0)])).toEqual(outcome.update);
  });

  it('[GATE-10] an item that goes back to an earlier origin of its own stays where it is', () => {
    const { page, openRoomByHand } = setupWriters();
    const clientID = openRoomByHand();
    const after = (clock: number): WireHead => ({ origin: { client: clientID, clock } });
    const structs = [
      values(after(0), message('a', ANN), message('b', ANN)),
      values(after(1), message('c', ANN)),
      values(after(1), { broken: true }),
      values(after(0), { broken: true })
    ];
    const update = wireUpdate([{ client: clientID, clock: 1, structs }]);
    const plain = new Y.Doc();
    Y.applyUpdate(plain, Y.encodeStateAsUpdate(page.reader));
    Y.applyUpdate(plain, update);
    expect(codes(page.receive(update, ANN) as Checked)).toHaveLength(2);
    const withoutMarks = (doc: Y.Doc) => elementsOf(messagesOf(doc)).map((element) => element.replace(' deleted', ''));
    expect(withoutMarks(page.reader)).toEqual(withoutMarks(plain));
  });

  it('[GATE-10] what went out reads back as itself', () => {
    const { writer } = setupWriters();
    const ann = writer(ANN);
    ann.push(created(ANN), message('a', ANN));
    ann.push(message('b', ANN));
    const { update } = ann.send();
    const fresh = new TestPage();
    expect(fresh.receive(update!, ANN)).toMatchObject({ update, refused: [], gap: false });
  });
});

describe('a page that is full', () => {
  const filled = (count: number): Entry[] => [
    created(ANN),
    ...Array.from({ length: count - 1 }, (_, i) => message(`m${i}`, ANN))
  ];

  it('[GATE-12] takes what fits of an update; the rest is refused as sealed, without tombstone', () => {
    const { page, writer } = setupWriters();
    const ann = writer(ANN);
    ann.push(...filled(PAGE_MAX_ENTRIES + 2), { broken: true });
    const outcome = ann.send();
    expect(outcome.accepted).toHaveLength(PAGE_MAX_ENTRIES);
    expect(codes(outcome)).toEqual([
      ['m999____', 'sealed'],
      ['m1000___', 'sealed'],
      [null, 'sealed']
    ]);
    expect(page.gate.snapshot()).toMatchObject({ full: true, entries: PAGE_MAX_ENTRIES, sealedTo: null });
    expect(page.gate.snapshot().stateVector.get(ann.doc.clientID)).toBe(PAGE_MAX_ENTRIES);
    expect(ann.send().refused).toHaveLength(3);
  });

  it('[GATE-12] refused entries do not count as entries', () => {
    const { page, writer } = setupWriters();
    const ann = writer(ANN);
    ann.push(created(ANN), { broken: 1 }, { broken: 2 }, message('a', ANN));
    ann.send();
    expect(page.gate.snapshot()).toMatchObject({ full: false, entries: 2 });
  });

  it('[GATE-12] bytes are bounded, within one update too', () => {
    const { page, openRoom } = setupWriters();
    const ann = openRoom();
    const big = 15_000;
    ann.push(...Array.from({ length: 50 }, (_, i) => message(`m${i}`, ANN, { body: 'x'.repeat(big) })));
    const outcome = ann.send();
    expect(outcome.update!.length).toBeGreaterThan(PAGE_MAX_BYTES - big);
    expect(outcome.update!.length).toBeLessThan(PAGE_MAX_BYTES + 2 * big);
    expect(page.gate.snapshot().full).toBe(true);
    expect(outcome.accepted.length + outcome.refused.length).toBe(50);
    expect(outcome.refused.every(({ code }) => code === 'sealed')).toBe(true);
  });

  it('[GATE-12] client ids are bounded', () => {
    const { page, openRoom } = setupWriters();
    openRoom();
    const room = page.gate.snapshot().stateVector.size;
    for (let i = 0; i < PAGE_MAX_CLIENT_IDS - room; i++) {
      const update = wireUpdate([{ client: 1_000 + i, clock: 0, structs: [values({}, message(`m${i}`, BEN))] }]);
      expect(page.receive(update, BEN)).toMatchObject({ refused: [] });
    }
    expect(page.gate.snapshot().full).toBe(true);
    const update = wireUpdate([{ client: 1, clock: 0, structs: [values({}, message('late', BEN))] }]);
    expect(page.receive(update, BEN)).toMatchObject({ update: null, refused: [{ code: 'sealed' }] });
    expect(page.gate.snapshot().owners.has(1)).toBe(false);
  });

  it('[GATE-12] a sealed page takes nothing, and a page sent back to it is still nothing new', () => {
    const { page, openRoom } = setupWriters();
    const ann = openRoom();
    page.seal(1);
    expect(page.gate.snapshot()).toMatchObject({ sealedTo: 1, full: false });
    ann.push(message('late', ANN), { id: 'broken-too' });
    const outcome = ann.send();
    expect(outcome).toMatchObject({ update: null, accepted: [], gap: false });
    expect(codes(outcome)).toEqual([
      ['late____', 'sealed'],
      ['broken-too', 'sealed']
    ]);
    expect(page.receive(Y.encodeStateAsUpdate(page.reader), BEN)).toMatchObject({ update: null, refused: [] });
    expect(arrivalsOf(page.reader).toJSON().at(-1)).toEqual({ sealed: 1 });
    expect(() => page.gate.appendArrivals(SERVER_ARRIVALS, [{ id: 'late____', at: NOW, n: 1 }])).toThrow();
    expect(() => page.gate.appendEntries(SERVER_MESSAGES, [message('x', ANN)])).toThrow();
  });
});

describe('what the server writes', () => {
  it('[GATE-13] stands in a stock document as if one had pushed it, and is folded', () => {
    const { page, openRoom, expectAllAlike } = setupWriters();
    const ann = openRoom();
    const { update, accepted } = page.append([joined('by-link', BEN, { invitedBy: ANN }), message('imported', '~Zoë')]);
    expect(accepted.map(({ entry, hash }) => [entry.id, hash])).toEqual([
      ['by-link_', entryHash(joined('by-link', BEN, { invitedBy: ANN }))],
      ['imported', entryHash(message('imported', '~Zoë'))]
    ]);
    expect(update.length).toBeGreaterThan(0);
    page.append([message('later', ANN)]);
    expect(page.gate.snapshot().room?.members).toHaveProperty(BEN);
    expect(page.gate.snapshot()).toMatchObject({
      entries: 4,
      lastServerMessage: { client: SERVER_MESSAGES, clock: 2 },
      lastArrival: { client: SERVER_ARRIVALS, clock: 3 }
    });
    expectAllAlike(ann.doc);
    expect(arrivalsOf(page.reader).toJSON()).toEqual([
      { id: 'created-the-room', at: NOW, n: 1 },
      { id: 'by-link_', at: NOW, n: 2 },
      { id: 'imported', at: NOW, n: 3 },
      { id: 'later___', at: NOW, n: 4 }
    ]);
  });

  it('[GATE-13] its runs are one struct each, over restarts too in one order', () => {
    const { page, openRoom } = setupWriters();
    openRoom();
    page.append([message('a', ANN)]);
    const { full: _, ...state } = page.gate.snapshot();
    page.restart(state);
    page.append([message('b', ANN)], SERVER_MESSAGES + 10);
    page.append([message('c', ANN)], SERVER_MESSAGES + 10);
    const server = elementsOf(messagesOf(page.reader)).filter((element) =>
      element.startsWith(`${SERVER_MESSAGES}`.slice(0, 8))
    );
    expect(server).toEqual([`${SERVER_MESSAGES}:0`, `${SERVER_MESSAGES + 10}:0`, `${SERVER_MESSAGES + 10}:1`]);
    expect(elementsOf(arrivalsOf(page.reader))).toEqual([
      `${SERVER_ARRIVALS}:0`,
      `${SERVER_ARRIVALS}:1`,
      `${SERVER_ARRIVALS + 1_000}:0`,
      `${SERVER_ARRIVALS + 1_000}:1`
    ]);
  });

  it('[GATE-13] an import goes on until the page is full, and says how far it came', () => {
    const { page } = setupWriters();
    const entries = [created(ANN), ...Array.from({ length: 1_500 }, (_, i) => message(`m${i}`, '~Zoë'))];
    const { accepted } = page.append(entries);
    expect(accepted).toHaveLength(PAGE_MAX_ENTRIES);
    expect(page.gate.snapshot().full).toBe(true);
  });

  it('[GATE-13] a single entry is never left out, full or not', () => {
    const { page } = setupWriters();
    page.append([created(ANN), ...Array.from({ length: PAGE_MAX_ENTRIES - 1 }, (_, i) => message(`m${i}`, '~Zoë'))]);
    expect(page.append([message('one-more', ANN)]).accepted).toHaveLength(1);
  });

  it('[GATE-13] a snapshot that leaves members out does not take them from the server', () => {
    const { page, openRoom } = setupWriters();
    openRoom();
    const { room } = page.gate.snapshot();
    const next = new TestPage(emptyPage({ room: ROOM, page: 1 }, room));
    const state = { ...room!, members: {}, membersElided: 1 };
    next.append([{ id: 'snapshot-1', type: 'snapshot', author: 'server', sentAt: NOW, state }]);
    expect(next.gate.snapshot()).toMatchObject({ room, entries: 1 });
  });

  it('[GATE-13] what is no entry or no arrival is a bug, and so is a client id of a member', () => {
    const { page, openRoom } = setupWriters();
    const ann = openRoom();
    expect(() => page.gate.appendEntries(SERVER_MESSAGES, [{ ...message('a', ANN), shiny: true }])).toThrow();
    expect(() => page.gate.appendArrivals(SERVER_ARRIVALS, [{ id: 'x', at: 0.5, n: 1 }])).toThrow();
    expect(() => page.gate.appendEntries(ann.doc.clientID, [message('a', ANN)])).toThrow();
    expect(() => page.gate.appendEntries(SERVER_ARRIVALS, [message('a', ANN)])).toThrow();
  });
});

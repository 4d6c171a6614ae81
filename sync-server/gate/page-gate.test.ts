import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Entry } from '#protocol/entry.ts';
import { CLOCK_AHEAD_MAX_MS, PAGE_MAX_BYTES, PAGE_MAX_CLIENT_IDS, PAGE_MAX_ENTRIES } from '#protocol/limits.ts';
import type { RefusalCode } from '#protocol/refusal-codes.ts';
import { entryHash } from './entry-hash.ts';
import { emptyPage } from './page-gate-state.ts';
import { created, joined, message } from './testing/entries.ts';
import {
  arrivalsOf,
  elementsOf,
  messagesOf,
  NOW,
  pendingIn,
  ROOM,
  SERVER_ARRIVALS,
  SERVER_MESSAGES,
  stateVectorOf,
  TestPage,
  userId,
  type Checked
} from './testing/test-page.ts';
import { deleted, skip, values, wireUpdate, type WireHead } from './testing/wire.ts';

const ANN = userId('ann');
const BEN = userId('ben');

let page: TestPage;

beforeEach(() => {
  page = new TestPage();
});

/** A person's document, which hears all that the page lets out. */
function writer(user: string) {
  const doc = new Y.Doc();
  const earlier = page.onUpdate;
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(page.reader));
  page.onUpdate = (update) => {
    earlier(update);
    Y.applyUpdate(doc, update);
  };
  return {
    doc,
    push: (...entries: unknown[]) => doc.transact(() => entries.forEach((entry) => messagesOf(doc).push([entry]))),
    /** All that the page has not got. */
    send(nowMs?: number): Checked {
      const stateVector = Y.encodeStateVector(new Map(page.gate.snapshot().stateVector));
      const outcome = page.receive(Y.encodeStateAsUpdate(doc, stateVector), user, nowMs);
      if (outcome.kind !== 'checked') throw new Error(JSON.stringify(outcome));
      return outcome;
    }
  };
}

const ids = ({ accepted }: Checked): string[] => accepted.map(({ entry }) => entry.id);
const codes = ({ refused }: Checked): [string | null, RefusalCode][] => refused.map(({ id, code }) => [id, code]);

function openRoom(more: object = {}): ReturnType<typeof writer> {
  const ann = writer(ANN);
  ann.push(created(ANN, more));
  expect(ids(ann.send())).toEqual(['created-the-room']);
  return ann;
}

/** The room, written by Ann under a client id that no document of hers hears of. @returns the client id */
function openRoomByHand(): number {
  const client = 7;
  page.receive(wireUpdate([{ client, clock: 0, structs: [values({}, created(ANN))] }]), ANN);
  return client;
}

function expectAllAlike(...docs: Y.Doc[]): void {
  for (const doc of docs) {
    expect(pendingIn(doc)).toBeNull();
    expect(messagesOf(doc).toJSON()).toEqual(messagesOf(page.reader).toJSON());
    expect(elementsOf(messagesOf(doc))).toEqual(elementsOf(messagesOf(page.reader)));
    expect(elementsOf(arrivalsOf(doc))).toEqual(elementsOf(arrivalsOf(page.reader)));
    expect(stateVectorOf(doc)).toEqual(stateVectorOf(page.reader));
  }
}

describe('what is known and what is missing', () => {
  it('[GATE-1] the whole page sent back is nothing new, tombstones and delete set included', () => {
    const ann = openRoom();
    ann.push(message('a', ANN), { broken: true }, message('b', ANN));
    ann.send();
    const whole = Y.encodeStateAsUpdate(page.reader);
    for (const sender of [ANN, BEN]) {
      expect(page.receive(whole, sender)).toEqual({
        kind: 'checked',
        update: null,
        accepted: [],
        refused: [],
        known: [],
        gap: false
      });
    }
    expect(page.gate.idsOf(whole)).toEqual([]);
  });

  it('[GATE-1] of an item that the page has begun, the rest is taken, right of what is there', () => {
    const ann = openRoom();
    ann.push(message('a', ANN), message('b', ANN), message('c', ANN));
    const whole = Y.encodeStateAsUpdate(ann.doc);
    const begun = wireUpdate([
      {
        client: ann.doc.clientID,
        clock: 1,
        structs: [values({ origin: { client: ann.doc.clientID, clock: 0 } }, message('a', ANN))]
      }
    ]);
    expect(page.receive(begun, ANN)).toMatchObject({ accepted: [{ entry: { id: 'a_______' } }] });
    const ben = writer(BEN);
    ben.push(message('between', BEN));
    ben.send();
    expect(page.gate.idsOf(whole)).toEqual(['b_______', 'c_______']);
    expect(ids(page.receive(whole, ANN) as Checked)).toEqual(['b_______', 'c_______']);
    expectAllAlike(ann.doc, ben.doc);
  });

  it('[GATE-1] delete sets are ignored', () => {
    const clientID = openRoomByHand();
    const update = wireUpdate([], [{ client: clientID, clock: 0, length: 1 }]);
    expect(page.receive(update, ANN)).toMatchObject({ kind: 'checked', update: null });
    const ben = writer(BEN);
    ben.push(message('b', BEN));
    messagesOf(ben.doc).delete(0);
    const withDeletion = Y.encodeStateAsUpdate(ben.doc);
    expect(page.receive(withDeletion, BEN)).toMatchObject({
      kind: 'checked',
      accepted: [{ entry: { id: 'b_______' } }]
    });
    expect(messagesOf(page.reader).length).toBe(2);
  });

  it('[GATE-1] known structs may hold anything', () => {
    const clientID = openRoomByHand();
    const update = wireUpdate([{ client: clientID, clock: 0, structs: [deleted({}, 1)] }]);
    expect(page.receive(update, BEN)).toMatchObject({ kind: 'checked', update: null, gap: false });
  });

  it('[GATE-5] a clock beyond the next is a gap', () => {
    const ann = openRoom();
    ann.push(message('a', ANN));
    const missing = Y.encodeStateVector(ann.doc);
    ann.push(message('b', ANN));
    expect(page.receive(Y.encodeStateAsUpdate(ann.doc, missing), ANN)).toMatchObject({ update: null, gap: true });
    expect(ids(ann.send())).toEqual(['a_______', 'b_______']);
  });

  it('[GATE-5] a Skip is a gap; what stands before it is taken', () => {
    const clientID = openRoomByHand();
    const after = (clock: number): WireHead => ({ origin: { client: clientID, clock } });
    const structs = [values(after(0), message('a', ANN)), skip(1), values(after(2), message('c', ANN))];
    expect(page.receive(wireUpdate([{ client: clientID, clock: 1, structs }]), ANN)).toMatchObject({
      accepted: [{ entry: { id: 'a_______' } }],
      gap: true
    });
  });

  it('[GATE-5] a Skip over what the page has is no gap', () => {
    const clientID = openRoomByHand();
    const structs = [skip(1), values({ origin: { client: clientID, clock: 0 } }, message('a', ANN))];
    expect(page.receive(wireUpdate([{ client: clientID, clock: 0, structs }]), ANN)).toMatchObject({
      accepted: [{ entry: { id: 'a_______' } }],
      gap: false
    });
  });

  it('[GATE-5] an unknown origin is a gap, and so is what was written on top', () => {
    openRoom();
    const far: WireHead = { origin: { client: 99, clock: 3 } };
    const update = wireUpdate([
      { client: 98, clock: 0, structs: [values({ origin: { client: 97, clock: 0 } }, message('b', BEN))] },
      { client: 97, clock: 0, structs: [values(far, message('a', BEN))] }
    ]);
    expect(page.receive(update, BEN)).toMatchObject({ update: null, accepted: [], gap: true });
  });

  it('[GATE-6] an empty update is nothing', () => {
    expect(page.receive(Uint8Array.of(0, 0), ANN)).toMatchObject({ kind: 'checked', update: null, gap: false });
    expect(page.receive(new Uint8Array(0), ANN)).toMatchObject({ kind: 'malformed' });
  });
});

describe('who writes under a client id', () => {
  it('[GATE-2] it belongs to the user whose entry first came under it', () => {
    const ann = openRoom();
    expect(page.gate.snapshot().owners.get(ann.doc.clientID)).toBe(ANN);
    ann.push(message('a', ANN));
    const update = Y.encodeStateAsUpdate(ann.doc);
    expect(page.receive(update, BEN)).toEqual({ kind: 'foreign-client', clientId: ann.doc.clientID });
    expect(page.gate.bind(ann.doc.clientID, BEN)).toBe(false);
    expect(page.gate.bind(ann.doc.clientID, ANN)).toBe(true);
  });

  it('[GATE-2] it belongs to the user who bound it when the channel opened', () => {
    openRoom();
    expect(page.gate.bind(42, BEN)).toBe(true);
    expect(page.gate.bind(42, BEN)).toBe(true);
    expect(page.gate.bind(42, ANN)).toBe(false);
    const write = (author: string) =>
      page.receive(wireUpdate([{ client: 42, clock: 0, structs: [values({}, message('a', author))] }]), author);
    expect(write(ANN)).toEqual({ kind: 'foreign-client', clientId: 42 });
    expect(write(BEN)).toMatchObject({ accepted: [{ entry: { author: BEN } }] });
    expect(page.gate.snapshot().owners.get(42)).toBe(BEN);
  });

  it('[GATE-2] binding alone takes nothing of the page', () => {
    const before = page.gate.snapshot();
    for (let client = 1; client <= 10_000; client++) expect(page.gate.bind(client, ANN)).toBe(true);
    expect(page.gate.snapshot()).toEqual(before);
  });

  it('[GATE-2] who binds without end lets go of their own client ids, never of those of others', () => {
    const bens = 1_000_000;
    expect(page.gate.bind(bens, BEN)).toBe(true);
    for (let client = 1; client <= 10_000; client++) page.gate.bind(client, ANN);
    expect(page.gate.bind(bens, ANN)).toBe(false);
    expect(page.gate.bind(1, BEN)).toBe(true);
    expect(page.gate.bind(10_000, BEN)).toBe(false);
  });

  it('[GATE-2] a gap alone under the client id of another is not foreign', () => {
    const ann = openRoom();
    const update = wireUpdate([{ client: ann.doc.clientID, clock: 0, structs: [skip(5)] }]);
    expect(page.receive(update, BEN)).toMatchObject({ kind: 'checked', update: null, gap: true });
  });
});

describe('refusal', () => {
  it('[GATE-9] each element of a packed item is judged alone; refused ones become tombstones', () => {
    const ann = openRoom();
    const ben = writer(BEN);
    const entries = [
      message('a', BEN),
      message('b', BEN, { shiny: true }),
      message('c', ANN),
      message('d', BEN, { sentAt: NOW + CLOCK_AHEAD_MAX_MS + 1 }),
      message('e', BEN, { sentAt: NOW + CLOCK_AHEAD_MAX_MS }),
      created(BEN, { id: 'created-again' }),
      joined('f', BEN),
      joined('g', BEN),
      { id: 'no', author: BEN },
      message('h', BEN, { body: 'x'.repeat(20_000) }),
      { ...message('i', BEN), type: 'later', text: 'x'.repeat(50_000) },
      { ...message('j', BEN), type: 'later', target: 'nobody-knows' },
      { ...message('k', BEN), type: 'later', target: 'a_______' },
      message('l', BEN)
    ];
    ben.push(...entries);
    const outcome = ben.send();
    expect(ids(outcome)).toEqual(['a_______', 'e_______', 'f_______', 'k_______', 'l_______']);
    expect(codes(outcome)).toEqual([
      ['b_______', 'schema'],
      ['c_______', 'author'],
      ['d_______', 'clock'],
      ['created-again', 'room-exists'],
      ['g_______', 'no-change'],
      [null, 'schema'],
      ['h_______', 'too-large'],
      ['i_______', 'too-large'],
      ['j_______', 'no-target']
    ]);
    expectAllAlike(ann.doc, ben.doc);
    expect(messagesOf(ben.doc).toJSON()).toEqual([created(ANN), ...[0, 4, 6, 12, 13].map((i) => entries[i])]);
  });

  it('[GATE-9] what was written on top of a refused entry, by the sender or by others, still comes', () => {
    const ann = openRoom();
    const ben = writer(BEN);
    ben.push(message('a', BEN, { shiny: true }));
    ben.push(message('b', BEN));
    // Ann has Ben's entries from elsewhere (a second tab, a stick), and wrote after them.
    Y.applyUpdate(ann.doc, Y.encodeStateAsUpdate(ben.doc));
    ann.push(message('c', ANN));
    expect(codes(ben.send())).toEqual([['a_______', 'schema']]);
    expect(ids(ann.send())).toEqual(['c_______']);
    expectAllAlike(ann.doc, ben.doc);
  });

  it('[GATE-9] before the room exists all but its creation is refused, also within one update', () => {
    const ann = writer(ANN);
    ann.push(message('early', ANN), created(ANN), message('after', ANN));
    const outcome = ann.send();
    expect(codes(outcome)).toEqual([['early___', 'no-room']]);
    expect(ids(outcome)).toEqual(['created-the-room', 'after___']);
    expectAllAlike(ann.doc);
  });

  it('[GATE-9] later elements see what earlier ones changed', () => {
    const ann = openRoom({ kind: 'private' });
    const ben = writer(BEN);
    ben.push(message('shut-out', BEN));
    expect(codes(ben.send())).toEqual([['shut-out', 'not-member']]);
    ann.push({ ...joined('invite', ANN), action: 'invited', user: BEN });
    ann.send();
    ben.push(message('too-early', BEN), joined('joins', BEN), message('let-in', BEN));
    const outcome = ben.send();
    expect(codes(outcome)).toEqual([['too-early', 'not-member']]);
    expect(ids(outcome)).toEqual(['joins___', 'let-in__']);
    expectAllAlike(ann.doc, ben.doc);
  });

  it('[GATE-9] a reload in the middle changes nothing', () => {
    openRoom();
    const ben = writer(BEN);
    ben.push(message('a', BEN, { shiny: true }), message('b', BEN));
    const reloaded = writer(BEN);
    Y.applyUpdate(reloaded.doc, Y.encodeStateAsUpdate(ben.doc));
    reloaded.push(message('c', BEN));
    const outcome = reloaded.send();
    expect(codes(outcome)).toEqual([['a_______', 'schema']]);
    expect(ids(outcome)).toEqual(['b_______', 'c_______']);
    expectAllAlike(ben.doc, reloaded.doc);
  });

  it('[GATE-9] a refused id is free: the entry may be sent again', () => {
    openRoom();
    const ben = writer(BEN);
    const ahead = message('a', BEN, { sentAt: NOW + CLOCK_AHEAD_MAX_MS + 1 });
    ben.push(ahead);
    expect(codes(ben.send())).toEqual([['a_______', 'clock']]);
    ben.push(ahead);
    expect(ids(ben.send(NOW + 1))).toEqual(['a_______']);
    expect(messagesOf(page.reader).length).toBe(2);
  });
});

describe('one id, one entry', () => {
  it('[GATE-11] the same entry again is success, and stands once on every replica', () => {
    const ann = openRoom();
    const ben = writer(BEN);
    ben.push(message('a', BEN));
    ben.send();
    const rebuilt = writer(BEN);
    rebuilt.push(message('a', BEN), message('b', BEN));
    const outcome = rebuilt.send();
    expect(outcome).toMatchObject({ known: ['a_______'], refused: [] });
    expect(ids(outcome)).toEqual(['b_______']);
    expectAllAlike(ann.doc, ben.doc, rebuilt.doc);
    expect(messagesOf(rebuilt.doc).toJSON()).toEqual([created(ANN), message('a', BEN), message('b', BEN)]);
  });

  it('[GATE-11] twice within one update stands once', () => {
    openRoom();
    const ben = writer(BEN);
    ben.push(message('a', BEN), message('a', BEN));
    const outcome = ben.send();
    expect(ids(outcome)).toEqual(['a_______']);
    expect(outcome).toMatchObject({ known: ['a_______'], refused: [] });
    expectAllAlike(ben.doc);
    expect(messagesOf(ben.doc).toJSON()).toEqual([created(ANN), message('a', BEN)]);
  });

  it('[GATE-11] the order of keys makes no other entry, and the server’s clock does not matter', () => {
    openRoom();
    const ben = writer(BEN);
    ben.push(message('a', BEN));
    ben.send();
    ben.push(Object.fromEntries(Object.entries(message('a', BEN)).reverse()));
    expect(ben.send(NOW - 10 * CLOCK_AHEAD_MAX_MS)).toMatchObject({ known: ['a_______'], refused: [] });
  });

  it('[GATE-11] another entry under the id is refused, whoever sends it and wherever the first stands', () => {
    const ann = openRoom();
    page.index.set('elsewhere', { id: 'elsewhere', author: BEN, type: 'message', page: 7, hash: 'of-another-page' });
    const ben = writer(BEN);
    ben.push(message('a', BEN));
    ben.push(message('a', BEN, { body: 'other' }));
    ben.push(message('elsewhere', BEN));
    expect(codes(ben.send())).toEqual([
      ['a_______', 'id-taken'],
      ['elsewhere', 'id-taken']
    ]);
    ann.push(message('a', ANN));
    expect(codes(ann.send())).toEqual([['a_______', 'id-taken']]);
    expectAllAlike(ann.doc, ben.doc);
  });

  it('[GATE-11] an entry that stands on an older page stays there alone', () => {
    openRoom();
    const again = message('elsewhere', BEN);
    page.index.set(again.id, { id: again.id, author: BEN, type: 'message', page: 7, hash: entryHash(again) });
    const ben = writer(BEN);
    ben.push(again);
    expect(ben.send()).toMatchObject({ known: ['elsewhere'], accepted: [] });
    expectAllAlike(ben.doc);
    expect(messagesOf(ben.doc).toJSON()).toEqual([created(ANN)]);
  });

  it('[GATE-11] idsOf names entries and their targets, of what is new alone', () => {
    const ann = openRoom();
    ann.push(
      { ...message('a', ANN), type: 'later', target: 'some-target' },
      { id: 'too bad', x: 1 },
      5,
      message('b', ANN)
    );
    expect(page.gate.idsOf(Y.encodeStateAsUpdate(ann.doc))).toEqual(['a_______', 'some-target', 'b_______']);
    expect(page.gate.idsOf(Uint8Array.of(1, 2, 3))).toEqual([]);
  });
});

describe('what is written', () => {
  it('[GATE-10] runs are packed as Yjs packs them, whatever the sender did', () => {
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
    const ann = writer(ANN);
    ann.push(created(ANN), { broken: 1 }, { broken: 2 }, message('a', ANN));
    ann.send();
    expect(page.gate.snapshot()).toMatchObject({ full: false, entries: 2 });
  });

  it('[GATE-12] bytes are bounded, within one update too', () => {
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
    const entries = [created(ANN), ...Array.from({ length: 1_500 }, (_, i) => message(`m${i}`, '~Zoë'))];
    const { accepted } = page.append(entries);
    expect(accepted).toHaveLength(PAGE_MAX_ENTRIES);
    expect(page.gate.snapshot().full).toBe(true);
  });

  it('[GATE-13] a single entry is never left out, full or not', () => {
    page.append([created(ANN), ...Array.from({ length: PAGE_MAX_ENTRIES - 1 }, (_, i) => message(`m${i}`, '~Zoë'))]);
    expect(page.append([message('one-more', ANN)]).accepted).toHaveLength(1);
  });

  it('[GATE-13] a snapshot that leaves members out does not take them from the server', () => {
    openRoom();
    const { room } = page.gate.snapshot();
    const next = new TestPage(emptyPage({ room: ROOM, page: 1 }, room));
    const state = { ...room!, members: {}, membersElided: 1 };
    next.append([{ id: 'snapshot-1', type: 'snapshot', author: 'server', sentAt: NOW, state }]);
    expect(next.gate.snapshot()).toMatchObject({ room, entries: 1 });
  });

  it('[GATE-13] what is no entry or no arrival is a bug, and so is a client id of a member', () => {
    const ann = openRoom();
    expect(() => page.gate.appendEntries(SERVER_MESSAGES, [{ ...message('a', ANN), shiny: true }])).toThrow();
    expect(() => page.gate.appendArrivals(SERVER_ARRIVALS, [{ id: 'x', at: 0.5, n: 1 }])).toThrow();
    expect(() => page.gate.appendEntries(ann.doc.clientID, [message('a', ANN)])).toThrow();
    expect(() => page.gate.appendEntries(SERVER_ARRIVALS, [message('a', ANN)])).toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { CLOCK_AHEAD_MAX_MS } from '#protocol/limits.ts';
import { entryHash } from './entry-hash.ts';
import { created, joined, message } from './testing/entries.ts';
import { messagesOf, NOW, type Checked } from './testing/test-page.ts';
import { deleted, skip, values, wireUpdate, type WireHead } from './testing/wire.ts';
import { ANN, BEN, codes, ids, setupWriters } from './testing/writers.ts';

describe('what is known and what is missing', () => {
  it('[GATE-1] the whole page sent back is nothing new, tombstones and delete set included', () => {
    const { page, openRoom } = setupWriters();
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
    const { page, writer, openRoom, expectAllAlike } = setupWriters();
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
    const { page, writer, openRoomByHand } = setupWriters();
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
    const { page, openRoomByHand } = setupWriters();
    const clientID = openRoomByHand();
    const update = wireUpdate([{ client: clientID, clock: 0, structs: [deleted({}, 1)] }]);
    expect(page.receive(update, BEN)).toMatchObject({ kind: 'checked', update: null, gap: false });
  });

  it('[GATE-5] a clock beyond the next is a gap', () => {
    const { page, openRoom } = setupWriters();
    const ann = openRoom();
    ann.push(message('a', ANN));
    const missing = Y.encodeStateVector(ann.doc);
    ann.push(message('b', ANN));
    expect(page.receive(Y.encodeStateAsUpdate(ann.doc, missing), ANN)).toMatchObject({ update: null, gap: true });
    expect(ids(ann.send())).toEqual(['a_______', 'b_______']);
  });

  it('[GATE-5] a Skip is a gap; what stands before it is taken', () => {
    const { page, openRoomByHand } = setupWriters();
    const clientID = openRoomByHand();
    const after = (clock: number): WireHead => ({ origin: { client: clientID, clock } });
    const structs = [values(after(0), message('a', ANN)), skip(1), values(after(2), message('c', ANN))];
    expect(page.receive(wireUpdate([{ client: clientID, clock: 1, structs }]), ANN)).toMatchObject({
      accepted: [{ entry: { id: 'a_______' } }],
      gap: true
    });
  });

  it('[GATE-5] a Skip over what the page has is no gap', () => {
    const { page, openRoomByHand } = setupWriters();
    const clientID = openRoomByHand();
    const structs = [skip(1), values({ origin: { client: clientID, clock: 0 } }, message('a', ANN))];
    expect(page.receive(wireUpdate([{ client: clientID, clock: 0, structs }]), ANN)).toMatchObject({
      accepted: [{ entry: { id: 'a_______' } }],
      gap: false
    });
  });

  it('[GATE-5] an unknown origin is a gap, and so is what was written on top', () => {
    const { page, openRoom } = setupWriters();
    openRoom();
    const far: WireHead = { origin: { client: 99, clock: 3 } };
    const update = wireUpdate([
      { client: 98, clock: 0, structs: [values({ origin: { client: 97, clock: 0 } }, message('b', BEN))] },
      { client: 97, clock: 0, structs: [values(far, message('a', BEN))] }
    ]);
    expect(page.receive(update, BEN)).toMatchObject({ update: null, accepted: [], gap: true });
  });

  it('[GATE-6] an empty update is nothing', () => {
    const { page } = setupWriters();
    expect(page.receive(Uint8Array.of(0, 0), ANN)).toMatchObject({ kind: 'checked', update: null, gap: false });
    expect(page.receive(new Uint8Array(0), ANN)).toMatchObject({ kind: 'malformed' });
  });
});

describe('who writes under a client id', () => {
  it('[GATE-2] it belongs to the user whose entry first came under it', () => {
    const { page, openRoom } = setupWriters();
    const ann = openRoom();
    expect(page.gate.snapshot().owners.get(ann.doc.clientID)).toBe(ANN);
    ann.push(message('a', ANN));
    const update = Y.encodeStateAsUpdate(ann.doc);
    expect(page.receive(update, BEN)).toEqual({ kind: 'foreign-client', clientId: ann.doc.clientID });
    expect(page.gate.bind(ann.doc.clientID, BEN)).toBe(false);
    expect(page.gate.bind(ann.doc.clientID, ANN)).toBe(true);
  });

  it('[GATE-2] it belongs to the user who bound it when the channel opened', () => {
    const { page, openRoom } = setupWriters();
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
    const { page } = setupWriters();
    const before = page.gate.snapshot();
    for (let client = 1; client <= 10_000; client++) expect(page.gate.bind(client, ANN)).toBe(true);
    expect(page.gate.snapshot()).toEqual(before);
  });

  it('[GATE-2] who binds without end lets go of their own client ids, never of those of others', () => {
    const { page } = setupWriters();
    const bens = 1_000_000;
    expect(page.gate.bind(bens, BEN)).toBe(true);
    for (let client = 1; client <= 10_000; client++) page.gate.bind(client, ANN);
    expect(page.gate.bind(bens, ANN)).toBe(false);
    expect(page.gate.bind(1, BEN)).toBe(true);
    expect(page.gate.bind(10_000, BEN)).toBe(false);
  });

  it('[GATE-2] a gap alone under the client id of another is not foreign', () => {
    const { page, openRoom } = setupWriters();
    const ann = openRoom();
    const update = wireUpdate([{ client: ann.doc.clientID, clock: 0, structs: [skip(5)] }]);
    expect(page.receive(update, BEN)).toMatchObject({ kind: 'checked', update: null, gap: true });
  });
});

describe('refusal', () => {
  it('[GATE-9] each element of a packed item is judged alone; refused ones become tombstones', () => {
    const { writer, openRoom, expectAllAlike } = setupWriters();
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
    const { writer, openRoom, expectAllAlike } = setupWriters();
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
    const { writer, expectAllAlike } = setupWriters();
    const ann = writer(ANN);
    ann.push(message('early', ANN), created(ANN), message('after', ANN));
    const outcome = ann.send();
    expect(codes(outcome)).toEqual([['early___', 'no-room']]);
    expect(ids(outcome)).toEqual(['created-the-room', 'after___']);
    expectAllAlike(ann.doc);
  });

  it('[GATE-9] later elements see what earlier ones changed', () => {
    const { writer, openRoom, expectAllAlike } = setupWriters();
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
    const { writer, openRoom, expectAllAlike } = setupWriters();
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
    const { page, writer, openRoom } = setupWriters();
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
    const { writer, openRoom, expectAllAlike } = setupWriters();
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
    const { writer, openRoom, expectAllAlike } = setupWriters();
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
    const { writer, openRoom } = setupWriters();
    openRoom();
    const ben = writer(BEN);
    ben.push(message('a', BEN));
    ben.send();
    ben.push(Object.fromEntries(Object.entries(message('a', BEN)).reverse()));
    expect(ben.send(NOW - 10 * CLOCK_AHEAD_MAX_MS)).toMatchObject({ known: ['a_______'], refused: [] });
  });

  it('[GATE-11] another entry under the id is refused, whoever sends it and wherever the first stands', () => {
    const { page, writer, openRoom, expectAllAlike } = setupWriters();
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
    const { page, writer, openRoom, expectAllAlike } = setupWriters();
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
    const { page, openRoom } = setupWriters();
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

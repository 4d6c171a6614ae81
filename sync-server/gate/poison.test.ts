// Bytes that would hurt a page, its readers or the server if they were taken as Yjs takes them. Each was seen to do
// harm to stock Yjs or to a plain relay; none may be passed on, and honest writers go on as if nothing had been.
import { writeAny, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { ANN, fromMallory, MAL, MALLORY, setupAttackedPage } from './testing/attacked-page.ts';
import { created, message } from './testing/entries.ts';
import { messagesOf, NOW, SERVER_ARRIVALS, SERVER_MESSAGES, type Checked } from './testing/test-page.ts';
import { deleted, gc, item, skip, values, wireUpdate } from './testing/wire.ts';

describe('[GATE-2] client ids', () => {
  it('[GATE-2] a GC of length 2^40 on the client id of a victim is foreign', () => {
    const { page, ann, expectUnharmed } = setupAttackedPage();
    const update = wireUpdate([{ client: ann.clientID, clock: 2, structs: [gc(2 ** 40)] }]);
    expect(page.receive(update, MALLORY)).toEqual({ kind: 'foreign-client', clientId: ann.clientID });
    expectUnharmed();
  });

  it('[GATE-2] a new entry under the client id of another is foreign, and so is all that came with it', () => {
    const { page, ann, after, expectUnharmed } = setupAttackedPage();
    const update = wireUpdate([
      {
        client: Math.max(MAL, ann.clientID),
        clock: MAL > ann.clientID ? 0 : 2,
        structs: [values(after(), message('a', MALLORY))]
      },
      {
        client: Math.min(MAL, ann.clientID),
        clock: MAL > ann.clientID ? 2 : 0,
        structs: [values(after(), message('b', MALLORY))]
      }
    ]);
    expect(page.receive(update, MALLORY)).toEqual({ kind: 'foreign-client', clientId: ann.clientID });
    expectUnharmed();
  });

  it('[GATE-2] nobody writes under a client id of the server, seen here or not', () => {
    const { page, after, expectUnharmed } = setupAttackedPage();
    const unseen = SERVER_MESSAGES + 1_000;
    for (const client of [SERVER_ARRIVALS, SERVER_MESSAGES, unseen]) {
      const clock = page.gate.snapshot().stateVector.get(client) ?? 0;
      const update = wireUpdate([{ client, clock, structs: [values(after(), message('forged', MALLORY))] }]);
      expect(page.receive(update, MALLORY)).toEqual({ kind: 'foreign-client', clientId: client });
      expect(page.gate.bind(client, MALLORY)).toBe(false);
    }
    expectUnharmed();
  });

  it('[GATE-1] same client and clock with other content is skipped', () => {
    const { page, ann, expectUnharmed } = setupAttackedPage();
    const update = wireUpdate([
      { client: ann.clientID, clock: 0, structs: [values({}, created(ANN, { name: 'Mallory was here' }), { x: 1 })] }
    ]);
    for (const sender of [MALLORY, ANN]) {
      expect(page.receive(update, sender)).toEqual({
        kind: 'checked',
        update: null,
        accepted: [],
        refused: [],
        known: [],
        gap: false
      });
    }
    expectUnharmed();
  });
});

describe('[GATE-3] structs that are no entry', () => {
  it('[GATE-3] a GC of length 2^40 on a client id of one’s own', () => {
    const { expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(gc(2 ** 40)), /GC struct is new/);
  });

  it('[GATE-3] a GC whose length takes the clock beyond 53 bits', () => {
    const { expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(gc(Number.MAX_SAFE_INTEGER), gc(Number.MAX_SAFE_INTEGER)), /beyond 53 bits/);
  });

  it('[GATE-3] a deleted item', () => {
    const { after, expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(deleted(after(), 1)), /deleted item is new/);
  });

  it('[GATE-3] a known GC that reaches into the new is no way around', () => {
    const { page, ann, expectUnharmed } = setupAttackedPage();
    const update = wireUpdate([{ client: ann.clientID, clock: 0, structs: [gc(2 ** 40)] }]);
    expect(page.receive(update, ANN)).toMatchObject({ kind: 'malformed', reason: 'a GC struct is new' });
    expectUnharmed();
  });

  it('[GATE-3] a zero-length ContentAny', () => {
    const { after, expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(values(after())), /no length/);
  });

  it('[GATE-3] other structs of no length', () => {
    const { page, after, expectUnharmed } = setupAttackedPage();
    for (const struct of [gc(0), skip(0), deleted(after(), 0), item(4, after(), (to) => writeVarString(to, ''))]) {
      expect(page.receive(fromMallory(struct), MALLORY)).toMatchObject({ kind: 'malformed' });
    }
    expectUnharmed();
  });

  const contents: [string, number, Parameters<typeof item>[2]][] = [
    ['ContentJSON', 2, (to) => (writeVarUint(to, 1), writeVarString(to, '{}'))],
    ['ContentBinary', 3, (to) => (writeVarUint(to, 1), writeUint8(to, 7))],
    ['ContentString', 4, (to) => writeVarString(to, 'text')],
    ['ContentEmbed', 5, (to) => writeVarString(to, '{}')],
    ['ContentFormat', 6, (to) => (writeVarString(to, 'bold'), writeVarString(to, 'true'))],
    ['ContentDoc', 9, (to) => (writeVarString(to, 'guid'), writeAny(to, { autoLoad: true }))]
  ];
  it.each(contents)('[GATE-3] %s', (_name, ref, write) => {
    const { after, expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(item(ref, after(), write)), /not plain JSON/);
  });

  it.each([0, 1, 2, 4, 6])('[GATE-3] a nested Y type, type ref %i', (type) => {
    const { after, expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(item(7, after(), (to) => writeVarUint(to, type))), /not plain JSON/);
  });

  it.each([3, 5])('[GATE-3] a nested XML type with a name, type ref %i', (type) => {
    const { after, expectMalformed } = setupAttackedPage();
    const write: Parameters<typeof item>[2] = (to) => (writeVarUint(to, type), writeVarString(to, 'p'));
    expectMalformed(fromMallory(item(7, after(), write)), /not plain JSON/);
  });

  it('[GATE-3] content and types that Yjs does not know', () => {
    const { page, after, expectMalformed } = setupAttackedPage();
    expect(page.receive(fromMallory(item(11, after(), () => {})), MALLORY)).toMatchObject({ kind: 'malformed' });
    expectMalformed(fromMallory(item(7, after(), (to) => writeVarUint(to, 7))), /no shared type/);
  });

  it('[GATE-3] a stock document that holds a nested type, text or bytes', () => {
    const { page, expectUnharmed } = setupAttackedPage();
    for (const value of [new Y.Map(), new Y.Text('x'), new Uint8Array(3), new Y.Doc()]) {
      const doc = new Y.Doc();
      messagesOf(doc).push([value]);
      expect(page.receive(Y.encodeStateAsUpdate(doc), MALLORY)).toMatchObject({ kind: 'malformed' });
    }
    expectUnharmed();
  });
});

describe('[GATE-4] places where no entry goes', () => {
  it('[GATE-4] an arrival forged by naming one as origin', () => {
    const { expectMalformed } = setupAttackedPage();
    const origin = { client: SERVER_ARRIVALS, clock: 1 };
    expectMalformed(fromMallory(values({ origin }, { id: 'forged__', at: NOW, n: 9 })), /origin is an arrival/);
  });

  it('[GATE-4] an arrival forged by an origin that the server has yet to write', () => {
    const { expectMalformed } = setupAttackedPage();
    const origin = { client: SERVER_ARRIVALS, clock: 2 };
    expectMalformed(fromMallory(values({ origin }, { id: 'forged__', at: NOW, n: 9 })), /origin is an arrival/);
  });

  it('[GATE-4] an arrival forged by naming the root', () => {
    const { expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(values({ root: 'arrivals' }, { id: 'forged__', at: NOW, n: 9 })), /not under messages/);
  });

  it('[GATE-4] another root, or a parent inside an item', () => {
    const { page, last, expectMalformed } = setupAttackedPage();
    expect(page.receive(fromMallory(values({ root: 'other' }, message('a', MALLORY))), MALLORY).kind).toBe('malformed');
    expectMalformed(fromMallory(values({ parent: last }, message('a', MALLORY))), /not under messages/);
  });

  it('[GATE-4] a right origin alone, or with an origin', () => {
    const { page, last, after, expectMalformed } = setupAttackedPage();
    const alone = fromMallory(values({ rightOrigin: last }, message('a', MALLORY)));
    expect(page.receive(alone, MALLORY)).toMatchObject({ kind: 'malformed' });
    expectMalformed(fromMallory(values({ ...after(), rightOrigin: last }, message('a', MALLORY))), /right origin/);
  });

  it('[GATE-4] insert after a tombstone, which sets a right origin', () => {
    const { page, after, expectUnharmed } = setupAttackedPage();
    page.receive(fromMallory(values(after(), { broken: true })), MALLORY);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(page.reader));
    const before = Y.encodeStateVector(doc);
    const array = messagesOf(doc);
    array.insert(array.length, [message('inserted', MALLORY)]);
    const update = Y.encodeStateAsUpdate(doc, before);
    expect(page.receive(update, MALLORY)).toEqual({ kind: 'malformed', reason: 'an item has a right origin' });
    expectUnharmed();
  });

  it('[GATE-4] a map value', () => {
    const { expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(values({ parentSub: 'key' }, message('a', MALLORY))), /map value/);
  });

  it('[GATE-4] a map value with an origin', () => {
    const { after, expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(values({ ...after(), parentSub: 'key' }, message('a', MALLORY))), /map value/);
  });
});

describe('[GATE-5] origins that never come', () => {
  it('[GATE-5] an origin in its own future', () => {
    const { expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(values({ origin: { client: MAL, clock: 5 } }, message('a', MALLORY))), /own future/);
  });

  it('[GATE-5] an item that is its own origin', () => {
    const { expectMalformed } = setupAttackedPage();
    expectMalformed(fromMallory(values({ origin: { client: MAL, clock: 0 } }, message('a', MALLORY))), /own future/);
  });

  it('[GATE-5] cyclic origins over two client ids', () => {
    const { expectMalformed } = setupAttackedPage();
    const update = wireUpdate([
      { client: 668, clock: 0, structs: [values({ origin: { client: 667, clock: 0 } }, message('a', MALLORY))] },
      { client: 667, clock: 0, structs: [values({ origin: { client: 668, clock: 0 } }, message('b', MALLORY))] }
    ]);
    expectMalformed(update, /circle/);
  });

  it('[GATE-5] a cycle that holds up what stands on it, beside items that are fine', () => {
    const { after, expectMalformed } = setupAttackedPage();
    const update = wireUpdate([
      { client: 669, clock: 0, structs: [values(after(), message('fine', MALLORY))] },
      { client: 668, clock: 0, structs: [values({ origin: { client: 667, clock: 1 } }, message('a', MALLORY))] },
      {
        client: 667,
        clock: 0,
        structs: [
          values({ origin: { client: 668, clock: 0 } }, message('b', MALLORY)),
          values(after(), message('c', MALLORY))
        ]
      }
    ]);
    expectMalformed(update, /circle/);
  });

  it('[GATE-5] a flood of orphans is a gap: nothing kept, nothing asked of the index', () => {
    const { page, expectUnharmed } = setupAttackedPage();
    const orphans = 20_000;
    const structs = Array.from({ length: orphans }, (_, i) =>
      values({ origin: { client: 1_000_000 + i, clock: i } }, message(`orphan-${i}`, MALLORY))
    );
    const update = wireUpdate([{ client: MAL, clock: 0, structs }]);
    let asked = 0;
    const indexed = () => (asked++, null);
    const before = page.gate.snapshot();
    expect(page.gate.receive(update, { ...page.context(MALLORY), indexed })).toEqual({
      kind: 'checked',
      update: null,
      accepted: [],
      refused: [],
      known: [],
      gap: true
    });
    expect(asked).toBe(0);
    expect(page.gate.snapshot()).toEqual(before);
    expectUnharmed();
  });

  it('[GATE-5] orphans under ever new client ids take no memory of the page', () => {
    const { page, after, expectUnharmed } = setupAttackedPage();
    const sections = Array.from({ length: 5_000 }, (_, i) => ({
      client: 100_000 - i,
      clock: 1,
      structs: [values(after(), { i })]
    }));
    const before = page.gate.snapshot();
    expect(page.receive(wireUpdate(sections), MALLORY)).toMatchObject({ update: null, gap: true });
    expect(page.gate.snapshot()).toEqual(before);
    expectUnharmed();
  });
});

describe('[GATE-10] floods', () => {
  it('[GATE-10] thousands of tiny updates are taken one by one and leave one short document', () => {
    const { page, expectUnharmed } = setupAttackedPage();
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array, origin: unknown) => origin === null && updates.push(update));
    for (let i = 0; i < 3_000; i++) messagesOf(doc).push([{ nonsense: i }]);
    for (const update of updates) {
      expect(page.receive(update, MALLORY)).toMatchObject({ kind: 'checked', accepted: [], gap: false });
    }
    expect(Y.encodeStateAsUpdate(page.reader).length).toBeLessThan(1_000);
    expectUnharmed();
  });

  it('[GATE-10] thousands of tiny updates merged into one', () => {
    const { page, expectUnharmed } = setupAttackedPage();
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let i = 0; i < 2_000; i++) messagesOf(doc).push([{ nonsense: i }]);
    const outcome = page.receive(Y.mergeUpdates(updates), MALLORY) as Checked;
    expect(outcome.refused).toHaveLength(2_000);
    expect(outcome.update!.length).toBeLessThan(100);
    expectUnharmed();
  });
});

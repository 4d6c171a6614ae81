// Bytes that would hurt a page, its readers or the server if they were taken as Yjs takes them. Each was seen to do
// harm to stock Yjs or to a plain relay; none may be passed on, and honest writers go on as if nothing had been.

import { createEncoder, toUint8Array, writeAny, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding';
import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { canonicalBytes } from '#protocol/canonical.ts';
import { MESSAGE_MAX_BYTES } from '#protocol/limits.ts';
import { encodeAny, readElement } from './element.ts';
import { created, message } from './testing/entries.ts';
import {
  arrivalsOf,
  messagesOf,
  NOW,
  SERVER_ARRIVALS,
  SERVER_MESSAGES,
  TestPage,
  userId,
  type Checked
} from './testing/test-page.ts';
import {
  deleted,
  gc,
  item,
  rawValues,
  skip,
  values,
  wireUpdate,
  type WireHead,
  type WireStruct
} from './testing/wire.ts';
import { UpdateReader } from './update-reader.ts';

const ANN = userId('ann');
const MALLORY = userId('mallory');
/** Mallory's client id. */
const MAL = 666;

let page: TestPage;
let ann: Y.Doc;
let last: { client: number; clock: number };

/** A room with one message, written by Ann, whose document goes on. */
beforeEach(() => {
  page = new TestPage();
  ann = new Y.Doc();
  page.onUpdate = (update) => Y.applyUpdate(ann, update);
  messagesOf(ann).push([created(ANN)]);
  messagesOf(ann).push([message('first', ANN)]);
  expect(page.receive(Y.encodeStateAsUpdate(ann), ANN)).toMatchObject({ kind: 'checked', refused: [], gap: false });
  last = { client: ann.clientID, clock: 1 };
});

/** Nothing of it is in the page, and Ann goes on writing into the same document as everybody else. */
function expectUnharmed(): void {
  const before = Y.encodeStateVector(ann);
  messagesOf(ann).push([message('goes-on', ANN)]);
  const outcome = page.receive(Y.encodeStateAsUpdate(ann, before), ANN);
  expect(outcome).toMatchObject({ kind: 'checked', refused: [], gap: false });
  expect(messagesOf(page.reader).toJSON()).toEqual(messagesOf(ann).toJSON());
  expect(messagesOf(page.reader).toJSON()).toEqual([created(ANN), message('first', ANN), message('goes-on', ANN)]);
  expect(arrivalsOf(page.reader).toArray()).toHaveLength(3);
  expect(page.arrived).toEqual(['created-the-room', 'first___', 'goes-on_']);
}

function expectMalformed(update: Uint8Array, reason: RegExp): void {
  const before = page.gate.snapshot();
  expect(page.gate.receive(update, page.context(MALLORY))).toEqual({
    kind: 'malformed',
    reason: expect.stringMatching(reason) as string
  });
  expect(page.gate.snapshot()).toEqual(before);
  expectUnharmed();
}

const fromMallory = (...structs: WireStruct[]): Uint8Array => wireUpdate([{ client: MAL, clock: 0, structs }]);
const after = (): WireHead => ({ origin: last });

describe('[GATE-2] client ids', () => {
  it('[GATE-2] a GC of length 2^40 on the client id of a victim is foreign', () => {
    const update = wireUpdate([{ client: ann.clientID, clock: 2, structs: [gc(2 ** 40)] }]);
    expect(page.receive(update, MALLORY)).toEqual({ kind: 'foreign-client', clientId: ann.clientID });
    expectUnharmed();
  });

  it('[GATE-2] a new entry under the client id of another is foreign, and so is all that came with it', () => {
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
    expectMalformed(fromMallory(gc(2 ** 40)), /GC struct is new/);
  });

  it('[GATE-3] a GC whose length takes the clock beyond 53 bits', () => {
    expectMalformed(fromMallory(gc(Number.MAX_SAFE_INTEGER), gc(Number.MAX_SAFE_INTEGER)), /beyond 53 bits/);
  });

  it('[GATE-3] a deleted item', () => {
    expectMalformed(fromMallory(deleted(after(), 1)), /deleted item is new/);
  });

  it('[GATE-3] a known GC that reaches into the new is no way around', () => {
    const update = wireUpdate([{ client: ann.clientID, clock: 0, structs: [gc(2 ** 40)] }]);
    expect(page.receive(update, ANN)).toMatchObject({ kind: 'malformed', reason: 'a GC struct is new' });
    expectUnharmed();
  });

  it('[GATE-3] a zero-length ContentAny', () => {
    expectMalformed(fromMallory(values(after())), /no length/);
  });

  it('[GATE-3] other structs of no length', () => {
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
    expectMalformed(fromMallory(item(ref, after(), write)), /not plain JSON/);
  });

  it.each([0, 1, 2, 4, 6])('[GATE-3] a nested Y type, type ref %i', (type) => {
    expectMalformed(fromMallory(item(7, after(), (to) => writeVarUint(to, type))), /not plain JSON/);
  });

  it.each([3, 5])('[GATE-3] a nested XML type with a name, type ref %i', (type) => {
    const write: Parameters<typeof item>[2] = (to) => (writeVarUint(to, type), writeVarString(to, 'p'));
    expectMalformed(fromMallory(item(7, after(), write)), /not plain JSON/);
  });

  it('[GATE-3] content and types that Yjs does not know', () => {
    expect(page.receive(fromMallory(item(11, after(), () => {})), MALLORY)).toMatchObject({ kind: 'malformed' });
    expectMalformed(fromMallory(item(7, after(), (to) => writeVarUint(to, 7))), /no shared type/);
  });

  it('[GATE-3] a stock document that holds a nested type, text or bytes', () => {
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
    const origin = { client: SERVER_ARRIVALS, clock: 1 };
    expectMalformed(fromMallory(values({ origin }, { id: 'forged__', at: NOW, n: 9 })), /origin is an arrival/);
  });

  it('[GATE-4] an arrival forged by an origin that the server has yet to write', () => {
    const origin = { client: SERVER_ARRIVALS, clock: 2 };
    expectMalformed(fromMallory(values({ origin }, { id: 'forged__', at: NOW, n: 9 })), /origin is an arrival/);
  });

  it('[GATE-4] an arrival forged by naming the root', () => {
    expectMalformed(fromMallory(values({ root: 'arrivals' }, { id: 'forged__', at: NOW, n: 9 })), /not under messages/);
  });

  it('[GATE-4] another root, or a parent inside an item', () => {
    expect(page.receive(fromMallory(values({ root: 'other' }, message('a', MALLORY))), MALLORY).kind).toBe('malformed');
    expectMalformed(fromMallory(values({ parent: last }, message('a', MALLORY))), /not under messages/);
  });

  it('[GATE-4] a right origin alone, or with an origin', () => {
    const alone = fromMallory(values({ rightOrigin: last }, message('a', MALLORY)));
    expect(page.receive(alone, MALLORY)).toMatchObject({ kind: 'malformed' });
    expectMalformed(fromMallory(values({ ...after(), rightOrigin: last }, message('a', MALLORY))), /right origin/);
  });

  it('[GATE-4] insert after a tombstone, which sets a right origin', () => {
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
    expectMalformed(fromMallory(values({ parentSub: 'key' }, message('a', MALLORY))), /map value/);
  });

  it('[GATE-4] a map value with an origin', () => {
    expectMalformed(fromMallory(values({ ...after(), parentSub: 'key' }, message('a', MALLORY))), /map value/);
  });
});

describe('[GATE-5] origins that never come', () => {
  it('[GATE-5] an origin in its own future', () => {
    expectMalformed(fromMallory(values({ origin: { client: MAL, clock: 5 } }, message('a', MALLORY))), /own future/);
  });

  it('[GATE-5] an item that is its own origin', () => {
    expectMalformed(fromMallory(values({ origin: { client: MAL, clock: 0 } }, message('a', MALLORY))), /own future/);
  });

  it('[GATE-5] cyclic origins over two client ids', () => {
    const update = wireUpdate([
      { client: 668, clock: 0, structs: [values({ origin: { client: 667, clock: 0 } }, message('a', MALLORY))] },
      { client: 667, clock: 0, structs: [values({ origin: { client: 668, clock: 0 } }, message('b', MALLORY))] }
    ]);
    expectMalformed(update, /circle/);
  });

  it('[GATE-5] a cycle that holds up what stands on it, beside items that are fine', () => {
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

describe('[GATE-6] bytes that are no update', () => {
  const fine = (): Uint8Array => fromMallory(values(after(), message('a', MALLORY)));

  it('[GATE-6] two sections for one client', () => {
    const structs = [values(after(), message('a', MALLORY))];
    const update = wireUpdate([
      { client: MAL, clock: 0, structs },
      { client: MAL, clock: 1, structs }
    ]);
    expectMalformed(update, /doubled or not in order/);
  });

  it('[GATE-6] unsorted sections', () => {
    const structs = [values(after(), message('a', MALLORY))];
    const update = wireUpdate([
      { client: 666, clock: 0, structs },
      { client: 667, clock: 0, structs }
    ]);
    expectMalformed(update, /doubled or not in order/);
  });

  it('[GATE-6] an empty section', () => {
    const update = wireUpdate([
      { client: 667, clock: 0, structs: [] },
      { client: 666, clock: 0, structs: [values(after(), 1)] }
    ]);
    expectMalformed(update, /section is empty/);
  });

  it('[GATE-6] trailing bytes', () => {
    expectMalformed(new Uint8Array([...fine(), 0]), /follow the end/);
  });

  it('[GATE-6] a whole second update behind the first', () => {
    expectMalformed(new Uint8Array([...fine(), ...fine()]), /./);
  });

  it('[GATE-6] every truncation', () => {
    const whole = fine();
    for (let length = 0; length < whole.length; length++) {
      expect(page.receive(whole.subarray(0, length), MALLORY)).toMatchObject({ kind: 'malformed' });
    }
    expectUnharmed();
  });

  it('[GATE-6] V2 bytes', () => {
    const doc = new Y.Doc();
    messagesOf(doc).push([message('second-format', MALLORY)]);
    expectMalformed(Y.encodeStateAsUpdateV2(doc), /./);
  });

  it('[GATE-6] V2 bytes of an empty document', () => {
    expectMalformed(Y.encodeStateAsUpdateV2(new Y.Doc()), /./);
  });

  it('[GATE-6] counts far beyond the bytes', () => {
    const huge = (write: (to: ReturnType<typeof createEncoder>) => void): Uint8Array => {
      const to = createEncoder();
      write(to);
      return toUint8Array(to);
    };
    const count = 2 ** 50;
    const frames = [
      huge((to) => writeVarUint(to, count)),
      huge((to) => [1, count, MAL, 0].forEach((n) => writeVarUint(to, n))),
      huge((to) => [0, count].forEach((n) => writeVarUint(to, n))),
      huge((to) => [0, 1, MAL, count].forEach((n) => writeVarUint(to, n))),
      fromMallory(item(8, after(), (to) => writeVarUint(to, count))),
      fromMallory(item(2, after(), (to) => writeVarUint(to, count))),
      fromMallory(item(3, after(), (to) => writeVarUint(to, count))),
      fromMallory(
        rawValues(
          after(),
          huge((to) => (writeUint8(to, 117), writeVarUint(to, count)))
        )
      ),
      fromMallory(
        rawValues(
          after(),
          huge((to) => (writeUint8(to, 118), writeVarUint(to, count)))
        )
      ),
      fromMallory(
        rawValues(
          after(),
          huge((to) => (writeUint8(to, 119), writeVarUint(to, count)))
        )
      )
    ];
    for (const frame of frames) expect(page.receive(frame, MALLORY)).toMatchObject({ kind: 'malformed' });
    expectUnharmed();
  });

  it('[GATE-6] a number that never ends', () => {
    expect(page.receive(new Uint8Array(1_000).fill(0x80), MALLORY)).toMatchObject({ kind: 'malformed' });
    expectMalformed(new Uint8Array(1_000).fill(0xff), /bits|long/);
  });

  it('[GATE-6] a string that is not UTF-8', () => {
    const loneSurrogate = Uint8Array.of(119, 3, 0xed, 0xa0, 0x80);
    expect(page.receive(fromMallory(rawValues(after(), loneSurrogate)), MALLORY)).toMatchObject({ kind: 'malformed' });
    expectMalformed(fromMallory(rawValues(after(), Uint8Array.of(119, 2, 0xc3, 0x28))), /cannot be read/);
  });

  it('[GATE-6] a type of value that does not exist', () => {
    expectMalformed(fromMallory(rawValues(after(), Uint8Array.of(42))), /no type of value/);
  });

  it('[GATE-6] more bytes than a message may have', () => {
    expectMalformed(new Uint8Array(MESSAGE_MAX_BYTES + 1), /over/);
  });

  it('[GATE-6] more elements than a message could carry of entries', () => {
    const nulls = item(8, after(), (to) => {
      writeVarUint(to, 70_000);
      for (let i = 0; i < 70_000; i++) writeAny(to, null);
    });
    expectMalformed(fromMallory(nulls), /new elements/);
  });
});

describe('[GATE-7] values that have no one byte form', () => {
  /** The element is refused, a tombstone stands in its place, and what came with it is taken. */
  function expectTombstone(bad: Uint8Array, code = 'schema'): void {
    const good = createEncoder();
    writeAny(good, message('good', MALLORY) as object as Record<string, never>);
    const outcome = page.receive(fromMallory(rawValues(after(), bad, toUint8Array(good))), MALLORY) as Checked;
    expect(outcome.kind).toBe('checked');
    expect(outcome.refused).toMatchObject([{ code }]);
    expect(outcome.accepted.map(({ entry }) => entry.id)).toEqual(['good____']);
    expect(messagesOf(page.reader).toJSON()).toEqual([created(ANN), message('first', ANN), message('good', MALLORY)]);
    expect(page.gate.snapshot().stateVector.get(MAL)).toBe(2);
  }
  const any = (value: unknown): Uint8Array => {
    const to = createEncoder();
    writeAny(to, value as Parameters<typeof writeAny>[1]);
    return toUint8Array(to);
  };
  const bodied = (body: unknown): Uint8Array => any({ ...message('bad', MALLORY), body });

  it.each([
    ['undefined', bodied(undefined)],
    ['bigint', bodied(12n)],
    ['bytes', bodied(Uint8Array.of(1, 2))],
    ['NaN', any({ ...message('bad', MALLORY), sentAt: NaN })],
    ['-0', any({ ...message('bad', MALLORY), sentAt: -0 })],
    ['infinity', any({ ...message('bad', MALLORY), sentAt: Infinity })],
    ['no object', any('just a string')],
    ['null', any(null)],
    ['undefined in place of an entry', any(undefined)],
    ['an unknown key', any({ ...message('bad', MALLORY), shiny: true })]
  ])('[GATE-7] %s', (_name, bad) => {
    expectTombstone(bad);
  });

  it('[GATE-7] a __proto__ key: nothing is inherited, and the entry is refused', () => {
    const to = createEncoder();
    const whole = message('bad', MALLORY);
    writeUint8(to, 118);
    writeVarUint(to, Object.keys(whole).length + 1);
    for (const [key, value] of Object.entries(whole)) {
      writeVarString(to, key);
      writeAny(to, value as string);
    }
    writeVarString(to, '__proto__');
    writeAny(to, { polluted: true });
    expectTombstone(toUint8Array(to));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('[GATE-7] an entry that is all inherited from a __proto__ key', () => {
    const to = createEncoder();
    writeUint8(to, 118);
    writeVarUint(to, 1);
    writeVarString(to, '__proto__');
    writeAny(to, message('bad', MALLORY) as object as Record<string, string>);
    expectTombstone(toUint8Array(to));
  });

  it.each(['constructor', 'prototype'])('[GATE-7] a %s key', (key) => {
    expectTombstone(any({ ...message('bad', MALLORY), type: 'later', [key]: 1 }));
  });

  it('[GATE-7] a key that stands twice', () => {
    const to = createEncoder();
    const whole = Object.entries(message('bad', MALLORY));
    writeUint8(to, 118);
    writeVarUint(to, whole.length + 1);
    for (const [key, value] of [...whole, ['body', 'other'] as const]) {
      writeVarString(to, key);
      writeAny(to, value as string);
    }
    expectTombstone(toUint8Array(to));
  });

  it('[GATE-7] an integer written longer than it is, and one written as a float', () => {
    const sentAt = (...bytes: number[]): Uint8Array => {
      const { sentAt: _, ...rest } = message('bad', MALLORY);
      const to = createEncoder();
      writeUint8(to, 118);
      writeVarUint(to, 5);
      for (const [key, value] of Object.entries(rest)) {
        writeVarString(to, key);
        writeAny(to, value as string);
      }
      writeVarString(to, 'sentAt');
      for (const byte of bytes) writeUint8(to, byte);
      return toUint8Array(to);
    };
    expectTombstone(sentAt(125, 0x85, 0x00));
    // 5 as float64, which lib0 writes as an integer.
    const outcome = page.receive(
      wireUpdate([{ client: 665, clock: 0, structs: [rawValues(after(), sentAt(123, 0x40, 0x14, 0, 0, 0, 0, 0, 0))] }]),
      MALLORY
    );
    expect(outcome).toMatchObject({ refused: [{ code: 'schema' }], accepted: [] });
  });

  it('[GATE-7] nesting beyond what an entry may have', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 10; depth++) value = [value];
    expectTombstone(any({ ...message('bad', MALLORY), type: 'later', value }));
  });

  it('[GATE-7] nesting that would overflow the stack', () => {
    const depth = 1_000_000;
    const bytes = new Uint8Array(2 * depth + 1);
    for (let i = 0; i < depth; i++) bytes.set([117, 1], 2 * i);
    bytes[2 * depth] = 126;
    expectTombstone(bytes);
  });

  it('[GATE-7] a snapshot of endless members, which no schema bounds', () => {
    const members = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, i) => [userId(`m${i}`), { role: 'member', since: 1 }])
    );
    const state = {
      name: '',
      topic: '',
      kind: 'public',
      createdBy: ANN,
      createdAt: 1,
      members,
      invited: {},
      ...{ banned: {}, avatar: null, slowSeconds: 0, deleted: false },
      membersElided: 0
    };
    expectTombstone(any({ id: 'snapshot-1', type: 'snapshot', author: MALLORY, sentAt: NOW, state }), 'too-large');
  });

  it('[GATE-7] a value far beyond the size of an entry', () => {
    expectTombstone(any({ ...message('bad', MALLORY), body: 'x'.repeat(1_000_000) }), 'too-large');
  });
});

describe('[GATE-7] a value that must be too large is refused by its length alone', () => {
  class NothingBuilt extends UpdateReader {
    override anyAt(): never {
      throw new Error('built');
    }
  }
  const short = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`k${index}`, 0]));
  const entry = { ...message('bad', MALLORY), type: 'later' };

  it.each([
    ['short keys', { ...entry, ...short }],
    ['empty arrays', { ...entry, many: Array<unknown>(20_000).fill([]) }],
    ['nested keys', { ...entry, deep: { deep: short } }],
    ['a long text', { ...entry, text: 'x'.repeat(1_000_000) }]
  ])('[GATE-7] %s: not built, and told by its id', (_name, value) => {
    const bytes = encodeAny(value);
    const reader = new NothingBuilt(bytes);
    expect(readElement(reader, reader.skipAny())).toMatchObject({ ok: false, id: entry.id, code: 'too-large' });
    const outcome = page.receive(fromMallory(rawValues(after(), bytes)), MALLORY) as Checked;
    expect(outcome.refused).toMatchObject([{ id: entry.id, code: 'too-large' }]);
    expectUnharmed();
  });

  it.each([[[]], [{}], [''], [[[], {}, 'ü', 'x', null, true, false, 0, 1.5, -7]], [{ a: { b: [1], '': 2 }, c: 'ü' }]])(
    '[GATE-7] %j is not taken for longer than it is',
    (value) => {
      const reader = new UpdateReader(encodeAny(value));
      const { jsonMinBytes } = reader.skipAny();
      expect(jsonMinBytes).toBeLessThanOrEqual(canonicalBytes(value));
      expect(jsonMinBytes).toBeGreaterThan(0);
    }
  );
});

describe('[GATE-10] floods', () => {
  it('[GATE-10] thousands of tiny updates are taken one by one and leave one short document', () => {
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

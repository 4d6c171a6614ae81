// Hand-made updates whose elements have no one byte form, or are too large: a tombstone stands where they would. See
// poison.test.ts.
import { createEncoder, toUint8Array, writeAny, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '#protocol/canonical.ts';
import { encodeAny, readElement } from './element.ts';
import { ANN, fromMallory, MAL, MALLORY, setupAttackedPage } from './testing/attacked-page.ts';
import { created, message } from './testing/entries.ts';
import { messagesOf, NOW, userId, type Checked } from './testing/test-page.ts';
import { rawValues, wireUpdate } from './testing/wire.ts';
import { UpdateReader } from './update-reader.ts';

describe('[GATE-7] values that have no one byte form', () => {
  /** The element is refused, a tombstone stands in its place, and what came with it is taken. */
  function expectTombstone(bad: Uint8Array, code = 'schema'): void {
    const { page, after } = setupAttackedPage();
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
    const { page, after } = setupAttackedPage();
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
    const { page, after, expectUnharmed } = setupAttackedPage();
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

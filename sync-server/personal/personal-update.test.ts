import { describe, expect, test } from 'vitest';
import { writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';
import { PERSONAL_KEY_MAX_CHARS, PERSONAL_MAX_BYTES, PERSONAL_VALUE_MAX_BYTES } from '#protocol/limits.ts';
import { PERSONAL_ROOTS } from '#protocol/personal.ts';
import { deleted, gc, item, skip, values, wireUpdate, type WireStruct } from '../gate/testing/wire.ts';
import { seededRandom } from '../../tests/seeded-random.ts';
import { PersonalContent } from './personal-content.ts';

const DRAFT = { root: 'drafts', parentSub: 'k' };
const draft = (text: unknown): WireStruct => values(DRAFT, text);
const one = (struct: WireStruct, client = 7, clock = 0): Uint8Array =>
  wireUpdate([{ client, clock, structs: [struct] }]);

/** What a document that holds one value (client 5, clock 0) makes of an update. */
function judge(update: Uint8Array): string {
  const content = new PersonalContent([]);
  expect(content.apply(one(draft('there'), 5)).kind).toBe('applied');
  const before = content.whole;
  const { kind } = content.apply(update);
  // Nothing waits in it, whatever came.
  const doc = new Y.Doc();
  Y.applyUpdate(doc, content.whole);
  expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null]);
  if (kind !== 'applied') expect(content.whole).toEqual(before);
  content.destroy();
  return kind;
}

describe('what a person’s own document takes', () => {
  test('[OWN-4] of random devices that write, delete and sync in any order: all of it, and the same everywhere', () => {
    const seed = Number(process.env['ROOST_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
    console.info(`seed ${seed}`);
    const random = seededRandom(seed);
    for (let round = 0; round < 30; round++) {
      const server = new PersonalContent([]);
      const devices = Array.from({ length: 4 }, () => new Y.Doc());
      const sync = (doc: Y.Doc): void => {
        const applied = server.apply(Y.encodeStateAsUpdate(doc, server.stateVector));
        expect(applied.kind).toBe('applied');
        Y.applyUpdate(doc, server.beyond(Y.encodeStateVector(doc))!);
      };
      for (let step = 0; step < 120; step++) {
        const doc = devices[Math.floor(random() * devices.length)]!;
        const map = doc.getMap(PERSONAL_ROOTS[Math.floor(random() * PERSONAL_ROOTS.length)]);
        const key = `key${Math.floor(random() * 3)}`;
        const what = random();
        if (what < 0.6) map.set(key, { text: 'x'.repeat(Math.floor(random() * 20)), at: step });
        else if (what < 0.8) map.delete(key);
        else if (what < 0.95) sync(doc);
        // The whole of it, as the stock provider sends what it has loaded before it was asked.
        else server.apply(Y.encodeStateAsUpdate(doc));
      }
      for (let twice = 0; twice < 2; twice++) devices.forEach(sync);
      const [first, ...others] = devices.map((doc) => PERSONAL_ROOTS.map((root) => doc.getMap(root).toJSON()));
      for (const other of others) expect(other).toEqual(first);
      server.destroy();
    }
  });

  test('[OWN-4] tombstones of what was typed and sent offline', () => {
    const doc = new Y.Doc();
    for (let key = 0; key < 500; key++) doc.getMap('drafts').set('room', { text: 'x'.repeat(key), at: key });
    doc.getMap('drafts').delete('room');
    expect(judge(Y.encodeStateAsUpdate(doc))).toBe('applied');
  });

  test.each<[what: string, update: Uint8Array]>([
    ['no bytes', new Uint8Array(0)],
    ['bytes after the end', new Uint8Array([0, 0, 0])],
    ['V2', Y.encodeStateAsUpdateV2(withDraft())],
    ['another root', one(values({ root: 'messages', parentSub: 'k' }, 1))],
    ['an element of an array', one(values({ root: 'drafts' }, 1))],
    ['a nested type', one(item(7, DRAFT, (encoder) => writeVarUint(encoder, 1)))],
    ['a subdocument', ofMap((map) => map.set('k', new Y.Doc()))],
    ['a map in a map', ofMap((map) => map.set('k', new Y.Map()))],
    ['a text', ofMap((map) => map.set('k', new Y.Text('x')))],
    ['bytes', ofMap((map) => map.set('k', new Uint8Array(3)))],
    ['formats', ofText()],
    ['undefined', one(draft(undefined))],
    ['NaN', one(draft(NaN))],
    ['a prototype key', one(draft(JSON.parse('{"__proto__":{"x":1}}')))],
    ['a value too deep', one(draft([[[[[[[[[1]]]]]]]]]))],
    ['a value too large', one(draft('x'.repeat(PERSONAL_VALUE_MAX_BYTES)))],
    ['a key too long', one(values({ root: 'drafts', parentSub: 'k'.repeat(PERSONAL_KEY_MAX_CHARS + 1) }, 1))],
    ['an empty key', one(values({ root: 'drafts', parentSub: '' }, 1))],
    ['two values in one item', one(values(DRAFT, 1, 2))],
    ['no value', one(values(DRAFT))],
    ['a run of length 0', one(deleted(DRAFT, 0))],
    ['a run of length 2^40', one(deleted(DRAFT, 2 ** 40))],
    ['GC', one(gc(1))],
    ['GC of length 2^40', one(gc(2 ** 40))],
    ['a right origin', one(values({ ...DRAFT, rightOrigin: { client: 5, clock: 0 } }, 1))],
    ['a parent by id', one(values({ parent: { client: 5, clock: 0 }, parentSub: 'k' }, 1))],
    ['an origin in its own future', one(values({ origin: { client: 7, clock: 0 }, parentSub: 'k' }, 1))],
    ['doubled sections', wireUpdate([section(7, draft(1)), section(7, draft(2))])],
    ['sections out of order', wireUpdate([section(7, draft(1)), section(8, draft(2))])],
    ['an empty section', wireUpdate([section(7)])],
    ['deletions that are doubled', wireUpdate([], [deletion(5, 0, 1), deletion(5, 0, 1)])],
    ['a deletion of nothing', wireUpdate([], [deletion(5, 0, 0)])],
    ['300 values at one place', wireUpdate(Array.from({ length: 300 }, (_, at) => section(1_000 - at, draft(at))))]
  ])('[OWN-5] refused before Yjs sees it: %s', (_what, update) => {
    expect(judge(update)).toBe('malformed');
  });

  test.each<[what: string, update: Uint8Array]>([
    ['a clock beyond the next', one(draft(1), 7, 3)],
    ['an origin that nobody has sent', one(values({ origin: { client: 99, clock: 0 }, parentSub: 'k' }, 1))],
    ['a skip', wireUpdate([{ client: 7, clock: 0, structs: [skip(3), draft(1)] }])],
    ['a deletion of what is not there', wireUpdate([], [deletion(5, 0, 2)])],
    ['a deletion of 2^40', wireUpdate([], [deletion(9, 0, 2 ** 40)])],
    [
      'origins in a circle',
      wireUpdate([
        section(8, values({ origin: { client: 7, clock: 0 }, parentSub: 'k' }, 1)),
        section(7, values({ origin: { client: 8, clock: 0 }, parentSub: 'k' }, 1))
      ])
    ]
  ])('[OWN-5] asked for what is missing, and kept nowhere: %s', (_what, update) => {
    expect(judge(update)).toBe('gap');
  });

  test('[OWN-5] what it costs is bounded: values beside all that a key ever held', () => {
    const content = new PersonalContent([]);
    const chain = Array.from({ length: 20_000 }, (_, at) =>
      at === 0 ? draft(0) : values({ origin: { client: 5, clock: at - 1 }, parentSub: 'k' }, at)
    );
    expect(content.apply(wireUpdate([{ client: 5, clock: 0, structs: chain }])).kind).toBe('applied');
    const beside = Array.from({ length: 20_000 }, (_, at) =>
      values({ origin: { client: 5, clock: at }, parentSub: 'k' }, at)
    );
    expect(content.apply(wireUpdate([{ client: 7, clock: 0, structs: beside }])).kind).toBe('malformed');
    content.destroy();
  });

  test('[OWN-5] clients that wait for each other a hundred thousand times are judged in order', () => {
    const structs = (client: number, other: number): WireStruct[] =>
      Array.from({ length: 20_000 }, (_, at) => {
        const clock = client > other ? at : at - 1;
        return clock < 0 ? draft(at) : values({ origin: { client: other, clock }, parentSub: 'k' }, at);
      });
    const update = wireUpdate([
      { client: 9, clock: 0, structs: structs(9, 8) },
      { client: 8, clock: 0, structs: structs(8, 9) }
    ]);
    const content = new PersonalContent([]);
    expect(content.apply(update).kind).toBe('applied');
    content.destroy();
  });

  test('[OWN-6] beyond 1 MiB nothing is taken and it stays as it was; what makes room is', () => {
    const content = new PersonalContent([]);
    const doc = new Y.Doc();
    const map = doc.getMap('drafts');
    const take = (): string => content.apply(Y.encodeStateAsUpdate(doc, content.stateVector)).kind;
    for (let at = 0; at < 32; at++) map.set(`room${at}`, 'x'.repeat(32_000));
    expect(take()).toBe('applied');
    const before = content.whole;
    for (let at = 32; at < 34; at++) map.set(`room${at}`, 'x'.repeat(32_000));
    expect(take()).toBe('too-large');
    expect(content.whole).toEqual(before);
    // Of what is replaced its place stays and nothing else, so overwriting goes on for ever.
    for (let at = 0; at < 34; at++) map.set(`room${at}`, 'short');
    expect(take()).toBe('applied');
    expect(content.whole.length).toBeLessThan(PERSONAL_MAX_BYTES / 100);
    content.destroy();
  });
});

function section(client: number, ...structs: WireStruct[]) {
  return { client, clock: 0, structs };
}
function deletion(client: number, clock: number, length: number) {
  return { client, clock, length };
}
function withDraft(): Y.Doc {
  const doc = new Y.Doc();
  doc.getMap('drafts').set('k', 'v');
  return doc;
}
function ofMap(write: (map: Y.Map<unknown>) => void): Uint8Array {
  const doc = new Y.Doc();
  write(doc.getMap('drafts'));
  return Y.encodeStateAsUpdate(doc);
}
function ofText(): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('drafts').insert(0, 'x', { bold: true });
  return Y.encodeStateAsUpdate(doc);
}

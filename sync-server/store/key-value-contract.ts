// What every KeyValue must do, whatever is under it. Each implementation runs this suite beside its own tests.

import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runs } from '../../tests/property-runs.ts';
import type { KeyValue, Operation, RangeOptions, StoreErrorCode } from './key-value.ts';
import { StoreError } from './key-value.ts';
import { compareKeys } from './key-order.ts';

/** A place that outlives the objects opened on it. */
export interface KeyValuePlace {
  open(): Promise<KeyValue>;
  /** Damages a stored value; only while nothing is open. */
  corrupt(key: string): Promise<void>;
  /** Whether these bytes lie anywhere in the place, deleted or not. */
  holds(bytes: Uint8Array): Promise<boolean>;
  dispose(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);
const put = (key: string, value = key): Operation => ({ type: 'put', key, value: bytes(value) });
const del = (key: string): Operation => ({ type: 'del', key });

async function keysOf(kv: KeyValue, options: RangeOptions = {}): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of kv.range(options)) keys.push(key);
  return keys;
}

/** The code that a promise rejects with; fails when it resolves or rejects with anything but a StoreError. */
export async function codeOf(promise: Promise<unknown>): Promise<StoreErrorCode> {
  const error = await promise.then(
    () => expect.fail('resolved, though a StoreError was expected'),
    (reason: unknown) => reason
  );
  expect(error).toBeInstanceOf(StoreError);
  return (error as StoreError).code;
}

export function describeKeyValue(name: string, makePlace: () => Promise<KeyValuePlace>): void {
  async function setup() {
    const place = await makePlace();
    const opened: KeyValue[] = [];
    const open = async (): Promise<KeyValue> => {
      const kv = await place.open();
      opened.push(kv);
      return kv;
    };
    onTestFinished(async () => {
      for (const kv of opened) await kv.close();
      await place.dispose();
    });
    return { place, open, kv: await open() };
  }

  describe(`${name} as a KeyValue`, () => {
    test('gives back what was put, also empty and large values, and undefined for what is not there', async () => {
      const { kv } = await setup();
      const large = new Uint8Array(300_000).map((_, i) => (i * 31) % 251);
      await kv.batch([put('a', ''), { type: 'put', key: 'large', value: large }, put('ключ/😀', 'value')], {
        sync: true
      });
      expect(await kv.get('a')).toEqual(new Uint8Array(0));
      expect(await kv.get('large')).toEqual(large);
      expect((await kv.getMany(['ключ/😀', 'b', 'a'])).map(text)).toEqual(['value', undefined, '']);
      expect(await kv.get('b')).toBeUndefined();
      expect(await kv.getMany([])).toEqual([]);
    });

    test('sorts keys by their UTF-8 bytes, beyond the basic plane too', async () => {
      const { kv } = await setup();
      const keys = ['a', 'a/', 'a0', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'];
      await kv.batch(
        keys.toReversed().map((key) => put(key)),
        { sync: false }
      );
      expect(await keysOf(kv)).toEqual(keys);
      expect(await keysOf(kv, { gt: '\uffff' })).toEqual(['😀', '\u{10ffff}']);
    });

    test('ranges hold their bounds, limit and direction, for any keys', async () => {
      const { kv } = await setup();
      const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }).filter((k) => !k.includes('\0'));
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(key, { maxLength: 20 }),
          fc.record(
            { gt: key, gte: key, lt: key, lte: key, reverse: fc.boolean(), limit: fc.nat(8) },
            { requiredKeys: [] }
          ),
          async (keys, asked) => {
            // LevelDB takes one lower and one upper bound.
            const { gt, lt, ...options } = asked;
            const bounds: RangeOptions = {
              ...options,
              ...(gt !== undefined && options.gte === undefined ? { gt } : {}),
              ...(lt !== undefined && options.lte === undefined ? { lt } : {})
            };
            const under = `${String(round++).padStart(4, '0')}/`;
            const full = (k: string | undefined, otherwise: string): string =>
              k === undefined ? otherwise : under + k;
            await kv.batch(
              keys.map((k) => put(under + k)),
              { sync: false }
            );
            const found = await keysOf(kv, {
              ...(bounds.reverse === undefined ? {} : { reverse: bounds.reverse }),
              ...(bounds.limit === undefined ? {} : { limit: bounds.limit }),
              ...(bounds.gt === undefined ? { gte: full(bounds.gte, under) } : { gt: under + bounds.gt }),
              ...(bounds.lt === undefined
                ? { lte: full(bounds.lte, `${under}\u{10ffff}\u{10ffff}`) }
                : { lt: under + bounds.lt })
            });
            const inside = keys
              .filter((k) => bounds.gt === undefined || compareKeys(k, bounds.gt) > 0)
              .filter((k) => bounds.gte === undefined || compareKeys(k, bounds.gte) >= 0)
              .filter((k) => bounds.lt === undefined || compareKeys(k, bounds.lt) < 0)
              .filter((k) => bounds.lte === undefined || compareKeys(k, bounds.lte) <= 0)
              .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
            if (bounds.reverse) inside.reverse();
            expect(found).toEqual(inside.slice(0, bounds.limit ?? inside.length).map((k) => under + k));
          }
        ),
        runs(60)
      );
    });

    test('a batch is applied in its order, the last word on a key counts', async () => {
      const { kv } = await setup();
      await kv.batch([put('a', '1'), del('a'), put('b', '1'), put('b', '2'), del('absent')], { sync: true });
      expect((await kv.getMany(['a', 'b'])).map(text)).toEqual([undefined, '2']);
    });

    test('batches called without waiting are applied in the order of the calls', async () => {
      const { kv } = await setup();
      await Promise.all(Array.from({ length: 30 }, (_, i) => kv.batch([put('a', String(i))], { sync: i % 3 === 0 })));
      expect(text(await kv.get('a'))).toBe('29');
    });

    test('a batch with a key that is none throws TypeError and applies nothing of itself', async () => {
      const { kv } = await setup();
      for (const bad of ['', 'nul\0', '\ud800', 'half\udc00']) {
        await expect(kv.batch([put('a'), put(bad)], { sync: true })).rejects.toThrow(TypeError);
        await expect(kv.get(bad)).rejects.toThrow(TypeError);
        await expect(keysOf(kv, { gte: bad })).rejects.toThrow(TypeError);
      }
      expect(await keysOf(kv)).toEqual([]);
      await kv.batch([put('a')], { sync: true });
    });

    test('the caller may reuse the bytes of a value after the call', async () => {
      const { kv } = await setup();
      const value = bytes('before');
      const written = kv.batch([{ type: 'put', key: 'a', value }], { sync: true });
      value.fill(0);
      await written;
      const read = (await kv.get('a'))!;
      expect(text(read)).toBe('before');
      read.fill(0);
      expect(text(await kv.get('a'))).toBe('before');
    });

    test('a range shows the state of when its loop began, whatever is written meanwhile', async () => {
      const { kv } = await setup();
      await kv.batch([put('a'), put('b'), put('c')], { sync: false });
      const seen: string[] = [];
      for await (const [key, value] of kv.range({})) {
        if (key === 'a') await kv.batch([del('b'), put('c', 'changed'), put('d')], { sync: true });
        seen.push(`${key}=${text(value)}`);
      }
      expect(seen).toEqual(['a=a', 'b=b', 'c=c']);
      expect(await keysOf(kv)).toEqual(['a', 'c', 'd']);
    });

    test('everything is there after closing and opening again', async () => {
      const { kv, open } = await setup();
      await kv.batch([put('a'), put('b')], { sync: true });
      await kv.batch([del('a'), put('c')], { sync: false });
      await kv.close();
      expect(await keysOf(await open())).toEqual(['b', 'c']);
    });

    test('[STORE-1] a damaged value is an error, never bytes, wherever it is read', async () => {
      const { kv, open, place } = await setup();
      await kv.batch([put('a'), put('b'), put('c')], { sync: true });
      await kv.close();
      await place.corrupt('b');
      const again = await open();
      expect(await codeOf(again.get('b'))).toBe('corrupt');
      expect(await codeOf(again.getMany(['a', 'b']))).toBe('corrupt');
      expect(await codeOf(keysOf(again))).toBe('corrupt');
      expect(text(await again.get('c'))).toBe('c');
      await again.batch([put('b', 'anew')], { sync: true });
      expect(text(await again.get('b'))).toBe('anew');
    });

    test('[STORE-2] deleted and overwritten bytes are gone from the disk after compaction, the rest stays', async () => {
      const { kv, place } = await setup();
      const [erased, overwritten, kept] = ['q7Zk-erased-9f3B', 'Xw2p-overwritten-8d', 'mN5t-kept-4c1A'];
      await kv.batch([put('page/1', erased), put('page/2', overwritten), put('page/3', kept)], { sync: true });
      expect(await place.holds(bytes(erased))).toBe(true);
      // Brings them into tables at the depth where LevelDB's own compaction would leave them.
      await kv.compactRange('page/1', 'page/3');
      expect(await place.holds(bytes(erased))).toBe(true);
      await kv.batch([del('page/1'), put('page/2', 'new')], { sync: true });
      await kv.compactRange('page/1', 'page/2');
      expect(await place.holds(bytes(erased))).toBe(false);
      expect(await place.holds(bytes(overwritten))).toBe(false);
      expect(await place.holds(bytes(kept))).toBe(true);
      expect(await keysOf(kv)).toEqual(['page/2', 'page/3']);
    });

    test('[STORE-2] compaction removes what was written and deleted since the last one, on an empty store too', async () => {
      const { kv, place } = await setup();
      const canary = 'J4hV-canary-1s6Q';
      await kv.batch([put('only', canary)], { sync: true });
      await kv.batch([del('only')], { sync: true });
      await kv.compactRange('only', 'only');
      expect(await place.holds(bytes(canary))).toBe(false);
      expect(await keysOf(kv)).toEqual([]);
    });

    test('[STORE-2] a value and its deletion that came to the disk together are erased after another range was compacted', async () => {
      const { kv, place } = await setup();
      const canary = 'R6cX-together-2m9D';
      await kv.batch([put('c', canary), put('b')], { sync: false });
      await kv.batch([del('c')], { sync: false });
      await kv.compactRange('a', 'a');
      await kv.compactRange('a', 'c');
      expect(await place.holds(bytes(canary))).toBe(false);
      expect(await keysOf(kv)).toEqual(['b']);
    });

    test('[STORE-2] after any history, a compacted range holds no byte of what was deleted or overwritten', async () => {
      const { kv, place } = await setup();
      const keys = ['a', 'a/1', 'b', 'é', '😀'];
      let serial = 0;
      const step = fc.oneof(
        { weight: 5, arbitrary: fc.record({ put: fc.constantFrom(...keys) }) },
        { weight: 2, arbitrary: fc.record({ del: fc.constantFrom(...keys) }) },
        { weight: 2, arbitrary: fc.record({ compact: fc.constantFrom(...keys) }) }
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const live = new Map<string, string>();
          const dead: string[] = [];
          const bury = (key: string): void => {
            if (live.has(key)) dead.push(live.get(key)!);
            live.delete(key);
          };
          for (const s of steps) {
            if ('compact' in s) await kv.compactRange(s.compact, s.compact);
            else if ('del' in s) {
              bury(s.del);
              await kv.batch([del(s.del)], { sync: false });
            } else {
              bury(s.put);
              // Unlike each other from the first byte on, so that compression keeps them readable.
              const canary = `${((++serial * 2654435761) % 2 ** 32).toString(36)}~${serial}~`;
              live.set(s.put, canary);
              await kv.batch([put(s.put, canary)], { sync: false });
            }
          }
          await kv.compactRange('a', '😀');
          for (const canary of dead) expect(await place.holds(bytes(canary)), `${canary} is still there`).toBe(false);
          for (const [key, canary] of live) expect(text(await kv.get(key))).toBe(canary);
          await kv.batch(keys.map(del), { sync: false });
        }),
        runs(15)
      );
    });

    test('tells about how much lies in a range, once it is in tables, and nothing of what lies beside it', async () => {
      const { kv } = await setup();
      const value = new Uint8Array(200_000).map((_, i) => Math.imul(i + 1, 0x9e3779b1) ** 2 % 251);
      await kv.batch([{ type: 'put', key: 'b/1', value }, put('a/1'), put('c/1')], { sync: true });
      await kv.compactRange('a', 'd');
      expect(await kv.approximateBytes('b/', 'b0')).toBeGreaterThan(50_000);
      expect(await kv.approximateBytes('b/', 'b0')).toBeLessThan(400_000);
      expect(await kv.approximateBytes('x/', 'x0')).toBe(0);
      await expect(kv.approximateBytes('\uD800', 'x')).rejects.toThrow(TypeError);
    });

    test('compaction waits for loops that still see what was deleted', async () => {
      const { kv, place } = await setup();
      const canary = 'T8yR-held-5k2W';
      await kv.batch([put('a', canary), put('b')], { sync: true });
      const order: string[] = [];
      let compacted: Promise<unknown> | undefined;
      for await (const [key] of kv.range({})) {
        if (key === 'a') {
          await kv.batch([del('a')], { sync: true });
          compacted = kv.compactRange('a', 'a').then(() => order.push('compacted'));
          for (let i = 0; i < 20; i++) await nextTurn();
        }
        order.push(key);
      }
      await compacted;
      expect(order).toEqual(['a', 'b', 'compacted']);
      expect(await place.holds(bytes(canary))).toBe(false);
    });

    test('leaving a loop early releases its snapshot', async () => {
      const { kv } = await setup();
      await kv.batch([put('a'), put('b')], { sync: false });
      for await (const [key] of kv.range({})) if (key === 'a') break;
      await expect(
        (async () => {
          for await (const [key] of kv.range({})) throw new Error(`left at ${key}`);
        })()
      ).rejects.toThrow('left at a');
      // Both would wait for a loop that was never closed.
      await kv.compactRange('a', 'b');
      await kv.close();
    });

    test('after close everything is refused as closed, and closing twice is fine', async () => {
      const { kv } = await setup();
      await kv.batch([put('a'), put('b')], { sync: false });
      await Promise.all([kv.close(), kv.close()]);
      await kv.close();
      expect(await codeOf(kv.get('a'))).toBe('closed');
      expect(await codeOf(kv.getMany(['a']))).toBe('closed');
      expect(await codeOf(keysOf(kv))).toBe('closed');
      expect(await codeOf(kv.batch([put('a')], { sync: true }))).toBe('closed');
      expect(await codeOf(kv.compactRange('a', 'b'))).toBe('closed');
    });

    test('closing lets writes under way finish and ends loops under way', async () => {
      const { kv, open } = await setup();
      await kv.batch([put('a'), put('b')], { sync: false });
      const writes = Array.from({ length: 5 }, (_, i) => kv.batch([put(`c${i}`)], { sync: true }));
      const loop = (async () => {
        for await (const [key] of kv.range({})) if (key === 'a') await kv.close();
      })();
      expect(await codeOf(loop)).toBe('closed');
      await Promise.all(writes);
      expect(await keysOf(await open(), { gte: 'c' })).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    });

    test('a place that is open already is locked', async () => {
      const { place, kv } = await setup();
      expect(await codeOf(place.open())).toBe('locked');
      await kv.batch([put('a')], { sync: true });
    });
  });
}

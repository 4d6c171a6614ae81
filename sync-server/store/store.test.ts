import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { codeOf, describeKeyValue } from './key-value-contract.ts';
import type { Operation } from './key-value.ts';
import { MemoryDisk } from './memory-disk.ts';
import { ReopeningKeyValue } from './reopening-key-value.ts';
import { record, recordsOf, ROOM_A } from './room-log-contract.ts';
import { Store, STORE_FORMAT } from './store.ts';

const put = (key: string, value = key): Operation => ({ type: 'put', key, value: record(value) });
const SYNC = { sync: true };

/** A pause that lasts until the test says so. */
class Pauses {
  readonly asked: number[] = [];
  #next = Promise.withResolvers<void>();

  readonly pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.asked.push(ms);
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([this.#next.promise, aborted]);
    this.#next = Promise.withResolvers<void>();
  };

  /** Ends the pause number `n`, once it has begun. */
  async end(n: number): Promise<void> {
    await expect.poll(() => this.asked.length).toBe(n);
    this.#next.resolve();
  }
}

async function setup() {
  const disk = new MemoryDisk();
  const pauses = new Pauses();
  const store = await Store.over({ open: () => disk.open(), pause: pauses.pause });
  onTestFinished(() => store.close());
  const events: string[] = [];
  store.onFailure((cause) => events.push(`failed ${cause.code}`));
  store.onReopened(() => events.push('reopened'));
  const append = (expected: number): Promise<void> =>
    store.log.append({ room: ROOM_A, expected, record: record(`a${expected}`), operations: [] });
  return { disk, pauses, store, events, append };
}

describeKeyValue('the key-value store that opens anew', async () => {
  const disk = new MemoryDisk();
  const { pause } = new Pauses();
  return {
    open: () => ReopeningKeyValue.open({ open: () => disk.open(), pause }),
    corrupt: async (key) => disk.corrupt(key),
    holds: async (bytes) => disk.holds(bytes),
    dispose: async () => {}
  };
});

describe('after a failed write', () => {
  test('[STORE-3] the store is red, and nothing is read or acknowledged, until it is open again', async () => {
    const { disk, pauses, store, events, append } = await setup();
    await append(0);
    expect(store.healthy()).toBe(true);
    disk.failNextBatch({ applied: false, code: 'full' });
    expect(await codeOf(append(1))).toBe('full');
    expect(store.healthy()).toBe(false);
    expect(events).toEqual(['failed full']);

    expect(await codeOf(append(1))).toBe('full');
    expect(await codeOf(store.kv.batch([put('x')], SYNC))).toBe('full');
    expect(await codeOf(store.kv.get('x'))).toBe('full');
    expect(await codeOf(store.log.position(ROOM_A))).toBe('full');
    expect(await codeOf(recordsOf(store.log, ROOM_A))).toBe('full');
    expect(await codeOf(store.kv.compactRange('a', 'b'))).toBe('full');

    await pauses.end(1);
    await expect.poll(() => store.healthy()).toBe(true);
    expect(events).toEqual(['failed full', 'reopened']);
    expect(await store.log.position(ROOM_A)).toBe(1);
    await append(1);
    expect(await recordsOf(store.log, ROOM_A)).toEqual(['0:a0', '1:a1']);
    expect(await store.kv.get('x')).toBeUndefined();
  });

  test('[STORE-3] a write without sync that fails counts as much as a synced one', async () => {
    const { disk, store, events } = await setup();
    disk.failNextBatch({ applied: false });
    expect(await codeOf(store.kv.batch([put('x')], { sync: false }))).toBe('io');
    expect(store.healthy()).toBe(false);
    expect(events).toEqual(['failed io']);
  });

  test('[STORE-3] writes that were under way with it are not acknowledged either', async () => {
    const { disk, store } = await setup();
    const seen = disk.batches.length;
    disk.failNextBatch({ applied: false });
    const codes = await Promise.all([put('x'), put('y'), put('z')].map((o) => codeOf(store.kv.batch([o], SYNC))));
    expect(codes).toEqual(['io', 'io', 'io']);
    expect(disk.batches).toHaveLength(seen + 1);
  });

  test('a failed batch that is there after all shows in the position', async () => {
    const { disk, pauses, store, append } = await setup();
    disk.failNextBatch({ applied: true });
    expect(await codeOf(append(0))).toBe('io');
    await pauses.end(1);
    await expect.poll(() => store.healthy()).toBe(true);
    expect(await codeOf(append(0))).toBe('conflict');
    expect(await recordsOf(store.log, ROOM_A)).toEqual(['0:a0']);
    await append(1);
  });

  test('[STORE-4] it is healthy only after a probe write was synced, and tries with growing, bounded pauses', async () => {
    const { disk, pauses, store, events, append } = await setup();
    disk.failWrites('full');
    expect(await codeOf(append(0))).toBe('full');
    for (let n = 1; n <= 8; n++) {
      if (n === 3) disk.failNextOpen('io');
      await pauses.end(n);
      await expect.poll(() => pauses.asked.length).toBe(n + 1);
      expect(store.healthy()).toBe(false);
    }
    expect(pauses.asked).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
    expect(events).toEqual(['failed full']);
    disk.failWrites(null);
    await pauses.end(9);
    await expect.poll(() => store.healthy()).toBe(true);
    expect(disk.batches.at(-1)).toMatchObject({ sync: true });
    expect(events).toEqual(['failed full', 'reopened']);
    await append(0);
  });

  test('a second failure after reopening is told again', async () => {
    const { disk, pauses, store, events, append } = await setup();
    for (const n of [1, 2]) {
      disk.failNextBatch({ applied: false });
      expect(await codeOf(append(0))).toBe('io');
      await pauses.end(n);
      await expect.poll(() => store.healthy()).toBe(true);
    }
    expect(events).toEqual(['failed io', 'reopened', 'failed io', 'reopened']);
    expect(pauses.asked).toEqual([100, 100]);
  });

  test('a loop that was cut off says why', async () => {
    const { disk, store } = await setup();
    await store.kv.batch([put('a'), put('b')], SYNC);
    const loop = (async () => {
      for await (const [key] of store.kv.range({ gte: 'a', lte: 'b' })) {
        if (key !== 'a') continue;
        disk.failNextBatch({ applied: false, code: 'full' });
        await codeOf(store.kv.batch([put('c')], SYNC));
      }
    })();
    expect(await codeOf(loop)).toBe('full');
  });

  test('a caller with a bad key, or a damaged value, does not turn it red', async () => {
    const { disk, store } = await setup();
    await store.kv.batch([put('a')], SYNC);
    await expect(store.kv.batch([put('')], SYNC)).rejects.toThrow(TypeError);
    disk.corrupt('a');
    expect(await codeOf(store.kv.get('a'))).toBe('corrupt');
    expect(store.healthy()).toBe(true);
  });

  test.each(['pause', 'open'])('it can be closed while it waits to %s', async (when) => {
    const { disk, pauses, store, events, append } = await setup();
    disk.failNextBatch({ applied: false });
    await codeOf(append(0));
    await expect.poll(() => pauses.asked.length).toBe(1);
    if (when === 'open') {
      const release = disk.hold();
      const seen = disk.batches.length;
      await pauses.end(1);
      await expect.poll(() => disk.batches.length).toBe(seen + 1);
      const closed = store.close();
      release();
      await closed;
    }
    await store.close();
    expect(store.healthy()).toBe(false);
    expect(events).toEqual(['failed io']);
    expect(await codeOf(append(0))).toBe('closed');
    // Nothing holds the disk any more.
    const next = await disk.open();
    await next.close();
  });
});

describe('generation and format', () => {
  test('[STORE-5] a generation is made once, kept over restarts, and another one is kept too', async () => {
    const disk = new MemoryDisk();
    const seen: string[] = [];
    for (const renew of [false, true, false]) {
      const store = await Store.inMemory(disk);
      seen.push(store.generation);
      if (renew) {
        seen.push(await store.newGeneration());
        expect(store.generation).toBe(seen.at(-1));
      }
      disk.loseUnsynced();
      await store.close();
    }
    const [first, second, third, fourth] = seen;
    expect(first).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(fourth).toBe(third);
  });

  test('a generation that could not be kept is not taken', async () => {
    const { disk, store } = await setup();
    const before = store.generation;
    disk.failNextBatch({ applied: false });
    expect(await codeOf(store.newGeneration())).toBe('io');
    expect(store.generation).toBe(before);
  });

  test('[STORE-6] a newer format is refused with both numbers, and nothing is changed', async () => {
    const disk = new MemoryDisk();
    const kv = await disk.open();
    await kv.batch([put('meta/format', String(STORE_FORMAT + 1)), put('meta/generation', 'g'.repeat(22))], SYNC);
    await kv.close();
    const seen = disk.batches.length;
    const opening = Store.inMemory(disk);
    await expect(opening).rejects.toThrow(`format ${STORE_FORMAT + 1}, this one knows ${STORE_FORMAT}`);
    expect(await codeOf(opening)).toBe('format');
    expect(disk.batches).toHaveLength(seen);
  });

  test.each([
    ['meta/format', 'damaged'],
    ['other', 'x']
  ])('a store with nothing but %s is refused', async (key, value) => {
    const disk = new MemoryDisk();
    const kv = await disk.open();
    await kv.batch([put(key, value)], SYNC);
    await kv.close();
    expect(['corrupt', 'format']).toContain(await codeOf(Store.inMemory(disk)));
  });
});

describe('the data folder', () => {
  async function setup() {
    const parent = await mkdtemp(join(tmpdir(), 'roost-store-'));
    onTestFinished(() => rm(parent, { recursive: true, force: true }));
    return { parent, dataDir: join(parent, 'deep', 'data') };
  }

  test('is made with its parents, for its owner alone, and opens again with what it held', async () => {
    const { dataDir } = await setup();
    const first = await Store.open({ dataDir });
    await first.log.append({ room: ROOM_A, expected: 0, record: record('a0'), operations: [] });
    const { generation } = first;
    await first.close();
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect(await readdir(dataDir)).toEqual(['db']);
    const second = await Store.open({ dataDir });
    onTestFinished(() => second.close());
    expect(second.generation).toBe(generation);
    expect(await recordsOf(second.log, ROOM_A)).toEqual(['0:a0']);
  });

  test('keeps the mode that somebody gave it', async () => {
    const { parent } = await setup();
    await chmod(parent, 0o750);
    await (await Store.open({ dataDir: parent })).close();
    expect((await stat(parent)).mode & 0o777).toBe(0o750);
  });

  test('[STORE-7] in use by another Roost is one line that names it', async () => {
    const { dataDir } = await setup();
    const store = await Store.open({ dataDir });
    onTestFinished(() => store.close());
    const second = Store.open({ dataDir });
    await expect(second).rejects.toThrow(`another Roost is running on the data folder ${dataDir}`);
    expect(await codeOf(second)).toBe('locked');
    await store.kv.batch([put('a')], SYNC);
  });

  test('[STORE-7] that is a file, or below one, is one line that says so', async () => {
    const { parent } = await setup();
    const file = join(parent, 'file');
    await writeFile(file, '');
    for (const dataDir of [file, join(file, 'below')]) {
      const opening = Store.open({ dataDir });
      await expect(opening).rejects.toThrow(/^cannot use the data folder .*\/file.*: .*a file, not a folder$/);
      expect(await codeOf(opening)).toBe('io');
    }
  });

  test('[STORE-7] with a damaged database is one line that names it', async () => {
    const { dataDir } = await setup();
    await (await Store.open({ dataDir })).close();
    await writeFile(join(dataDir, 'db', 'CURRENT'), 'nonsense');
    const opening = Store.open({ dataDir });
    await expect(opening).rejects.toThrow(dataDir);
    expect(await codeOf(opening)).toBe('corrupt');
  });
});

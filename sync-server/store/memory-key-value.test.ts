import { describe, expect, test } from 'vitest';
import { codeOf, describeKeyValue } from './key-value-contract.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { Operation } from './key-value.ts';

const put = (key: string): Operation => ({ type: 'put', key, value: new TextEncoder().encode(key) });

describeKeyValue('the disk in memory', async () => {
  const disk = new MemoryDisk();
  return {
    open: () => disk.open(),
    corrupt: async (key) => disk.corrupt(key),
    holds: async (bytes) => disk.holds(bytes),
    dispose: async () => {}
  };
});

describe('faults of the disk in memory', () => {
  test.each([false, true])('a failed batch refuses all later ones until reopened; applied: %s', async (applied) => {
    const disk = new MemoryDisk();
    const kv = await disk.open();
    disk.failNextBatch({ applied, code: 'full' });
    expect(await codeOf(kv.batch([put('a')], { sync: true }))).toBe('full');
    expect(await codeOf(kv.batch([put('b')], { sync: true }))).toBe('full');
    await kv.close();
    const again = await disk.open();
    expect(await again.get('a')).toEqual(applied ? new TextEncoder().encode('a') : undefined);
    expect(await again.get('b')).toBeUndefined();
    await again.batch([put('b')], { sync: true });
    await again.close();
  });

  test('a power loss takes what was not synced, and a sync covers all before it', async () => {
    const disk = new MemoryDisk();
    const kv = await disk.open();
    await kv.batch([put('a')], { sync: false });
    await kv.batch([put('b')], { sync: true });
    await kv.batch([put('c')], { sync: false });
    disk.failNextBatch({ applied: true });
    await codeOf(kv.batch([put('d')], { sync: true }));
    disk.loseUnsynced();
    const found = await kv.getMany(['a', 'b', 'c', 'd']);
    expect(found.map((value) => value !== undefined)).toEqual([true, true, false, false]);
    await kv.close();
  });

  test('a held batch lands when it is released', async () => {
    const disk = new MemoryDisk();
    const kv = await disk.open();
    const release = disk.hold();
    const written = kv.batch([put('a')], { sync: true });
    expect(await kv.get('a')).toBeUndefined();
    release();
    await written;
    expect(await kv.get('a')).toBeDefined();
    await kv.close();
  });
});

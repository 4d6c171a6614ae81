import { expect, test } from 'vitest';
import { MemoryDisk } from '../store/memory-disk.ts';
import { ChangeSequence } from './change-sequence.ts';
import { changeKey } from './keys.ts';
import { encodeStored } from '../store/stored-json.ts';

test('[PAGE-10] a cursor stands only where all changes up to it are on disk, in whatever order their commits end', async () => {
  await using kv = disposable(await new MemoryDisk().open());
  const changes = await ChangeSequence.open(kv.value);
  expect(changes.cursor).toBe(0);
  const [one, two, three] = [changes.take(), changes.take(), changes.take()];
  expect(changes.cursor).toBe(0);
  changes.settle(two);
  expect(changes.cursor).toBe(0);
  changes.settle(one);
  expect(changes.cursor).toBe(2);
  changes.settle(three);
  expect(changes.cursor).toBe(3);
  // Never settled: its commit failed, and may be there after all.
  changes.take();
  changes.settle(changes.take());
  expect(changes.cursor).toBe(3);
});

test('a sequence goes on after the last change on disk', async () => {
  await using kv = disposable(await new MemoryDisk().open());
  const value = encodeStored({ room: 'r', page: 0, revision: 1 });
  await kv.value.batch(
    [9, 12, 100].map((seq) => ({ type: 'put', key: changeKey(seq), value })),
    { sync: true }
  );
  const changes = await ChangeSequence.open(kv.value);
  expect(changes.cursor).toBe(100);
  expect(changes.take()).toBe(101);
});

const disposable = <Value extends { close(): Promise<void> }>(value: Value) => ({
  value,
  [Symbol.asyncDispose]: () => value.close()
});

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { codeOf } from './key-value-contract.ts';
import type { KeyValue } from './key-value.ts';
import { KeyValueRoomLog } from './key-value-room-log.ts';
import { LevelKeyValue } from './level-key-value.ts';
import { MemoryDisk } from './memory-disk.ts';
import { describeRoomLog, record, recordsOf, ROOM_A, ROOM_B } from './room-log-contract.ts';
import type { OpenedLog } from './room-log-contract.ts';

/** Opens a log on what `open` gives, closing the one before. */
function reopening(open: () => Promise<KeyValue>) {
  let current: KeyValue | null = null;
  const close = async (): Promise<void> => {
    await current?.close();
    current = null;
  };
  const reopen = async (): Promise<OpenedLog> => {
    await close();
    current = await open();
    return { kv: current, log: new KeyValueRoomLog(current) };
  };
  return { close, reopen };
}

describeRoomLog('LevelDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roost-log-'));
  const { close, reopen } = reopening(() => LevelKeyValue.open(folder));
  return {
    reopen,
    failNextBatch: null,
    dispose: async () => {
      await close();
      await rm(folder, { recursive: true });
    }
  };
});

describeRoomLog('the disk in memory', async () => {
  const disk = new MemoryDisk();
  const { close, reopen } = reopening(() => disk.open());
  return { reopen, failNextBatch: (fault) => disk.failNextBatch(fault), dispose: close };
});

test('[LOG-4] commits that LevelDB skips when it recovers a damaged file are missed, not passed over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'roost-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { close, reopen } = reopening(() => LevelKeyValue.open(folder));
  onTestFinished(close);
  const { log } = await reopen();
  for (let i = 0; i < 80; i++) {
    await log.append({ room: ROOM_A, expected: i, record: new Uint8Array(1_500).fill(i), operations: [] });
  }
  await close();
  const file = join(
    folder,
    (await readdir(folder)).find((name) => name.endsWith('.log'))!
  );
  const bytes = await readFile(file);
  bytes[40_000]! ^= 0xff;
  await writeFile(file, bytes);
  const recovered = await reopen();
  expect(await recovered.log.position(ROOM_A)).toBe(80);
  expect(await codeOf(recordsOf(recovered.log, ROOM_A))).toBe('corrupt');
});

describe('group commit', () => {
  async function setup() {
    const disk = new MemoryDisk();
    const kv = await disk.open();
    onTestFinished(() => kv.close());
    const log = new KeyValueRoomLog(kv);
    const append = (room: string, expected: number, bytes = record(`${room[0]}${expected}`)): Promise<void> =>
      log.append({ room, expected, record: bytes, operations: [] });
    return { disk, kv, log, append };
  }
  /** Records in each batch that the disk saw. */
  const groups = (disk: MemoryDisk): number[] =>
    disk.batches.map(({ operations }) => operations.filter(({ key }) => key.startsWith('log/')).length);

  test('[LOG-6] what comes in while a batch is syncing goes into the next, as one, over all rooms', async () => {
    const { disk, append } = await setup();
    const release = disk.hold();
    const first = append(ROOM_A, 0);
    await expect.poll(() => disk.batches.length).toBe(1);
    const rest = [...Array.from({ length: 20 }, (_, i) => append(ROOM_A, i + 1)), append(ROOM_B, 0), append(ROOM_B, 1)];
    expect(disk.batches).toHaveLength(1);
    release();
    await Promise.all([first, ...rest]);
    expect(groups(disk)).toEqual([1, 22]);
    expect(disk.batches.every(({ sync }) => sync)).toBe(true);
  });

  test('[LOG-6] appends of one turn are one batch', async () => {
    const { disk, append } = await setup();
    await Promise.all([append(ROOM_A, 0), append(ROOM_B, 0), append(ROOM_A, 1)]);
    expect(groups(disk)).toEqual([3]);
  });

  test('no append resolves before its batch is synced', async () => {
    const { disk, log, append } = await setup();
    const release = disk.hold();
    const events: string[] = [];
    log.subscribe(ROOM_A, ({ position }) => void events.push(`told ${position}`));
    const both = [0, 1].map((n) => append(ROOM_A, n).then(() => events.push(`resolved ${n}`)));
    await expect.poll(() => disk.batches.length).toBe(1);
    expect(await log.position(ROOM_A)).toBe(0);
    expect(events).toEqual([]);
    release();
    await Promise.all(both);
    expect(events.filter((e) => e.startsWith('told'))).toEqual(['told 0', 'told 1']);
    expect(events).toHaveLength(4);
  });

  test('a group stays bounded: large commits are spread over several batches', async () => {
    const { disk, append } = await setup();
    const large = new Uint8Array(1.5 * 1024 * 1024);
    await Promise.all([0, 1, 2, 3, 4].map((n) => append(ROOM_A, n, large)));
    expect(groups(disk)).toEqual([2, 2, 1]);
    await append(ROOM_A, 5, new Uint8Array(5 * 1024 * 1024));
    expect(groups(disk)).toEqual([2, 2, 1, 1]);
  });

  test.each([false, true])(
    '[LOG-7] a failed batch rejects all in it and all that wait, and tells no subscriber; applied: %s',
    async (applied) => {
      const { disk, kv, log, append } = await setup();
      const told: number[] = [];
      log.subscribe(ROOM_A, ({ position }) => void told.push(position));
      await append(ROOM_A, 0);
      const release = disk.hold();
      disk.failNextBatch({ applied, code: 'full' });
      const grouped = [append(ROOM_A, 1), append(ROOM_B, 0)].map(codeOf);
      await expect.poll(() => disk.batches.length).toBe(2);
      const queued = [append(ROOM_A, 2), append(ROOM_B, 7), log.trim(ROOM_A, 1)].map(codeOf);
      release();
      expect(await Promise.all([...grouped, ...queued])).toEqual(['full', 'full', 'full', 'full', 'full']);
      expect(told).toEqual([0]);
      expect(disk.batches).toHaveLength(2);

      await kv.close();
      const reopened = new KeyValueRoomLog(await disk.open());
      expect(await reopened.position(ROOM_A)).toBe(applied ? 2 : 1);
      expect(await recordsOf(reopened, ROOM_A)).toEqual(applied ? ['0:A0', '1:A1'] : ['0:A0']);
      expect(await reopened.position(ROOM_B)).toBe(applied ? 1 : 0);
    }
  );

  test('heads that cannot be read reject the group, and the next append reads them again', async () => {
    const { disk, append } = await setup();
    await append(ROOM_A, 0);
    const { kv, disk: damaged } = await setup();
    await kv.batch([{ type: 'put', key: `log-head/${ROOM_A}`, value: new Uint8Array(16) }], { sync: true });
    damaged.corrupt(`log-head/${ROOM_A}`);
    const log = new KeyValueRoomLog(kv);
    const commit = { room: ROOM_A, expected: 0, record: record('x'), operations: [] };
    expect(await codeOf(log.append(commit))).toBe('corrupt');
    damaged.corrupt(`log-head/${ROOM_A}`);
    await log.append(commit);
    expect(disk.batches).toHaveLength(1);
  });

  test('the room is read from disk again after a failure, not from memory', async () => {
    const disk = new MemoryDisk();
    let engine = await disk.open();
    // Stays one object over reopenings, as the store's own does.
    const kv: KeyValue = {
      get: (key) => engine.get(key),
      getMany: (keys) => engine.getMany(keys),
      range: (options) => engine.range(options),
      batch: (operations, options) => engine.batch(operations, options),
      compactRange: (from, to) => engine.compactRange(from, to),
      approximateBytes: (from, to) => engine.approximateBytes(from, to),
      close: () => engine.close()
    };
    onTestFinished(() => kv.close());
    const log = new KeyValueRoomLog(kv);
    const append = (expected: number) => log.append({ room: ROOM_A, expected, record: record('x'), operations: [] });
    await append(0);
    disk.failNextBatch({ applied: true });
    expect(await codeOf(append(1))).toBe('io');
    await engine.close();
    engine = await disk.open();
    expect(await codeOf(append(1))).toBe('conflict');
    await append(2);
  });
});

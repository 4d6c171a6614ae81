import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { Acknowledged } from './acknowledged.ts';
import { WriterProcess } from './writer-process.ts';

// A limit on the size of files (util-linux prlimit) is what a full disk is to a process: the write fails, in the
// middle of a record where it happens to. Node ignores SIGXFSZ, so it gets EFBIG.

const testOnLinux = test.skipIf(process.platform !== 'linux');

async function setup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'roost-full-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return { dataDir, acknowledged: new Acknowledged() };
}

const limitFiles = (pid: number, bytes: number | 'unlimited') =>
  promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);

const count = (writer: WriterProcess, line: string): number => writer.said.filter((said) => said === line).length;

testOnLinux(
  '[STORE-9] a disk that fills up rejects appends as full, and all that was acknowledged is there after a restart',
  async () => {
    const { dataDir, acknowledged } = await setup();
    const writer = new WriterProcess({ dataDir, mark: 'full', fileSizeLimit: 300_000 });
    try {
      await writer.until(() => count(writer, 'rejected full') >= 8);
    } finally {
      await writer.kill();
    }
    expect(count(writer, 'failed full')).toBeGreaterThan(0);
    expect(writer.acks.length).toBeGreaterThan(0);
    acknowledged.add(writer.acks, 'full');
    expect(await acknowledged.faults(dataDir)).toEqual([]);

    const next = new WriterProcess({ dataDir, mark: 'after' });
    await next.until(() => next.acks.length >= 100).finally(() => next.kill());
    acknowledged.add(next.acks, 'after');
    expect(await acknowledged.faults(dataDir)).toEqual([]);
  }
);

testOnLinux(
  '[STORE-9] a disk that is full for a while: red as long as it is, then whole again without a restart',
  async () => {
    const { dataDir, acknowledged } = await setup();
    const writer = new WriterProcess({ dataDir, mark: 'spell' });
    try {
      for (let spell = 1; spell <= 3; spell++) {
        const acks = writer.acks.length;
        await writer.until(() => writer.acks.length >= acks + 200);
        await limitFiles(writer.pid, 0);
        await writer.until(() => count(writer, 'rejected full') >= 8 * spell);
        expect(count(writer, 'failed full')).toBe(spell);
        expect(count(writer, 'reopened')).toBe(spell - 1);
        await limitFiles(writer.pid, 'unlimited');
        await writer.until(() => count(writer, 'reopened') === spell);
      }
      const acks = writer.acks.length;
      await writer.until(() => writer.acks.length >= acks + 200);
    } finally {
      await writer.kill();
    }
    expect(writer.stderr).toBe('');
    acknowledged.add(writer.acks, 'spell');
    expect(await acknowledged.faults(dataDir)).toEqual([]);
  }
);

testOnLinux('a disk that is full from the start is one line, and no folder is damaged', async () => {
  const { dataDir, acknowledged } = await setup();
  const first = new WriterProcess({ dataDir, mark: 'first' });
  await first.until(() => first.acks.length >= 50).finally(() => first.kill());
  acknowledged.add(first.acks, 'first');
  const full = new WriterProcess({ dataDir, mark: 'none', fileSizeLimit: 0 });
  await full.ended();
  expect(full.said).toEqual([`cannot-open full cannot open the data folder ${dataDir}: the disk is full`]);
  expect(await acknowledged.faults(dataDir)).toEqual([]);
});

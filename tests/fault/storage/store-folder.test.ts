import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Acknowledged } from './acknowledged.ts';
import { WriterProcess } from './writer-process.ts';

async function setup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'roost-folder-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return { dataDir };
}

test('[STORE-7] a second process on a folder is turned away by name, and takes over when the first is gone', async () => {
  const { dataDir } = await setup();
  const acknowledged = new Acknowledged();
  const first = new WriterProcess({ dataDir, mark: 'first' });
  try {
    await first.until(() => first.acks.length >= 1);
    const second = new WriterProcess({ dataDir, mark: 'second' });
    await second.ended();
    expect(second.said).toHaveLength(1);
    expect(second.said[0]).toContain(`cannot-open locked another Roost is running on the data folder ${dataDir}`);
    const acks = first.acks.length;
    await first.until(() => first.acks.length > acks);
  } finally {
    await first.kill();
  }
  acknowledged.add(first.acks, 'first');
  const third = new WriterProcess({ dataDir, mark: 'third' });
  await third.until(() => third.acks.length >= 10).finally(() => third.kill());
  acknowledged.add(third.acks, 'third');
  expect(await acknowledged.faults(dataDir)).toEqual([]);
});

test('[STORE-7] a folder without permission to write is one line that names it', async () => {
  const { dataDir } = await setup();
  const folder = join(dataDir, 'closed');
  await mkdir(folder, { mode: 0o755 });
  await chmod(dataDir, 0o755);
  await chmod(folder, 0o555);
  // Permissions do not bind root, so the process runs as nobody then.
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  const writer = new WriterProcess({ dataDir: folder, mark: 'none', ...(uid === undefined ? {} : { uid }) });
  await writer.ended();
  expect(writer.stderr).toBe('');
  expect(writer.said).toEqual([`cannot-open read-only cannot use the data folder ${folder}: permission denied`]);
});

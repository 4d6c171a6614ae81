import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Acknowledged } from './acknowledged.ts';
import { LossyFolder } from './power-loss.ts';
import { chooseSeed, randomFrom } from './seed.ts';
import { WriterProcess } from './writer-process.ts';

const SOAK = process.env['ROOST_SOAK'] === '1';
const ROUNDS = SOAK ? 200 : 10;
/** Acks until the power goes, at most. In a soak enough to fill tables and have them compacted. */
const ACKS_MAX = SOAK ? 8_000 : 2_500;
/** Lives of one folder; then a fresh one, since each look at a folder reads all of it. */
const LIVES = 10;

async function setup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'roost-loss-'));
  const lossy = await LossyFolder.watch(dataDir);
  onTestFinished(async () => {
    await lossy.dispose();
    await rm(dataDir, { recursive: true, force: true });
  });
  return { dataDir, lossy };
}

/** One life of a writer that ends in a power loss after `acks` acknowledgements. */
async function lifeOf(
  { dataDir, lossy }: Awaited<ReturnType<typeof setup>>,
  life: { mark: string; acks: number; sync: boolean; keep: (unsynced: number) => number },
  acknowledged: Acknowledged
) {
  // Looking at the folder wrote to it too, under no watch.
  await lossy.takeAsSynced();
  const writer = new WriterProcess({ dataDir, mark: life.mark, sync: life.sync, env: lossy.env });
  try {
    await writer.until(() => writer.acks.length >= life.acks);
  } finally {
    await writer.kill();
  }
  acknowledged.add(writer.acks, life.mark);
  return lossy.losePower(life.keep);
}

/** Preloaded libraries and /proc are Linux's. */
const describeOnLinux = describe.skipIf(process.platform !== 'linux');

describeOnLinux('power loss', () => {
  test(`[STORE-8] nothing that was acknowledged is lost, ${ROUNDS} times`, async () => {
    const seed = chooseSeed();
    console.log(`seed ${seed} (repeat with ROOST_SEED)`);
    const random = randomFrom(seed);
    let records = 0;
    for (let round = 0; round < ROUNDS;) {
      const place = await setup();
      const acknowledged = new Acknowledged();
      for (let n = 0; n < LIVES && round < ROUNDS; n++, round++) {
        // All that was not synced goes, or a torn piece of it stays.
        const keep = random(2) === 0 ? () => 0 : random;
        await lifeOf(place, { mark: `r${round}`, acks: 1 + random(ACKS_MAX), sync: true, keep }, acknowledged);
        expect(await acknowledged.faults(place.dataDir), `seed ${seed}, round ${round}`).toEqual([]);
      }
      records += acknowledged.size;
    }
    console.log(`power loss: ${ROUNDS} times, ${records} acknowledged records, 0 lost`);
  });

  test('[STORE-8] without sync the same run loses acknowledged records, so it can fail', async () => {
    const place = await setup();
    const acknowledged = new Acknowledged();
    const life = { mark: 'unsynced', acks: 500, sync: false, keep: () => 0 };
    const { lostBytes, cutFiles } = await lifeOf(place, life, acknowledged);
    expect(cutFiles.some((path) => path.endsWith('.log'))).toBe(true);
    const lost = (await acknowledged.faults(place.dataDir)).filter((fault) => fault.endsWith('is lost'));
    console.log(
      `power loss without sync: ${lost.length} of ${acknowledged.size} acknowledged records lost, ${lostBytes} bytes`
    );
    expect(lost.length).toBeGreaterThan(0);
  });

  test('a killed process alone loses nothing even without sync, so kills prove nothing about it', async () => {
    const { dataDir } = await setup();
    const writer = new WriterProcess({ dataDir, mark: 'killed', sync: false });
    await writer.until(() => writer.acks.length >= 500).finally(() => writer.kill());
    const acknowledged = new Acknowledged();
    acknowledged.add(writer.acks, 'killed');
    expect(await acknowledged.faults(dataDir)).toEqual([]);
  });
});

describeOnLinux('a sync that fails', () => {
  test('[STORE-9] turns the store red, acknowledges nothing, and after recovery and a power loss all is there', async () => {
    const { dataDir, lossy } = await setup();
    const acknowledged = new Acknowledged();
    const writer = new WriterProcess({ dataDir, mark: 'failing', env: lossy.env });
    try {
      await writer.until(() => writer.acks.length >= 100);
      await lossy.failSyncs(true);
      await writer.until(() => writer.said.filter((line) => line.startsWith('rejected')).length >= 8);
      expect(writer.said).toContain('failed io');
      expect(writer.said).not.toContain('reopened');
      const acks = writer.acks.length;
      await lossy.failSyncs(false);
      await writer.until(() => writer.said.includes('reopened') && writer.acks.length >= acks + 100);
      // Not one between the failure and the reopening: all eight writers were rejected before they went on.
      const failedAt = writer.said.indexOf('failed io');
      expect(writer.said.slice(failedAt, failedAt + 10)).toEqual([
        'failed io',
        ...Array.from({ length: 8 }, () => 'rejected io'),
        'reopened'
      ]);
    } finally {
      await writer.kill();
    }
    acknowledged.add(writer.acks, 'failing');
    await lossy.losePower();
    expect(await acknowledged.faults(dataDir)).toEqual([]);
  });
});

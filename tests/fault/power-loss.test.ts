import { expect, test } from 'vitest';
import { makeAccount } from '../process/account.ts';
import { Bot } from '../process/bot.ts';
import { readHistory } from '../process/room-history.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { seededRandom } from '../seeded-random.ts';
import { pace } from './load.ts';
import { LossyFolder } from './storage/power-loss.ts';

const ROUNDS = process.env['ROOST_SOAK'] === '1' ? 1_000 : 100;
const MESSAGES_PER_SECOND = 500;
const BOTS = 3;
// A server starts in half a second, and on a machine that has five times as much to do in its time.
const TIMEOUT_MS = ROUNDS * 12_000;

test(
  `[FAULT-2] the power fails ${ROUNDS} times under load: nothing that had an arrival is lost`,
  async () => {
    const torn = (random: () => number, unsynced: number) => Math.floor(random() * random() * unsynced);
    const { told, kept } = await pullThePlug('sync-server/main.ts', ROUNDS, torn);
    console.log(`${told.length} arrivals told`);
    expect(told.length).toBeGreaterThan(ROUNDS);
    expect(new Set(kept).size).toBe(kept.length);
    const present = new Set(kept);
    expect(told.filter((id) => !present.has(id))).toEqual([]);
  },
  TIMEOUT_MS
);

test('[FAULT-3] the same with sync off loses some, which proves the test', async () => {
  // All that was not synced: of a torn piece as much may stay as some client was told of.
  const { told, kept } = await pullThePlug('tests/fault/storage/unsynced-main.ts', 1, () => 0);
  const present = new Set(kept);
  const lost = told.filter((id) => !present.has(id));
  console.log(`${lost.length} of ${told.length} lost without sync`);
  expect(lost.length).toBeGreaterThan(0);
});

/**
 * @param keep how much of what was not synced stays
 * @returns ids that some client was told an arrival of, and ids that the server still has at the end
 */
async function pullThePlug(
  main: string,
  rounds: number,
  keep: (random: () => number, unsynced: number) => number
): Promise<{ told: string[]; kept: string[] }> {
  const seed = Number(process.env['ROOST_SEED'] ?? Date.now() % 1e9);
  console.log(`seed ${seed} (repeat with ROOST_SEED)`);
  const random = seededRandom(seed);
  await using first = await RoostProcess.start();
  const { user, token, room } = await makeAccount(first);
  await first.kill('SIGTERM');
  const lossy = await LossyFolder.watch(first.dataDir);
  try {
    const told: string[] = [];
    for (let round = 0; round < rounds; round++) {
      await using roost = await RoostProcess.start({ dataDir: first.dataDir, main, env: lossy.env });
      const head = await headOf(roost, token, room);
      const url = () => roost.url.replace('http', 'ws');
      const bots = Array.from({ length: BOTS }, () => new Bot({ url, token, user, room, page: head }));
      using load = pace(MESSAGES_PER_SECOND, (index) => bots[index % BOTS]!.say(`round ${round} message ${index}`));
      const target = 20 + Math.floor(random() * 150);
      await bots[0]!.until(() => bots[0]!.seen.length >= target);
      await roost.kill('SIGKILL');
      load.stop();
      for (const bot of bots) {
        told.push(...bot.seen.map(({ id }) => id));
        // Gone for good: a client that came back would offer what was lost, and hide it.
        bot.stop();
      }
      await lossy.losePower((unsynced) => keep(random, unsynced));
    }
    await using after = await RoostProcess.start({ dataDir: first.dataDir });
    const kept = (await readHistory(after.url, { token, user, room })).map(({ id }) => id);
    return { told, kept };
  } finally {
    await lossy.dispose();
  }
}

async function headOf(roost: RoostProcess, token: string, room: string): Promise<number> {
  const response = await fetch(`${roost.url}/api/rooms/${room}`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  return ((await response.json()) as { head: number }).head;
}

import { expect, test } from 'vitest';
import { Bot } from '../process/bot.ts';
import { readHistory } from '../process/room-history.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { seededRandom } from '../seeded-random.ts';
import { makeAccount } from '../process/account.ts';
import { assertSameOrder, pace } from './load.ts';

const KILLS = process.env['ROOST_SOAK'] === '1' ? 1_000 : 100;
const MESSAGES_PER_SECOND = 500;
const BOTS = 5;
// A server starts in half a second, and on a machine that has five times as much to do in its time.
const TIMEOUT_MS = KILLS * 12_000;

test(
  `[FAULT-1] SIGKILL ${KILLS} times under ${MESSAGES_PER_SECOND} messages a second: nothing with an arrival is lost, doubled or moved`,
  async () => {
    const seed = Number(process.env['ROOST_SEED'] ?? Date.now() % 1e9);
    console.log(`seed ${seed} (repeat with ROOST_SEED)`);
    const random = seededRandom(seed);
    await using roost = await RoostProcess.start();
    const { user, token, room } = await makeAccount(roost);

    const bots = Array.from(
      { length: BOTS },
      () => new Bot({ url: () => `ws://localhost:${roost.port}`, token, user, room })
    );
    const waiting = (): number => bots.reduce((sum, { pending }) => sum + pending.size, 0);
    using load = pace(MESSAGES_PER_SECOND, (index) => bots[index % BOTS]!.say(`message ${index}`), waiting);
    for (let kill = 0; kill < KILLS; kill++) {
      // Let it work for a while first: until some bot has seen a random number of further arrivals.
      const bot = bots[kill % BOTS]!;
      const target = bot.seen.length + 1 + Math.floor(random() * 150);
      await bot.until(() => bot.seen.length >= target);
      await roost.kill('SIGKILL');
      await roost.start();
    }
    load.stop();
    for (const bot of bots) await bot.until(() => bot.pending.size === 0);

    const history = await readHistory(roost.url, { token, user, room });
    const ids = history.map(({ id }) => id);
    expect(new Set(ids).size, 'an entry stands twice').toBe(ids.length);
    const present = new Set(ids);
    const sent = load.sent();
    console.log(`${sent.length} sent, ${ids.length} entries kept over ${KILLS} kills`);
    expect(sent.length).toBeGreaterThan(KILLS);
    expect(sent.filter((id) => !present.has(id))).toEqual([]);
    for (const bot of bots) {
      expect(bot.seen.filter(({ id }) => !present.has(id))).toEqual([]);
      assertSameOrder(bot.seen, ids);
      bot.stop();
    }

    await roost.restart('SIGTERM');
    expect(await readHistory(roost.url, { token, user, room })).toEqual(history);
  },
  TIMEOUT_MS
);

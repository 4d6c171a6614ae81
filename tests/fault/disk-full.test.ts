import { expect, test } from 'vitest';
import { Bot } from '../process/bot.ts';
import { readHistory } from '../process/room-history.ts';
import { freePort, RoostProcess } from '../process/roost-process.ts';
import { makeAccount } from '../process/account.ts';

// A limit on the size of any one file the process writes makes LevelDB's log run full.
const LIMIT_KIB = 512;

test('[FAULT-4] disk full: no arrival for what is not on disk, health is red, and after recovery all that arrived is there', async () => {
  await using base = await RoostProcess.start();
  const { user, token, room } = await makeAccount(base);
  await base.kill('SIGTERM');

  await using limited = await RoostProcess.prepare({
    dataDir: base.dataDir,
    port: await freePort(),
    // SIGXFSZ ignored: the write fails with EFBIG as a full disk's does with ENOSPC.
    wrapper: ['bash', '-c', `trap '' XFSZ; ulimit -f ${LIMIT_KIB}; exec "$@"`, 'bash']
  });
  await limited.start();
  let origin = limited.url;
  using bot = new Bot({ url: () => origin.replace('http', 'ws'), token, user, room });
  await bot.until(() => bot.synced);
  const sent: string[] = [];
  const big = 'word '.repeat(2_000);
  const watch = new AbortController();
  const red = untilRed(origin, watch.signal);
  let outcome: 'arrived' | 'red' = 'arrived';
  while (outcome === 'arrived') {
    const id = bot.say(`${sent.length} ${big}`);
    sent.push(id);
    outcome = await Promise.race([bot.until(() => !bot.pending.has(id)).then(() => 'arrived' as const), red]);
    expect(sent.length, 'the limit was never hit').toBeLessThan(5_000);
  }
  watch.abort();
  const arrivedBefore = bot.seen.map(({ id }) => id);
  expect(arrivedBefore.length).toBeGreaterThan(0);
  expect(bot.pending.size, 'the client keeps what has no arrival').toBeGreaterThan(0);
  await limited.kill('SIGKILL');

  await using recovered = await RoostProcess.start({ dataDir: base.dataDir });
  origin = recovered.url;
  sent.push(bot.say('after the disk was cleared'));
  await bot.until(() => bot.pending.size === 0);
  expect((await fetch(`${recovered.url}/healthz`)).status).toBe(200);
  const check = async () => {
    const history = (await readHistory(recovered.url, { token, user, room })).map(({ id }) => id);
    expect(new Set(history).size).toBe(history.length);
    expect([...arrivedBefore, ...sent].filter((id) => !history.includes(id))).toEqual([]);
  };
  await check();
  await recovered.restart();
  await check();
});

async function untilRed(origin: string, signal: AbortSignal): Promise<'red'> {
  while (!signal.aborted) {
    const { status } = await fetch(`${origin}/healthz`, { signal });
    if (status === 503) break;
  }
  return 'red';
}

import { expect, test } from 'vitest';
import { makeAccount } from '../process/account.ts';
import { Bot } from '../process/bot.ts';
import { readHistory } from '../process/room-history.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { LossyFolder } from './storage/power-loss.ts';

test('[FAULT-5] a failing sync: no arrival, health is red, clients keep their messages; once it works they arrive and stay', async () => {
  await using first = await RoostProcess.start();
  const { user, token, room } = await makeAccount(first);
  await first.kill('SIGTERM');
  const lossy = await LossyFolder.watch(first.dataDir);
  await using _lossy = { [Symbol.asyncDispose]: () => lossy.dispose() };
  await using roost = await RoostProcess.start({ dataDir: first.dataDir, env: lossy.env });
  using bot = new Bot({ url: () => roost.url.replace('http', 'ws'), token, user, room });
  const before = bot.say('before');
  await bot.until(() => bot.pending.size === 0);

  await lossy.failSyncs(true);
  const during = [bot.say('first of the dark time'), bot.say('second of the dark time')];
  await expect.poll(() => health(roost), { timeout: 20_000 }).toBe(503);
  expect([...bot.pending.keys()]).toEqual(during);

  await lossy.failSyncs(false);
  await expect.poll(() => health(roost), { timeout: 20_000 }).toBe(200);
  await bot.until(() => bot.pending.size === 0);
  const after = bot.say('after');
  await bot.until(() => bot.pending.size === 0);

  // And the power fails: what was told to have arrived is there all the same.
  await roost.kill('SIGKILL');
  await lossy.losePower();
  await using again = await RoostProcess.start({ dataDir: first.dataDir });
  const kept = (await readHistory(again.url, { token, user, room })).map(({ id }) => id);
  expect(kept.filter((id) => [before, ...during, after].includes(id))).toEqual([before, ...during, after]);
});

const health = async (roost: RoostProcess): Promise<number> => (await fetch(`${roost.url}/healthz`)).status;

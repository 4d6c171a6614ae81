import { cp, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import { Bot } from '../process/bot.ts';
import { readHistory } from '../process/room-history.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { makeAccount } from '../process/account.ts';

test('[FAULT-6] an older copy of the data folder under a live stock client: it is told to discard its copy, and a fresh one offers its entries again', async () => {
  await using roost = await RoostProcess.start();
  const { user, token, room } = await makeAccount(roost);
  const options = { url: () => `ws://localhost:${roost.port}`, token, user, room };
  using bot = new Bot(options);
  const early = bot.say('before the backup');
  await bot.until(() => bot.pending.size === 0);
  const generationBefore = await generation(roost, token);

  await roost.kill('SIGTERM');
  const backup = `${roost.dataDir}-backup`;
  await cp(roost.dataDir, backup, { recursive: true });
  await roost.start();
  const late = bot.say('after the backup');
  await bot.until(() => bot.pending.size === 0);

  await roost.kill('SIGKILL');
  await rm(roost.dataDir, { recursive: true });
  await cp(backup, roost.dataDir, { recursive: true });
  await rm(backup, { recursive: true });
  await roost.start();
  await bot.until(() => bot.lastClose === CLOSE.discardCopy);
  await expect.poll(() => generation(roost, token)).not.toBe(generationBefore);

  using rebuilt = new Bot(options);
  rebuilt.append({ id: late, type: 'message', author: user, sentAt: Date.now(), body: 'after the backup' });
  await rebuilt.until(() => rebuilt.pending.size === 0);
  using other = new Bot(options);
  await other.until(() => other.seen.some(({ id }) => id === late));
  const history = (await readHistory(roost.url, { token, user, room })).map(({ id }) => id);
  expect(history.filter((id) => id === early || id === late)).toEqual([early, late]);
});

async function generation(roost: RoostProcess, token: string): Promise<string> {
  const response = await fetch(`${roost.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as { generation: string }).generation;
}

import { cp, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { CLOSE } from '#protocol/close-codes.ts';
import type { Entry } from '#protocol/entry.ts';
import { newEntryId } from '#protocol/ids.ts';
import { Bot } from '../process/bot.ts';
import { readHistory } from '../process/room-history.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { makeAccount } from '../process/account.ts';
import { attachmentOf, FileClient, hashOf, someBytes } from '../sync/file-client.ts';

test('[FAULT-6] an older copy of the data folder under a live stock client: it is told to discard its copy, and a fresh one offers its entries again, files and all', async () => {
  await using roost = await RoostProcess.start();
  const { user, token, room } = await makeAccount(roost);
  const options = { url: () => `ws://localhost:${roost.port}`, token, user, room };
  using bot = new Bot(options);
  const client = new FileClient(roost.url, { token });
  const [kept, lost] = [someBytes(), someBytes()];
  await client.upload(kept);
  const early = bot.append({ ...messageOf(user), attachments: [attachmentOf(kept)] });
  await bot.until(() => bot.pending.size === 0);
  const generationBefore = await generation(roost, token);

  await roost.kill('SIGTERM');
  const backup = `${roost.dataDir}-backup`;
  await cp(roost.dataDir, backup, { recursive: true });
  await roost.start();
  await client.upload(lost);
  const late = bot.append({ ...messageOf(user), attachments: [attachmentOf(lost)] });
  await bot.until(() => bot.pending.size === 0);

  await roost.kill('SIGKILL');
  await rm(roost.dataDir, { recursive: true });
  await cp(backup, roost.dataDir, { recursive: true });
  await rm(backup, { recursive: true });
  await roost.start();
  await bot.until(() => bot.lastClose === CLOSE.discardCopy);
  await expect.poll(() => generation(roost, token)).not.toBe(generationBefore);

  expect((await client.get(room, hashOf(kept))).bytes).toEqual(kept);
  using rebuilt = new Bot(options);
  await client.upload(lost);
  rebuilt.append({ ...messageOf(user), id: late, attachments: [attachmentOf(lost)] });
  await rebuilt.until(() => rebuilt.pending.size === 0);
  using other = new Bot(options);
  await other.until(() => other.seen.some(({ id }) => id === late));
  const history = (await readHistory(roost.url, { token, user, room })).map(({ id }) => id);
  expect(history.filter((id) => id === early || id === late)).toEqual([early, late]);
  expect((await client.get(room, hashOf(lost))).bytes).toEqual(lost);
});

const messageOf = (author: string): Entry => ({
  ...{ id: newEntryId(Date.now()), type: 'message', author, sentAt: Date.now(), body: '' }
});

async function generation(roost: RoostProcess, token: string): Promise<string> {
  const response = await fetch(`${roost.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as { generation: string }).generation;
}

// A large file on its way up while the server is killed again and again.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { newEntryId } from '#protocol/ids.ts';
import { Bot } from '../process/bot.ts';
import { makeAccount } from '../process/account.ts';
import { memoryKib } from '../process/process-memory.ts';
import { RoostProcess } from '../process/roost-process.ts';
import { attachmentOf, FileClient, hashOf, someBytes } from '../sync/file-client.ts';

const MB = 1_000_000;
const BYTES = (process.env['ROOST_SOAK'] === '1' ? 200 : 40) * MB;
const PIECE_BYTES = 256 * 1024;
const KILLS = 3;
/** What the server may take beyond what it takes at rest: V8 collects buffers of the line once there are 64 MB of them. */
const FLAT_MB = Math.min(100, (0.9 * BYTES) / MB);

test(`[FILE-27] ${BYTES / MB} MB arrive as they were over ${KILLS} SIGKILLs, and take no memory`, async () => {
  await using roost = await RoostProcess.start();
  const { token, user, room } = await makeAccount(roost);
  const client = new FileClient(roost.url, { token });
  const bytes = someBytes(BYTES);
  const hash = hashOf(bytes);
  const address = await client.begin(bytes);
  const restKib = memoryKib(roost.pid);
  let peakKib = restKib;
  const killAt = Array.from({ length: KILLS }, (_, at) => Math.floor((BYTES * (at + 1)) / (KILLS + 1)));
  let offset = 0;
  for (const limit of [...killAt, BYTES]) {
    const isLast = limit === BYTES;
    const { promise: killed, resolve } = Promise.withResolvers<void>();
    let sent = offset;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        peakKib = Math.max(peakKib, memoryKib(roost.pid));
        if (sent < limit) {
          const piece = bytes.subarray(sent, Math.min(sent + PIECE_BYTES, limit));
          sent += piece.length;
          return controller.enqueue(piece);
        }
        if (isLast) return controller.close();
        // In the middle of the request, with bytes still on their way.
        await roost.kill('SIGKILL');
        resolve();
        await new Promise(() => undefined);
      }
    });
    const answer = client.patch(address, offset, body).catch(() => null);
    if (isLast) {
      expect((await answer)?.status).toBe(204);
      break;
    }
    await killed;
    await answer;
    await roost.start();
    const there = await client.offset(address);
    expect(there, 'what had come before is still there').toBeGreaterThanOrEqual(offset);
    expect(there).toBeLessThanOrEqual(limit);
    offset = there!;
  }
  peakKib = Math.max(peakKib, memoryKib(roost.pid));
  console.log(`at rest ${Math.round(restKib / 1024)} MB, at most ${Math.round(peakKib / 1024)} MB`);
  expect((peakKib - restKib) / 1024).toBeLessThan(FLAT_MB);

  using bot = new Bot({ url: () => roost.url.replace('http', 'ws'), token, user, room });
  await bot.until(() => bot.synced);
  const entry = { id: newEntryId(Date.now()), type: 'message', author: user, sentAt: Date.now(), body: '' };
  bot.append({ ...entry, attachments: [attachmentOf(bytes)] });
  await bot.until(() => bot.seen.some(({ id }) => id === entry.id));
  const arrived = await client.get(room, hash);
  expect(hashOf(arrived.bytes)).toBe(hash);
  expect(await readdir(path.join(roost.dataDir, 'uploads'))).toEqual([]);
});

// Sends through the durable path: from `push` in a client's document to the arrival synced to the server's disk.

import { Bot } from '../process/bot.ts';
import type { Account } from '../process/account.ts';
import type { RoostProcess } from '../process/roost-process.ts';
import { median, type Figure } from './figure.ts';

/** @param inFlight messages without arrival at any time */
export async function measureSends(
  roost: RoostProcess,
  account: Account,
  inFlight: number,
  messages: number
): Promise<Figure[]> {
  using bot = new Bot({ url: () => roost.url.replace('http', 'ws'), ...account });
  await bot.until(() => bot.synced);
  const sentAt = new Map<string, number>();
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  let sent = 0;
  while (latenciesMs.length < messages) {
    while (sentAt.size < inFlight && sent < messages) sentAt.set(bot.say(`bench ${sent++}`), performance.now());
    await bot.until(() => bot.pending.size < sentAt.size);
    for (const [id, at] of sentAt) {
      if (bot.pending.has(id)) continue;
      sentAt.delete(id);
      latenciesMs.push(performance.now() - at);
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return [
    { name: `sends, ${inFlight} in flight`, value: messages / seconds, unit: 'per second' },
    { name: `send to arrival, ${inFlight} in flight, median`, value: median(latenciesMs), unit: 'ms' }
  ];
}

// Fan-out: one sender, many receivers of one page; deliveries per second and the server's CPU per 1,000 of them,
// for Roost and for the plain relay in the same run.

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Bot } from '../process/bot.ts';
import type { Account } from '../process/account.ts';
import type { Figure } from './figure.ts';
import { cpuMs } from './process-cpu.ts';

export interface FanOutTarget {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly account: Account;
}

/** Messages are counted by the arrivals or updates that reach each receiver, so that coalesced frames count in full. */
export async function measureFanOut(
  target: FanOutTarget,
  receivers: number,
  perSecond: number,
  messages: number
): Promise<Figure[]> {
  const ws = target.url.replace('http', 'ws');
  const bytes = { received: 0, frames: 0 };
  const sockets = await Promise.all(
    Array.from({ length: receivers }, async () => {
      const socket = new WebSocket(`${ws}/sync/${target.account.room}/0`, [`roost.token.${target.account.token}`]);
      await once(socket, 'open');
      return socket;
    })
  );
  using sender = new Bot({ url: () => ws, ...target.account });
  await sender.until(() => sender.synced);
  const body = 'm'.repeat(80);
  let lastFrameAt = performance.now();
  for (const socket of sockets)
    socket.on('message', (data: Buffer) => {
      lastFrameAt = performance.now();
      bytes.frames += 1;
      bytes.received += data.length;
    });
  const cpuBefore = cpuMs(target.pid);
  const startedAt = performance.now();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(messages, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
      while (sent < due) sender.say(`${sent++} ${body}`);
      if (sent === messages) {
        clearInterval(timer);
        resolve();
      }
    }, 2);
  });
  // Each message is at least as many bytes as its body at each receiver: wait for all of them.
  const expectedBytes = messages * receivers * body.length;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (bytes.received < expectedBytes && performance.now() - lastFrameAt < 5_000) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });
  if (bytes.received < expectedBytes)
    throw new Error(`${target.name}: only ${bytes.received} of ${expectedBytes} bytes came`);
  const seconds = (lastFrameAt - startedAt) / 1_000;
  const deliveries = messages * receivers;
  for (const socket of sockets) socket.terminate();
  const label = `${target.name}, ${receivers} receivers at ${perSecond}/s`;
  return [
    { name: `deliveries, ${label}`, value: deliveries / seconds, unit: 'per second', note: `${bytes.frames} frames` },
    {
      name: `server CPU per 1,000 deliveries, ${label}`,
      value: ((cpuMs(target.pid) - cpuBefore) / deliveries) * 1_000,
      unit: 'ms'
    }
  ];
}

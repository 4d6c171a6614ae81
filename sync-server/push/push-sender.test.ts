import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import webPush from 'web-push';
import { expect, onTestFinished, test } from 'vitest';
import { PushSender } from './push-sender.ts';
import { BrowserKeys } from './testing/browser-keys.ts';

const PUSH = { payload: 'x', topic: 'x', urgency: 'normal' } as const;

/** @param answer what a push service on this machine writes to the line of each push */
async function setup(answer: string) {
  const service = createServer(({ socket }) => {
    if (answer !== '') socket.write(answer);
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const origin = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const sender = new PushSender({
    ...{ vapid: webPush.generateVAPIDKeys(), subject: 'mailto:host@chat.example.org', ownServices: [origin] }
  });
  onTestFinished(() => {
    sender.close();
    service.closeAllConnections();
    service.close();
  });
  const send = (signal?: AbortSignal) =>
    sender.send({ endpoint: `${origin}/ann`, ...new BrowserKeys().keys }, PUSH, signal);
  return { service, send };
}

test('[PUSH-8] a service that turns to another protocol is one that did not answer, and is not waited for', async () => {
  const { send } = await setup('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
  expect(await send()).toEqual({ kind: 'later', afterMs: null });
});

test('[PUSH-6] a push on its way to a silent service ends when it is told to, at whatever point', async () => {
  const { service, send } = await setup('');
  const stop = new AbortController();
  const [sent] = [send(stop.signal), await once(service, 'request')];
  stop.abort();
  expect(await sent).toEqual({ kind: 'later', afterMs: null });
  expect(await send(stop.signal)).toEqual({ kind: 'later', afterMs: null });
});

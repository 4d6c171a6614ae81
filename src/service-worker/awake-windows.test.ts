import { expect, onTestFinished, test } from 'vitest';
import { answerWorker, AWAKE } from '../lib/pwa/awake.ts';
import { AwakeWindows } from './awake-windows.ts';

const QUICK_MS = 20;

/** A window that has what it is sent wait while it is frozen. */
function fakeWindow(id: string) {
  const container = new EventTarget() as ServiceWorkerContainer;
  const waiting: MessageEvent[] = [];
  let isFrozen = false;
  container.startMessages = () => undefined;
  answerWorker(container);
  const deliver = (event: MessageEvent): unknown => (isFrozen ? waiting.push(event) : container.dispatchEvent(event));
  return {
    freeze: () => void (isFrozen = true),
    thaw: () => {
      isFrozen = false;
      for (const event of waiting.splice(0)) container.dispatchEvent(event);
    },
    waiting,
    client: {
      id,
      postMessage: (data: unknown, ports: MessagePort[]) => {
        for (const port of ports) onTestFinished(() => port.close());
        deliver(new MessageEvent('message', { data, ports }));
      }
    } as unknown as WindowClient
  };
}

const clientsOf = (windows: readonly { readonly client: WindowClient }[]) =>
  ({ matchAll: async () => windows.map(({ client }) => client) }) as unknown as Clients;

test('[AWAY-3] a window that answers sends by itself; without one the worker does', async () => {
  const windows = [fakeWindow('a')];
  expect(await new AwakeWindows(clientsOf(windows), QUICK_MS).isAny()).toBe(true);
  windows.length = 0;
  expect(await new AwakeWindows(clientsOf(windows), QUICK_MS).isAny()).toBe(false);
});

test('[AWAY-3] one that is frozen counts as closed, is asked once, and counts again as soon as it answers', async () => {
  const [frozen, other] = [fakeWindow('a'), fakeWindow('b')];
  frozen.freeze();
  const windows = [frozen];
  const open = new AwakeWindows(clientsOf(windows), QUICK_MS);
  expect(await open.isAny()).toBe(false);
  expect(await open.isAny()).toBe(false);
  expect(frozen.waiting).toMatchObject([{ data: AWAKE }]);
  frozen.thaw();
  await expect.poll(() => open.isAny()).toBe(true);

  frozen.freeze();
  windows.push(other);
  expect(await new AwakeWindows(clientsOf(windows), QUICK_MS).isAny()).toBe(true);
});

test('[AWAY-4] nothing is marked, or asked of the server, beside a window that is awake', async () => {
  const windows: ReturnType<typeof fakeWindow>[] = [];
  const done: string[] = [];
  const work = (what: string) => async () => void done.push(what);
  const open = new AwakeWindows(clientsOf(windows), QUICK_MS);
  await open.whileNone(work('alone'));
  windows.push(fakeWindow('a'));
  await expect(open.whileNone(work('beside it'))).rejects.toThrow();
  expect(done).toEqual(['alone']);
});

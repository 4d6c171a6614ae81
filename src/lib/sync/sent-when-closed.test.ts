import { expect, test } from 'vitest';
import type { PendingEntry, PendingState } from './outbox.ts';
import { SentWhenClosed } from './sent-when-closed.ts';

type Listener = (room: string) => void;

/** An outbox with one entry or none, and what the browser is asked for. */
function setup({ refuses = false, hasSync = true } = {}) {
  const asked: string[] = [];
  let state: PendingState | null = null;
  const [changed, hidden, woken] = [new Set<Listener>(), new Set<Listener>(), new Set<Listener>()];
  const reloaded: string[] = [];
  const listenTo = (set: Set<Listener>) => (listener: Listener) => {
    set.add(listener);
    return () => void set.delete(listener);
  };
  const register = async (tag: string): Promise<void> => {
    asked.push(tag);
    if (refuses) throw new DOMException('denied', 'NotAllowedError');
  };
  const getRegistration = async () => (hasSync ? { sync: { register } } : {});
  const sent = new SentWhenClosed(
    {
      rooms: () => (state === null ? [] : ['room']),
      of: () => (state === null ? [] : [{ state } as PendingEntry]),
      listen: listenTo(changed),
      reload: async (room) => void reloaded.push(room)
    },
    {
      serviceWorker: { getRegistration } as unknown as ServiceWorkerContainer,
      onHide: listenTo(hidden),
      onWake: listenTo(woken)
    }
  );
  const tell = (set: Set<Listener>) => async (): Promise<void> => {
    for (const listener of set) listener('room');
    await Promise.resolve();
    await Promise.resolve();
  };
  const put = (next: PendingState | null) => {
    state = next;
    return tell(changed)();
  };
  return { asked, reloaded, sent, put, hide: tell(hidden), wake: tell(woken) };
}

test('[AWAY-3] the browser is asked once for what is kept without a line, and again after the next line', async () => {
  const { asked, sent, put, hide } = setup();
  sent.lineUp();
  await put('kept');
  expect(asked).toEqual([]);
  sent.lineDown();
  await put('kept');
  expect(asked).toEqual(['outbox']);
  sent.lineUp();
  await put(null);
  sent.lineDown();
  await hide();
  await put('saving');
  expect(asked).toEqual(['outbox']);
  await put('kept');
  expect(asked).toEqual(['outbox', 'outbox']);
  sent.close();
  await hide();
  expect(asked).toEqual(['outbox', 'outbox']);
});

test('[AWAY-3] so it is whenever the app goes out of sight; a browser that cannot, or a person who does not want it, change nothing', async () => {
  const { asked, sent, put, hide } = setup();
  sent.lineUp();
  await put('kept');
  await hide();
  expect(asked).toEqual(['outbox']);
  const [refused, without] = [setup({ refuses: true }), setup({ hasSync: false })];
  for (const other of [refused, without]) {
    await other.put('kept');
    await other.hide();
  }
  // What it throws would end this test.
  expect([refused.asked.length, without.asked.length]).toEqual([2, 0]);
});

test('[AWAY-4] a window that wakes reads what the worker did meanwhile', async () => {
  const { reloaded, put, wake, sent } = setup();
  await wake();
  expect(reloaded).toEqual([]);
  await put('kept');
  await wake();
  expect(reloaded).toEqual(['room']);
  sent.close();
  await wake();
  expect(reloaded).toEqual(['room']);
});

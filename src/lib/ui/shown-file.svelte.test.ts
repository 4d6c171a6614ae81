import { flushSync } from 'svelte';
import { expect, onTestFinished, test } from 'vitest';
import type { FileModel } from '../model/room-files.ts';
import { ShownFile } from './shown-file.svelte.ts';

/** A file that the server does not give, on a device that has a line or none. */
function setup(itself: boolean) {
  let status = $state<FileModel['status']>('looking');
  let line = $state<'syncing' | 'connected' | 'offline'>('syncing');
  let fetches = 0;
  let closes = 0;
  const file = {
    get status() {
      return status;
    },
    close: () => void (closes += 1),
    fetch: () => {
      fetches += 1;
      status = 'offline';
      return Promise.resolve();
    }
  } as unknown as FileModel;
  const made: ShownFile[] = [];
  const end = $effect.root(() => {
    made.push(
      new ShownFile(
        () => file,
        () => itself,
        () => line !== 'offline'
      )
    );
  });
  onTestFinished(end);
  flushSync();
  expect(made[0]!.now).toBe(file);
  return {
    set: (now: FileModel['status']) => flushSync(() => (status = now)),
    setLine: (now: typeof line) => flushSync(() => (line = now)),
    fetches: () => fetches,
    closes: () => closes,
    end
  };
}

test('[DOWNLOAD-2] what comes by itself is asked for once, and once more with each line, until it is shown no more', () => {
  const { set, setLine, fetches, closes, end } = setup(true);
  set('away');
  expect(fetches()).toBe(1);
  setLine('connected');
  setLine('offline');
  expect(fetches()).toBe(1);
  setLine('syncing');
  expect(fetches()).toBe(2);
  expect(closes()).toBe(0);
  end();
  expect(closes()).toBe(1);
});

test('[DOWNLOAD-2] what is too large waits until somebody wants it', () => {
  const { set, fetches } = setup(false);
  set('away');
  expect(fetches()).toBe(0);
});

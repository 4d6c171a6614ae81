// The way to the data folder: through the running server's socket, else by opening the store.

import { setTimeout as delay } from 'node:timers/promises';
import type { Administration } from '../admin-socket/administration.ts';
import { RemoteAdministration } from '../admin-socket/remote-administration.ts';
import { socketPath } from '../admin-socket/socket-path.ts';
import { StoreError } from '../store/key-value.ts';
import type { Store } from '../store/store.ts';

/** A server that just starts or ends has the folder, but no socket yet or no more. */
const TRIES = 25;
const BETWEEN_TRIES_MS = 200;

export async function openAdministration(dataDir: string, cwd: string): Promise<Administration> {
  const file = socketPath(dataDir, cwd);
  for (let tries = 1; ; tries += 1) {
    const remote = file === null ? null : await RemoteAdministration.connect(file);
    if (remote) return remote;
    // Loaded here alone: with a server running it is not needed.
    const { Store } = await import('../store/store.ts');
    try {
      return await localAdministration(await Store.open({ dataDir }), dataDir);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'locked') || tries === TRIES) throw error;
    }
    await delay(BETWEEN_TRIES_MS);
  }
}

async function localAdministration(store: Store, dataDir: string): Promise<Administration> {
  const { openCore } = await import('../core.ts');
  const { LocalAdministration } = await import('../admin-socket/local-administration.ts');
  const now = Date.now;
  const core = await openCore({
    store,
    dataDir,
    now,
    report: (error) => console.error(error),
    onNewGeneration: () => undefined
  });
  const { accounts, sessions, rooms, audit, census } = core;
  return new LocalAdministration({ accounts, sessions, rooms, audit, census, now, close: () => core.close() });
}

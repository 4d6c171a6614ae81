// The prompted update: a new version waits until the person takes it. Invariant: registering and updating never
// stand in the way of the app; without a service worker (plain http) there is simply no update to offer.

import type { Environment } from '../environment.ts';
import type { UpdateModel } from '../model/update-model.ts';

const CHECK_EVERY_MS = 60 * 60_000;

export class Update implements UpdateModel {
  readonly #environment: Pick<Environment, 'serviceWorker' | 'reload'>;
  #available = $state(false);
  #skipWaiting: (() => void) | null = null;
  #check: (() => void) | null = null;
  #checkTimer: ReturnType<typeof setInterval> | undefined;
  /** Called before the reload; what must outlive it (drafts) is on disk when it resolves. */
  onBeforeReload: (() => Promise<void>) | null = null;

  constructor(environment: Pick<Environment, 'serviceWorker' | 'reload'>) {
    this.#environment = environment;
  }

  get available() {
    return this.#available;
  }

  /** The server speaks another protocol version: only a newer app helps. */
  offer(): void {
    this.#available = true;
    // Most likely the new files are there and only have to be fetched.
    this.#check?.();
  }

  async start(): Promise<void> {
    if (!this.#environment.serviceWorker || import.meta.env.DEV) return;
    const { Workbox } = await import('workbox-window');
    const workbox = new Workbox('/sw.js', { scope: '/' });
    workbox.addEventListener('waiting', () => {
      this.#skipWaiting = () => workbox.messageSkipWaiting();
      this.#available = true;
    });
    // This tab or another took the update: this page's files are no longer in the cache, so it follows. Only the very
    // first worker takes over a page that it did not serve; workbox's own `isUpdate` stays false for all of such a
    // page's life, whatever updates come after.
    let controlled = this.#environment.serviceWorker.controller !== null;
    workbox.addEventListener('controlling', () => {
      if (controlled) void this.#reload();
      controlled = true;
    });
    try {
      await workbox.register();
      this.#check = () => void workbox.update().catch(() => undefined);
      this.#checkTimer = setInterval(this.#check, CHECK_EVERY_MS);
    } catch {
      // Blocked by the browser's settings, or offline at the very first visit: tried again at the next start.
    }
  }

  async apply(): Promise<void> {
    if (this.#skipWaiting) {
      await this.onBeforeReload?.();
      // `controlling` reloads once the new worker has taken over.
      this.#skipWaiting();
      return;
    }
    await this.#reload();
  }

  async #reload(): Promise<void> {
    await this.onBeforeReload?.();
    this.#environment.reload();
  }

  dispose(): void {
    clearInterval(this.#checkTimer);
  }
}

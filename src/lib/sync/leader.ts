// Which tabs this one sends for: for itself, and, while it is the leader, for tabs that are gone. Two tabs that both
// send an entry do no harm (the server knows its id); this keeps them from doing it without need.

import type { TabChannel } from './tab-channel.ts';
import type { TabLocks } from './tab-lock.ts';

/** How often the leader looks whether other tabs that have something unsent are still there. */
const ROLL_CALL_EVERY_MS = 15_000;

export class Leader {
  readonly #tabs: TabChannel;
  readonly #locks: TabLocks;
  readonly #closing = new AbortController();
  #leads = false;
  #alive: ReadonlySet<string>;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #changed: () => void;

  /** @param changed called when `leads` or `sendsFor` may answer differently */
  constructor(tabs: TabChannel, locks: TabLocks, changed: () => void) {
    this.#tabs = tabs;
    this.#locks = locks;
    this.#alive = new Set([tabs.tab]);
    this.#changed = changed;
  }

  get leads(): boolean {
    return this.#leads;
  }

  sendsFor(tab: string): boolean {
    return tab === this.#tabs.tab || (this.#leads && !this.#alive.has(tab));
  }

  start(): void {
    void this.#locks.hold('leader', this.#closing.signal, async () => {
      this.#alive = await this.#tabs.alive();
      if (this.#closing.signal.aborted) return;
      this.#leads = true;
      this.#changed();
      this.#timer = setInterval(() => void this.#callRoll(), ROLL_CALL_EVERY_MS);
      await new Promise<void>((resolve) => {
        this.#closing.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    });
  }

  async #callRoll(): Promise<void> {
    const alive = await this.#tabs.alive();
    const left = [...this.#alive].some((tab) => !alive.has(tab));
    this.#alive = alive;
    if (left) this.#changed();
  }

  close(): void {
    this.#leads = false;
    clearInterval(this.#timer);
    this.#closing.abort();
  }
}

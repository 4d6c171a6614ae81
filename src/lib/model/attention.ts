// Whether the person is at this device: its page is shown, and they have touched it of late. Invariant: tells of each
// change once.

import type { Environment } from '../environment.ts';

/** Somebody who has touched nothing for so long is away. */
export const AWAY_AFTER_MS = 5 * 60_000;

export class Attention {
  readonly #environment: Pick<Environment, 'visible' | 'onVisibility' | 'onInput' | 'now'>;
  readonly #listeners = new Set<() => void>();
  readonly #stops: readonly (() => void)[];
  #inputAt: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #here: boolean;

  constructor(environment: Pick<Environment, 'visible' | 'onVisibility' | 'onInput' | 'now'>) {
    this.#environment = environment;
    this.#inputAt = environment.now();
    this.#here = environment.visible();
    this.#stops = [environment.onVisibility(() => this.#input()), environment.onInput(() => this.#input())];
    this.#watch();
  }

  get here(): boolean {
    return this.#here;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
    this.#listeners.clear();
  }

  #input(): void {
    this.#inputAt = this.#environment.now();
    this.#look();
  }

  #look(): void {
    // Timers of a sleeping device come late, and its clock may be set back meanwhile.
    const idleMs = Math.abs(this.#environment.now() - this.#inputAt);
    const here = this.#environment.visible() && idleMs < AWAY_AFTER_MS;
    if (here === this.#here) return;
    this.#here = here;
    if (here) this.#watch();
    for (const listener of [...this.#listeners]) listener();
  }

  /** One timer, set anew when it is due and not with each key. */
  #watch(): void {
    clearTimeout(this.#timer);
    const leftMs = this.#inputAt + AWAY_AFTER_MS - this.#environment.now();
    this.#timer = setTimeout(
      () => {
        this.#look();
        if (this.#here) this.#watch();
      },
      Math.min(AWAY_AFTER_MS, Math.max(1_000, leftMs))
    );
  }
}

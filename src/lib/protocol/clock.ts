// The hybrid logical clock of `sentAt`: never below what this device has seen, never led astray by a wrong clock.
// Source: Kulkarni et al., "Logical Physical Clocks" (2014), cut down to one number of milliseconds.

import { CLOCK_AHEAD_MAX_MS } from './limits.ts';

export class HybridClock {
  #lastMs = 0;
  #offsetMs = 0;
  readonly #wallMs: () => number;

  /** @param wallMs the device's clock, epoch ms */
  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** What the server's clock says now, as far as this device knows. Epoch ms. */
  serverNow(): number {
    return this.#wallMs() + this.#offsetMs;
  }

  /** The hello's server time: a device whose clock is wrong goes by the difference. */
  setServerTime(serverTimeMs: number): void {
    this.#offsetMs = serverTimeMs - this.#wallMs();
    // Written while this device's clock was ahead, unknown to it: the server takes nothing from there, nor after it.
    if (this.#lastMs > serverTimeMs + CLOCK_AHEAD_MAX_MS) this.#lastMs = 0;
  }

  /** Takes note of another entry's sentAt; one that is too far ahead is ignored. */
  observe(sentAt: number): void {
    if (sentAt <= this.serverNow() + CLOCK_AHEAD_MAX_MS && sentAt > this.#lastMs) this.#lastMs = sentAt;
  }

  /** A sentAt for a new entry: epoch ms, above all seen. */
  next(): number {
    this.#lastMs = Math.max(Math.floor(this.serverNow()), this.#lastMs + 1);
    return this.#lastMs;
  }
}

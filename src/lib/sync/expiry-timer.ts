// Waits for the moment at which the first of something disappears. Invariant: it goes off never before its time by the
// server's clock, also where this device's clock turns out to be wrong while it waits.

/** Timers of a browser cannot wait for longer than 24 days, and a device that slept looks again soon. */
const WAIT_MAX_MS = 3_600_000;

export class ExpiryTimer {
  readonly #now: () => number;
  readonly #due: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Infinity;
  #closed = false;

  /** @param now epoch ms by the server's clock, as far as it is known */
  constructor(now: () => number, due: () => void) {
    this.#now = now;
    this.#due = due;
  }

  /** @param at epoch ms; Infinity: nothing is to come */
  wait(at: number): void {
    if (this.#closed || (at === this.#at && this.#timer !== undefined)) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = at;
    if (at < Infinity)
      this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(0, at - this.#now()), WAIT_MAX_MS));
  }

  /** The clock says something else than before. */
  clockChanged(): void {
    const at = this.#at;
    this.#at = Infinity;
    this.wait(at);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#now() >= this.#at) this.#due();
    else this.wait(this.#at);
  }
}

// Time as rooms and sockets see it, so that tests turn the clock by hand.

export interface Timers {
  /** Epoch ms. */
  nowMs(): number;
  /** Runs once after `ms`, at 0 once the input at hand has been read; returns the way to cancel. */
  after(ms: number, run: () => void): () => void;
}

/** The process's own clock. Its timers keep the process alive, as a commit may wait for one: what opens them closes them. */
export const systemTimers: Timers = {
  nowMs: () => Date.now(),
  after(ms, run) {
    if (ms <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }
};

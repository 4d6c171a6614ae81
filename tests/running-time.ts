// Time as this process had it, for rules that name one. Invariant: while the process stands still, as it does where others have
// the processor, at most one step passes, so that a bad moment of the machine fails nothing, and something slow always does.

const STEP_MS = 50;

export class RunningTime {
  #steps = 0;
  readonly #timer = setInterval(() => {
    this.#steps += 1;
  }, STEP_MS);

  /** Since it was made. */
  get ms(): number {
    return this.#steps * STEP_MS;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** What it resolves with, or null where that takes longer. */
export async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  using time = new RunningTime();
  let isOver = false;
  const settled = promise.finally(() => {
    isOver = true;
  });
  // Between two looks at a clock that tells nobody.
  while (!isOver && time.ms < ms) await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, STEP_MS))]);
  return isOver ? settled : null;
}

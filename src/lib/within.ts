// Patience: how long something is waited for that may never come, as the answer of a server or of another tab. Invariant:
// whoever waits goes on without it, so nothing but time may be lost by it.

/** @returns what `coming` gives, or `late` where it has not come by then; it is not stopped */
export function within<Value, Late>(patienceMs: number, coming: Promise<Value>, late: Late): Promise<Value | Late> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<Late>((resolve) => (timer = setTimeout(() => resolve(late), patienceMs)));
  return Promise.race([coming, over]).finally(() => clearTimeout(timer));
}

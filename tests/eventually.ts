// Waits for a state for as long as a busy machine may need; the one second that Vitest gives is less than that.

import { vi } from 'vitest';

const WITHIN_MS = 40_000;

/** Resolves with what `check` returns once it does not throw. */
export const eventually = <Value>(check: () => Value | Promise<Value>): Promise<Value> =>
  vi.waitFor(check, { timeout: WITHIN_MS });

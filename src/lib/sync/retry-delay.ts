// How long to wait before trying again: exponential with full jitter, for ever, so that a server that comes back is
// not met by all its clients at once (M. Brooker, "Exponential Backoff and Jitter", AWS 2015).

export const RETRY_MIN_MS = 250;
export const RETRY_MAX_MS = 15_000;

/**
 * @param attempt failures in a row so far, 0 for the first
 * @param random 0 ≤ x < 1
 * @returns ms, at most RETRY_MAX_MS
 */
export function retryDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(attempt, 16));
  return Math.floor(random * ceiling);
}

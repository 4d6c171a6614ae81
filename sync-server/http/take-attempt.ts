// A rate limit as a route meets it.

import type { RateLimit } from '../accounts/rate-limit.ts';
import { ApiProblem } from './problem.ts';

/** @throws ApiProblem 'rate-limited', with how long to wait */
export function takeAttempt(limit: RateLimit, key: string): { refund: () => void } {
  const attempt = limit.take(key);
  if (attempt.ok) return attempt;
  throw new ApiProblem('rate-limited', 'Too many tries. Wait a little, then try again.', {
    retryAfterMs: attempt.retryAfterMs
  });
}

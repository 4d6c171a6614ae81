// How often something may be tried: a bucket per key (address, account) that refills evenly.
// Invariant: memory is bounded; full buckets are forgotten, and past MAX_KEYS the fullest are.

export interface Rate {
  readonly times: number;
  readonly perMs: number;
}

export type Attempt =
  | { readonly ok: true; /** Gives the attempt back: it should not count. */ readonly refund: () => void }
  | { readonly ok: false; readonly retryAfterMs: number };

interface Bucket {
  tokens: number;
  at: number;
}

const MAX_KEYS = 10_000;

export class RateLimit {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param now epoch ms */
  constructor(rate: Rate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
  }

  take(key: string): Attempt {
    const bucket = this.#filled(key);
    if (bucket.tokens < 1) {
      return { ok: false, retryAfterMs: Math.ceil(((1 - bucket.tokens) * this.#rate.perMs) / this.#rate.times) };
    }
    bucket.tokens -= 1;
    if (this.#buckets.size > MAX_KEYS) this.#forget();
    return { ok: true, refund: () => void (bucket.tokens = Math.min(this.#rate.times, bucket.tokens + 1)) };
  }

  #filled(key: string): Bucket {
    const now = this.#now();
    let bucket = this.#buckets.get(key);
    if (!bucket) this.#buckets.set(key, (bucket = { tokens: this.#rate.times, at: now }));
    bucket.tokens = this.#tokensAt(bucket, now);
    bucket.at = now;
    return bucket;
  }

  #tokensAt({ tokens, at }: Bucket, now: number): number {
    const { times, perMs } = this.#rate;
    return Math.min(times, tokens + (Math.max(0, now - at) * times) / perMs);
  }

  #forget(): void {
    const now = this.#now();
    const byFill = [...this.#buckets].sort(([, a], [, b]) => this.#tokensAt(b, now) - this.#tokensAt(a, now));
    for (const [key] of byFill.slice(0, MAX_KEYS / 2)) this.#buckets.delete(key);
  }
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('a token bucket', () => {
  test('gives its burst at once, then its rate', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, 0);
    expect([1, 2, 3, 4].map(() => bucket.tryTake(0))).toEqual([true, true, true, false]);
    expect(bucket.waitMs(0, 1)).toBe(500);
    expect(bucket.tryTake(499)).toBe(false);
    expect(bucket.tryTake(500)).toBe(true);
  });

  test('a debt is paid before anything else', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
    bucket.spend(25, 0);
    expect(bucket.waitMs(0)).toBe(2_000);
    expect(bucket.waitMs(1_500)).toBe(500);
    expect(bucket.waitMs(2_000)).toBe(0);
  });

  test('saves no more than the burst, and a clock set back gives nothing', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 1_000);
    expect(bucket.isFull(1_000_000)).toBe(true);
    bucket.spend(5, 1_000_000);
    expect(bucket.tryTake(0)).toBe(false);
    expect(bucket.isFull(0)).toBe(false);
  });

  test('over any time no more is taken than the burst and the rate allow', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 60 }), (gapsMs) => {
        const bucket = new TokenBucket({ perSecond: 3, burst: 4 }, 0);
        let nowMs = 0;
        let taken = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          if (bucket.tryTake(nowMs)) taken++;
        }
        expect(taken).toBeLessThanOrEqual(4 + (3 * nowMs) / 1_000 + 1e-6);
      })
    );
  });
});

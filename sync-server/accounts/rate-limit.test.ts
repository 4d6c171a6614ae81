import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

const setup = (times: number, perMs: number) => {
  let now = 1_000;
  return { limit: new RateLimit({ times, perMs }, () => now), pass: (ms: number) => (now += ms) };
};

test('takes so many, then says how long to wait, and takes again after that', () => {
  const { limit, pass } = setup(3, 30_000);
  for (let i = 0; i < 3; i++) expect(limit.take('a').ok).toBe(true);
  expect(limit.take('a')).toEqual({ ok: false, retryAfterMs: 10_000 });
  pass(9_999);
  expect(limit.take('a').ok).toBe(false);
  pass(1);
  expect(limit.take('a').ok).toBe(true);
  expect(limit.take('a').ok).toBe(false);
});

test('keys do not touch each other', () => {
  const { limit } = setup(1, 1_000);
  expect([limit.take('a').ok, limit.take('b').ok, limit.take('a').ok]).toEqual([true, true, false]);
});

test('an attempt that was given back does not count, and gives no more than was taken', () => {
  const { limit } = setup(2, 1_000);
  const attempt = limit.take('a');
  if (attempt.ok) attempt.refund();
  expect([limit.take('a').ok, limit.take('a').ok, limit.take('a').ok]).toEqual([true, true, false]);
});

test('a flood of keys does not free the one that is used up', () => {
  const { limit } = setup(2, 1_000_000);
  limit.take('attacked');
  limit.take('attacked');
  for (let i = 0; i < 25_000; i++) limit.take(`address ${i}`);
  expect(limit.take('attacked').ok).toBe(false);
});

test('over any span, never more than the bucket and what flowed in', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 100, max: 10_000 }),
      fc.array(fc.nat(2_000), { minLength: 1, maxLength: 200 }),
      (times, perMs, pauses) => {
        const { limit, pass } = setup(times, perMs);
        let taken = 0;
        let passed = 0;
        for (const pause of pauses) {
          pass(pause);
          passed += pause;
          if (limit.take('a').ok) taken += 1;
          expect(taken).toBeLessThanOrEqual(times + (passed * times) / perMs + 1e-6);
        }
      }
    )
  );
});

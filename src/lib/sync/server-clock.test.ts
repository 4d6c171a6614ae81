import { expect, test } from 'vitest';
import { ServerClock } from './server-clock.ts';

test('[GONE-17] what the server has proven goes on by itself, whatever this device’s clock is set to, and over a restart', () => {
  let [wallMs, steadyMs] = [500, 7];
  const clock = new ServerClock(
    () => wallMs,
    () => steadyMs
  );
  expect([clock.now(), clock.proven()]).toEqual([500, -Infinity]);
  expect(clock.hear(10_000)).toBe(false);
  expect([clock.now(), clock.proven(), clock.offsetMs]).toEqual([10_000, 10_000, 9_500]);
  wallMs += 86_400_000;
  steadyMs += 60_000;
  expect([clock.now(), clock.proven()]).toEqual([86_410_000, 70_000]);
  expect(clock.hear(70_010)).toBe(true);

  const restarted = new ServerClock(
    () => wallMs,
    () => 1
  );
  restarted.restore(clock.offsetMs, 70_010);
  expect([restarted.now(), restarted.proven()]).toEqual([70_010, 70_010]);
});

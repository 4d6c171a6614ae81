import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gonePlacesSchema, goneAbove, RUNS_MAX, withPlace, type GonePlaces } from './gone-places.ts';
import { decodeStored, encodeStored } from '../store/stored-json.ts';

test('[GONE-16] places that are gone are counted as they were added, in whatever order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 90 })), fc.nat(100), (places, above) => {
      const gone = places.reduce<GonePlaces>(withPlace, []);
      expect(goneAbove(gone, above)).toBe(places.filter((n) => n > above).length);
      expect(decodeStored(gonePlacesSchema, 'gone', encodeStored(gone))).toEqual(gone);
      gone.forEach(([first, last], at) => {
        expect(first).toBeLessThanOrEqual(last);
        if (at > 0) expect(first).toBeGreaterThan(gone[at - 1]![1] + 1);
      });
    })
  );
});

test('[GONE-16] of many runs the newest are kept', () => {
  const places = Array.from({ length: RUNS_MAX + 10 }, (_, at) => 2 * at + 1);
  const gone = places.reduce<GonePlaces>(withPlace, []);
  expect([gone.length, gone[0], goneAbove(gone, 0)]).toEqual([RUNS_MAX, [21, 21], RUNS_MAX]);
});

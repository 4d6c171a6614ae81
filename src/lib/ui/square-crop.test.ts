import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moved, sideOf, wholeCrop, zoomed, ZOOM_MAX, type SquareCrop } from './square-crop.ts';

test('a picture is cropped in its middle first, as large as it goes', () => {
  expect(wholeCrop(400, 300)).toEqual({ width: 400, height: 300, zoom: 1, x: 200, y: 150 });
  expect(sideOf(wholeCrop(400, 300))).toBe(300);
});

test('[UI-4] whatever is dragged and zoomed, the square stays within the picture', () => {
  const length = fc.integer({ min: 1, max: 20_000 });
  const step = fc.oneof(
    fc.record({ dx: fc.double({ min: -9, max: 9, noNaN: true }), dy: fc.double({ min: -9, max: 9, noNaN: true }) }),
    fc.record({ zoom: fc.double({ min: -3, max: 30, noNaN: true }) })
  );
  fc.assert(
    fc.property(length, length, fc.array(step, { maxLength: 30 }), (width, height, steps) => {
      let crop: SquareCrop = wholeCrop(width, height);
      for (const one of steps) crop = 'zoom' in one ? zoomed(crop, one.zoom) : moved(crop, one.dx, one.dy);
      const half = sideOf(crop) / 2;
      const slack = 1e-6;
      expect(crop.zoom).toBeGreaterThanOrEqual(1);
      expect(crop.zoom).toBeLessThanOrEqual(ZOOM_MAX);
      expect(crop.x - half).toBeGreaterThanOrEqual(-slack);
      expect(crop.y - half).toBeGreaterThanOrEqual(-slack);
      expect(crop.x + half).toBeLessThanOrEqual(width + slack);
      expect(crop.y + half).toBeLessThanOrEqual(height + slack);
    })
  );
});

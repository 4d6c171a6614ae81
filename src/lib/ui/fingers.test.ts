import { expect, test } from 'vitest';
import { Fingers } from './fingers.ts';

const at = (pointerId: number, clientX: number, clientY: number) => ({ pointerId, clientX, clientY }) as PointerEvent;

test('one finger is told where it was before, and two how far they are apart', () => {
  const fingers = new Fingers();
  fingers.put(at(1, 10, 10));
  expect(fingers.move(at(1, 13, 14))).toEqual({ x: 10, y: 10 });
  expect(fingers.apart).toBe(0);
  fingers.put(at(2, 16, 18));
  expect(fingers.apart).toBe(5);
  expect(fingers.lift(at(1, 0, 0))).toBe(true);
  expect([fingers.count, fingers.apart]).toEqual([1, 0]);
});

test('what only hovers, or was lifted, is no finger', () => {
  const fingers = new Fingers();
  expect(fingers.move(at(1, 10, 10))).toBeUndefined();
  expect(fingers.lift(at(1, 10, 10))).toBe(false);
  expect(fingers.count).toBe(0);
});

test('the finger that stays after two is none that came alone, until it is lifted, too', () => {
  const fingers = new Fingers();
  fingers.put(at(1, 10, 10));
  expect(fingers.alone).toBe(true);
  fingers.put(at(2, 90, 10));
  expect(fingers.alone).toBe(false);
  fingers.lift(at(2, 90, 10));
  expect(fingers.alone).toBe(false);
  fingers.lift(at(1, 10, 10));
  fingers.put(at(3, 10, 10));
  expect(fingers.alone).toBe(true);
});

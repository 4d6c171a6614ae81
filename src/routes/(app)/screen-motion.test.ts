import { expect, test } from 'vitest';
import { wayOf } from './screen-motion.ts';

test('screens come from the side of their depth', () => {
  expect(wayOf('/', '/room/a')).toBe('into');
  expect(wayOf('/room/a', '/')).toBe('out');
  expect(wayOf('/room/a', '/room/a/details')).toBe('into');
  expect(wayOf('/settings/about', '/settings')).toBe('out');
  expect(wayOf('/room/a', '/room/b')).toBeNull();
});

import { expect, test } from 'vitest';
import { badgeCount, pageTitle } from './page-title.ts';

test('the title tells what waits and where one is', () => {
  expect(pageTitle(0, null)).toBe('Roost');
  expect(pageTitle(3, 'Harbour crew')).toBe('(3) Harbour crew · Roost');
  expect(pageTitle(0, 'Settings')).toBe('Settings · Roost');
  expect(pageTitle(12_000, null)).toBe('(999+) Roost');
});

test('a badge stays narrow', () => {
  expect(badgeCount(999)).toBe('999');
  expect(badgeCount(1_000)).toBe('999+');
});

import { expect, test } from 'vitest';
import { carriedInvitation, pathAfter, withInvitation } from './door-path.ts';

test('an invitation survives the way through sign-up', () => {
  const path = withInvitation('/signup', '7KQ4-WREN_2M+/=');
  expect(carriedInvitation(new URL(path, 'https://roost.example').hash)).toBe('7KQ4-WREN_2M+/=');
  expect(withInvitation('/signup', null)).toBe('/signup');
  expect(carriedInvitation('')).toBeNull();
  expect(carriedInvitation('#i=')).toBeNull();
});

test.each([
  ['/room/abc', '/room/abc'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/\t/evil.example', '/'],
  ['', '/']
])('[UI-3] after signing in, %j leads to %s', (to, path) => {
  expect(pathAfter(new URLSearchParams({ to }))).toBe(path);
});

import { expect, test } from 'vitest';
import { launchPath, type Launch } from './launch-path.ts';

const MINUTE = 60_000;
const launch = (given: Partial<Launch>): string | null =>
  launchPath({ to: null, isApp: true, last: { path: '/room/a', at: 0 }, rooms: [], now: MINUTE, ...given });

test('[PWA-8] the installed app goes on where it was left, for half an hour', () => {
  expect(launch({})).toBe('/room/a');
  expect(launch({ now: 30 * MINUTE })).toBeNull();
  expect(launch({ isApp: false })).toBeNull();
  expect(launch({ last: null })).toBeNull();
  expect(launch({ last: { path: '/', at: 0 } })).toBeNull();
});

test('[PWA-8] the shortcut to the last place leads there however long ago it was', () => {
  expect(launch({ to: 'last', now: 1e12, isApp: false })).toBe('/room/a');
  expect(launch({ to: 'last', last: null })).toBeNull();
  expect(launch({ to: 'nowhere' })).toBeNull();
});

test('[PWA-8] the shortcut to what is unread leads to the first such room, muted ones last', () => {
  const room = (id: string, unread: number, muted = false) => ({ id, unread, muted });
  expect(launch({ to: 'unread', rooms: [room('a', 0), room('b', 2, true), room('c', 1)] })).toBe('/room/c');
  expect(launch({ to: 'unread', rooms: [room('b', 2, true)] })).toBe('/room/b');
  expect(launch({ to: 'unread', rooms: [room('a', 0)] })).toBeNull();
});

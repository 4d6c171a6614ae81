import { flushSync } from 'svelte';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { UserInfo } from '#protocol/api/profile.ts';
import { People } from './people.svelte.ts';

const BO = `u${'b'.repeat(22)}`;
const BO_INFO: UserInfo = {
  ...{ id: BO, name: 'bo', displayName: 'Bo Borg', avatar: 'a'.repeat(22), status: 'at sea', colour: 3 },
  deleted: false
};

test('[PEOPLE-5] a person without a name is quiet for a second, then has a stand-in; no stand-in flashes by', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const people = new People();
  const shown: string[] = [];
  const stop = $effect.root(() => {
    $effect(() => void shown.push(people.person(BO).name));
  });
  onTestFinished(stop);
  flushSync();
  people.learn(BO_INFO);
  flushSync();
  vi.advanceTimersByTime(5_000);
  flushSync();
  expect(shown).toEqual(['…', 'Bo Borg']);

  const unknown = people.person(`u${'c'.repeat(22)}`);
  expect(unknown.name).toBe('…');
  vi.advanceTimersByTime(1_000);
  expect(unknown.name).toBe('Someone (cccc)');
});

test('[PEOPLE-6] what a person shows: display name before user name, picture, status, colour; nothing once deleted', () => {
  const people = new People();
  const bo = people.person(BO);
  people.learn(BO_INFO);
  expect(bo).toMatchObject({ name: 'Bo Borg', userName: 'bo', status: 'at sea', colour: 3, initials: 'BB' });
  expect(bo.avatar).toBe(`/api/avatars/${'a'.repeat(22)}`);
  people.rename(BO, 'bobo');
  expect(bo).toMatchObject({ name: 'Bo Borg', userName: 'bobo' });
  people.setBlocked(new Set([BO]));
  expect(bo.blocked).toBe(true);
  people.setBlocked(new Set());
  expect(bo.blocked).toBe(false);
  people.learn({ ...BO_INFO, name: '', displayName: '', avatar: null, status: '', colour: null, deleted: true });
  expect(bo).toMatchObject({ name: 'Deleted account', deleted: true, avatar: null, status: '' });
  expect(people.known()).toEqual([]);
});

test('[PEOPLE-1] each account is asked about when it is first shown, though it is known from the disk', () => {
  const people = new People();
  const asked: string[] = [];
  people.onShown = (id) => void asked.push(id);
  people.learn(BO_INFO);
  expect(asked).toEqual([]);
  people.person(BO);
  people.person(BO);
  people.person('~imported');
  expect(asked).toEqual([BO]);
  expect([...people.shown]).toEqual([BO]);
});

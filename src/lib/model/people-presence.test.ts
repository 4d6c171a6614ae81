import { expect, onTestFinished, test, vi } from 'vitest';
import { PEOPLE_WATCHED_MAX } from '#protocol/limits.ts';
import { PeoplePresence } from './people-presence.svelte.ts';

function setup() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const asked: string[] = [];
  const presence = new PeoplePresence((people) => asked.push(people.join()));
  onTestFinished(() => presence.end());
  return { presence, asked };
}

test('[PRES-10] who is shown is asked about, all at once, anew with each line; without one nobody is known to be here', () => {
  const { presence, asked } = setup();
  expect(['ann', 'bo'].map((id) => presence.of(id))).toEqual([null, null]);
  vi.advanceTimersByTime(60_000);
  expect(asked, 'no line yet').toEqual([]);
  presence.lineUp();
  vi.advanceTimersByTime(1_000);
  expect(asked).toEqual(['ann,bo']);
  presence.take([
    { user: 'ann', status: 'here', seenAt: null },
    { user: 'bo', status: 'gone', seenAt: 7 }
  ]);
  expect(['ann', 'bo'].map((id) => presence.of(id))).toEqual(['here', 'gone']);
  presence.take([{ user: 'ann', status: 'away', seenAt: null }]);
  expect([presence.of('ann'), presence.of('bo'), presence.seenAt('bo')]).toEqual(['away', 'gone', 7]);
  vi.advanceTimersByTime(60_000);
  expect(asked, 'nobody new').toHaveLength(1);
  presence.lineDown();
  expect([presence.of('ann'), presence.of('bo'), presence.seenAt('bo')]).toEqual([null, null, 7]);
  expect(presence.of('cy')).toBeNull();
  presence.lineUp();
  vi.advanceTimersByTime(1_000);
  expect(asked[1]!.split(',').sort()).toEqual(['ann', 'bo', 'cy']);
});

test('[PRES-10] of very many those who were shown last are asked about', () => {
  const { presence, asked } = setup();
  presence.lineUp();
  for (let at = 0; at <= PEOPLE_WATCHED_MAX; at++) presence.of(`p${at}`);
  vi.advanceTimersByTime(1_000);
  expect(asked[0]!.split(',')).toHaveLength(PEOPLE_WATCHED_MAX);
  expect(asked[0]).not.toContain('p0,');
});

import { expect, test } from 'vitest';
import type { ServerMessage } from '#protocol/control.ts';
import { HandTimers } from '../testing/hand-timers.ts';
import { PEOPLE_EVERY_MS, PeopleNotices } from './people-notices.ts';

const person = (id: string, status: string) => ({
  ...{ id, status, name: id, displayName: '', avatar: null, colour: null, deleted: false }
});

test('[PROF-1] however often people change, the others hear once a second, and the last word', async () => {
  const timers = new HandTimers();
  const told: ServerMessage[] = [];
  const notices = new PeopleNotices(timers, (message) => told.push(message));
  notices.changed(person('ann', 'first'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([{ type: 'people', changed: [person('ann', 'first')] }]);
  for (let i = 0; i < 100; i++) notices.changed(person('ann', `status ${i}`));
  notices.changed(person('bo', 'there'));
  timers.advance(PEOPLE_EVERY_MS - 1);
  expect(told).toHaveLength(1);
  timers.advance(1);
  expect(told[1]).toEqual({ type: 'people', changed: [person('ann', 'status 99'), person('bo', 'there')] });
  notices.changed(person('bo', 'gone'));
  notices.close();
  timers.advance(10 * PEOPLE_EVERY_MS);
  expect(told).toHaveLength(2);
});

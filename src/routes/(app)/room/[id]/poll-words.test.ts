import { expect, test } from 'vitest';
import type { PersonView } from '#lib/model/person-view.ts';
import { newPollFlaw } from './new-poll.ts';
import { pollWords } from './poll-words.ts';

const ANN = { id: 'ann', name: 'Ann' } as PersonView;
const open = { voters: 0, multiple: false, anonymous: false, closedBy: null };

test('[POLL-9] a poll says how it is answered, how many have, whether names show, and who closed it', () => {
  expect(pollWords.foot(open)).toBe('Choose one · nobody voted yet');
  expect(pollWords.foot({ ...open, multiple: true, voters: 1 })).toBe('Choose any · 1 person voted');
  expect(pollWords.foot({ ...open, anonymous: true, voters: 3 })).toBe(
    'Choose one · 3 people voted · names are not shown'
  );
  expect(pollWords.foot({ ...open, closedBy: ANN })).toBe('Closed by Ann · nobody voted');
  expect([0, 1, 2].map(pollWords.votes)).toEqual(['no votes', '1 vote', '2 votes']);
});

test('[POLL-10] what is missing of a poll is said before it is sent', () => {
  const flaw = (question: string, ...options: string[]) => newPollFlaw({ question, options });
  expect(flaw('When?', 'now', 'later', '')).toBeNull();
  expect(flaw(' ', 'now', 'later')).toMatch(/question/);
  expect(flaw('When?', 'now', ' ')).toMatch(/two/);
  expect(flaw('When?', 'now', ' now ')).toMatch(/the same/);
  expect(flaw('When?', 'x'.repeat(101), 'later')).toMatch(/100/);
  expect(flaw('x'.repeat(301), 'now', 'later')).toMatch(/300/);
  expect(flaw('When?', '\u200b', 'later')).toMatch(/two/);
});

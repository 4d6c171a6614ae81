import { expect, test } from 'vitest';
import { connectionWords } from './connection-words.ts';
import { peopleWords, typingWords, whereaboutsWords } from './state-words.ts';

test('the foot line says what waits, in every state of the connection', () => {
  const say = (status: Parameters<typeof connectionWords>[0]['status'], waiting: number, failed = 0) =>
    connectionWords({ status, waiting, failed }).text;
  expect(say('connected', 0)).toBe('Connected · all sent');
  expect(say('connected', 1)).toBe('Connected · sending 1');
  expect(say('connected', 0, 2)).toBe('2 not sent');
  expect(say('connected', 1, 2)).toBe('Connected · sending 1');
  expect(say('syncing', 2)).toBe('Syncing…');
  expect(say('offline', 4)).toBe('Offline · 4 waiting');
  expect(say('offline', 0)).toBe('Offline');
});

test('only an empty outbox on an open line is called sent', () => {
  for (const status of ['connected', 'syncing', 'connecting', 'offline'] as const) {
    for (const [waiting, failed] of [
      [0, 0],
      [1, 0],
      [0, 1]
    ] as const) {
      const claimsSent = connectionWords({ status, waiting, failed }).icon === 'check';
      expect(claimsSent).toBe(status === 'connected' && waiting + failed === 0);
    }
  }
});

test('typing names two people, then no more', () => {
  expect(typingWords([])).toBe('');
  expect(typingWords(['Ann'])).toBe('Ann is typing…');
  expect(typingWords(['Ann', 'Bo'])).toBe('Ann and Bo are typing…');
  expect(typingWords(['Ann', 'Bo', 'Cy'])).toBe('Several people are typing…');
});

test('who is here is not claimed while offline', () => {
  expect(peopleWords('private', 14, 5)).toBe('14 members, 5 here now');
  expect(peopleWords('private', 14, null)).toBe('14 members');
  expect(peopleWords('private', 1, 1)).toBe('Private room, only you');
  expect(peopleWords('private', 1, null, false)).toBe('1 member');
});

test('where somebody is, or when they were here last', () => {
  const recent = (at: number): string => (at === 0 ? 'now' : 'Fri');
  expect(whereaboutsWords('here', 1, recent)).toBe('online');
  expect(whereaboutsWords('away', 1, recent)).toBe('away');
  expect(whereaboutsWords('gone', 1, recent)).toBe('last seen Fri');
  expect(whereaboutsWords('gone', 0, recent)).toBe('last seen just now');
  expect(whereaboutsWords('gone', null, recent)).toBe('');
  // Without a line it is not known whether they are here, but when they were.
  expect(whereaboutsWords(null, 1, recent)).toBe('last seen Fri');
});

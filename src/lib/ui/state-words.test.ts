import { expect, test } from 'vitest';
import { connectionWords, peopleWords, typingWords } from './state-words.ts';

test('the foot line says what waits, in every state of the connection', () => {
  const say = (status: Parameters<typeof connectionWords>[0]['status'], waiting: number) =>
    connectionWords({ status, waiting }).text;
  expect(say('connected', 0)).toBe('Connected · all sent');
  expect(say('connected', 1)).toBe('Connected · sending 1');
  expect(say('syncing', 2)).toBe('Syncing…');
  expect(say('offline', 4)).toBe('Offline · 4 waiting');
  expect(say('offline', 0)).toBe('Offline');
});

test('only an empty outbox on an open line is called sent', () => {
  for (const status of ['connected', 'syncing', 'connecting', 'offline'] as const) {
    for (const waiting of [0, 1]) {
      const claimsSent = connectionWords({ status, waiting }).icon === 'check';
      expect(claimsSent).toBe(status === 'connected' && waiting === 0);
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
});

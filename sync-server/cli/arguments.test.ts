import { expect, test } from 'vitest';
import { readArguments, UsageError } from './arguments.ts';

test.each([
  ['user add Ann', { kind: 'user-add', name: 'Ann', admin: false }],
  ['user add --admin Ann', { kind: 'user-add', name: 'Ann', admin: true }],
  ['user password Ann', { kind: 'user-password', name: 'Ann' }],
  ['token Ann', { kind: 'token', name: 'Ann' }],
  ['room add Deck', { kind: 'room-add', name: 'Deck', private: false, owner: null }],
  ['room add Deck --private --owner Ann', { kind: 'room-add', name: 'Deck', private: true, owner: 'Ann' }],
  ['import log.jsonl.gz --room Deck', { kind: 'import', file: 'log.jsonl.gz', room: 'Deck' }],
  ['import --room=Deck log.jsonl', { kind: 'import', file: 'log.jsonl', room: 'Deck' }],
  // One room in 64 has an id that begins so.
  [
    'import log.jsonl --room -aaaaaaaaaaaaaaaaaaaaA',
    { kind: 'import', file: 'log.jsonl', room: '-aaaaaaaaaaaaaaaaaaaaA' }
  ],
  [
    'import --room --aaaaaaaaaaaaaaaaaaaA log.jsonl',
    { kind: 'import', file: 'log.jsonl', room: '--aaaaaaaaaaaaaaaaaaaA' }
  ],
  ['help', { kind: 'help' }],
  ['user --help', { kind: 'help' }]
])('%s', (line, command) => {
  expect(readArguments(line.split(' '))).toEqual(command);
});

test.each([
  [''],
  ['user'],
  ['user add'],
  ['user add Ann Bo'],
  ['user remove Ann'],
  ['user add Ann --private'],
  ['token'],
  ['token Ann --admin'],
  ['import log.jsonl'],
  ['import --room Deck'],
  ['room add Deck --colour red'],
  ['room add Deck --owner']
])('%j is not understood, in one line', (line) => {
  let error: unknown;
  try {
    readArguments(line === '' ? [] : line.split(' '));
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).not.toContain('\n');
});

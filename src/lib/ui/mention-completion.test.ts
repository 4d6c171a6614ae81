import { describe, expect, test } from 'vitest';
import { begunMention, mentionOptions } from './mention-completion.ts';

const people = [
  { name: 'Bo Fjeld', userName: 'bo' },
  { name: 'Ann Lee', userName: 'harbourmaster' },
  { name: 'Zed', userName: '' }
];
const offered = (typed: string, room = true) => mentionOptions(typed, people, room, 5).map(({ name }) => name);

describe('[MENTION-5] an @ offers the members by both their names, and all of them', () => {
  test('is begun by an @ that is not within a word', () => {
    expect(begunMention('hi @bo', 6)).toEqual({ from: 3, to: 6, typed: 'bo' });
    expect(begunMention('@', 1)).toEqual({ from: 0, to: 1, typed: '' });
    expect(begunMention('@bo x', 3)).toEqual({ from: 0, to: 3, typed: 'bo' });
    for (const text of ['bo@x', '@bo\n', '@@', 'x']) expect(begunMention(text, text.length), text).toBeNull();
  });

  test('finds by the beginning of a word of either name', () => {
    expect(offered('')).toEqual(['harbourmaster', 'bo', 'room']);
    expect(offered('fj')).toEqual(['bo']);
    expect(offered('harb')).toEqual(['harbourmaster']);
    expect(offered('ann l')).toEqual(['harbourmaster']);
    expect(offered('o')).toEqual([]);
    expect(offered('RO')).toEqual(['room']);
    expect(offered('ro', false)).toEqual([]);
  });

  test('is over when the sentence goes on', () => {
    expect([offered('Bo '), offered('room '), offered('ann ')]).toEqual([[], [], ['harbourmaster']]);
    expect([offered(' '), offered('bo  '), offered('bo is here')]).toEqual([[], [], []]);
  });

  test('offers no more than fit, all of the room among them', () => {
    expect(mentionOptions('', people, true, 2).map(({ name }) => name)).toEqual(['harbourmaster', 'room']);
  });
});

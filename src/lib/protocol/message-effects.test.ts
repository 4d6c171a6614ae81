import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from './entry.ts';
import { parseEntry } from './parse-entry.ts';
import {
  isEmoji,
  type EditEntry,
  type PollCloseEntry,
  type ReactionEntry,
  type RedactionEntry,
  type VoteEntry
} from './message-entries.ts';
import { newUserId } from './ids.ts';
import { messageEffects } from './message-effects.ts';

const [ANN, BO, CY] = [newUserId(), newUserId(), newUserId()] as const;
const TARGET = 'the-message';
let count = 0;
const base = (author: string) => ({ id: `effect-${++count}`, author, sentAt: count, target: TARGET });
const edit = (author: string, body: string): EditEntry => ({ ...base(author), type: 'edit', body });
const reaction = (author: string, emoji: string, on = true): ReactionEntry => ({
  ...base(author),
  type: 'reaction',
  emoji,
  on
});
const redaction = (author: string): RedactionEntry => ({ ...base(author), type: 'redaction', of: ANN });

test('[EFFECT-1] of several edits the last to arrive is what the message says, and all of them are kept', () => {
  const [first, second] = [edit(ANN, 'one'), edit(ANN, 'two')];
  expect(messageEffects(ANN, [])).toEqual({
    ...{ body: null, edits: [], reactions: [], redaction: null, votes: [], closed: null }
  });
  expect(messageEffects(ANN, [first, second])).toMatchObject({ body: 'two', edits: [first, second] });
  expect(messageEffects(ANN, [second, first]).body).toBe('one');
});

test('[EFFECT-2] an edit by another than the author changes nothing', () => {
  expect(messageEffects(ANN, [edit(BO, 'not hers')]).body).toBeNull();
});

test('[EFFECT-3] a reaction toggled twice is off, and each person counts once for an emoji', () => {
  const on = reaction(BO, '👍');
  expect(messageEffects(ANN, [on, reaction(BO, '👍', false)]).reactions).toEqual([]);
  const many = [on, reaction(CY, '🎉'), reaction(BO, '👍'), reaction(CY, '👍')];
  expect(messageEffects(ANN, many).reactions).toEqual([
    { emoji: '👍', people: [BO, CY] },
    { emoji: '🎉', people: [CY] }
  ]);
  expect(messageEffects(ANN, [reaction(BO, '👍', false)]).reactions).toEqual([]);
});

test('[EFFECT-4] an edit after a redaction changes nothing, and nothing else shows on what was taken away', () => {
  const gone = redaction(BO);
  const effects = messageEffects(ANN, [edit(ANN, 'one'), reaction(BO, '👍'), gone, edit(ANN, 'two')]);
  expect(effects).toEqual({
    ...{ body: null, edits: [], reactions: [], redaction: gone, votes: [], closed: null }
  });
});

test('[EFFECT-5] what is given twice counts once, as a page and its late list may both hold it', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.record({ author: fc.constantFrom(ANN, BO), body: fc.string({ minLength: 1 }) }),
          fc.record({ author: fc.constantFrom(ANN, BO, CY), emoji: fc.constantFrom('👍', '🎉'), on: fc.boolean() })
        ),
        { maxLength: 20 }
      ),
      fc.array(fc.nat(), { maxLength: 10 }),
      (made, repeats) => {
        const effects: Entry[] = made.map((one) =>
          'body' in one ? edit(one.author, one.body) : reaction(one.author, one.emoji, one.on)
        );
        const again = effects.length === 0 ? [] : repeats.map((at) => effects[at % effects.length]!);
        const once = messageEffects(ANN, effects);
        // What comes again comes later.
        expect(messageEffects(ANN, [...effects, ...again])).toEqual(once);
        for (const { people } of once.reactions) {
          expect(people.length).toBeGreaterThan(0);
          expect(new Set(people).size).toBe(people.length);
        }
      }
    )
  );
});

describe('[ENTRY-20] a reaction is one emoji, whatever the version of Unicode', () => {
  test.each(['👍', '❤️', '👩🏽‍🚀', '🇳🇴', '1️⃣', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '☺'])('%s is taken', (emoji) => {
    expect(isEmoji(emoji)).toBe(true);
    expect(parseEntry(reaction(ANN, emoji)).ok).toBe(true);
  });
  test.each(['', 'a', '1', '#', '👍 ', '👍a', ':+1:', '\u200d', '<b>', '👍'.repeat(17)])('%j is refused', (emoji) => {
    expect(isEmoji(emoji)).toBe(false);
    expect(parseEntry(reaction(ANN, emoji))).toMatchObject({ ok: false, code: 'schema' });
  });
});

const vote = (author: string, ...options: number[]): VoteEntry => ({ ...base(author), type: 'vote', options });
const close = (author: string): PollCloseEntry => ({ ...base(author), type: 'poll-close' });

test('[POLL-3] the last word of a person counts, and nothing chosen is no vote', () => {
  const votes = [vote(BO, 0), vote(CY, 0, 2), vote(BO, 1), vote(ANN, 1), vote(ANN)];
  expect(messageEffects(ANN, votes).votes).toEqual([
    { person: BO, options: [1] },
    { person: CY, options: [0, 2] }
  ]);
});

test('[POLL-4] a closed poll takes no more votes, and the first to close it is named', () => {
  const end = close(BO);
  const effects = messageEffects(ANN, [vote(CY, 1), end, vote(CY, 0), vote(ANN, 0), close(ANN)]);
  expect(effects).toMatchObject({ closed: end, votes: [{ person: CY, options: [1] }] });
});

test('[POLL-5] every replica counts alike, nobody twice, whatever a page and its late list repeat', () => {
  const act = fc.record({
    author: fc.constantFrom(ANN, BO, CY),
    options: fc.option(fc.uniqueArray(fc.nat(9), { maxLength: 3 }), { nil: null, freq: 8 })
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 10 }), (acts, repeats) => {
      const entries = acts.map(({ author, options }) => (options ? vote(author, ...options.sort()) : close(author)));
      const { votes, closed } = messageEffects(ANN, entries);
      const again = [...entries, ...repeats.flatMap((at) => entries[at % Math.max(1, entries.length)] ?? [])];
      expect(messageEffects(ANN, again)).toEqual({ ...messageEffects(ANN, entries) });
      expect(new Set(votes.map(({ person }) => person)).size).toBe(votes.length);
      const counting = closed ? entries.slice(0, entries.indexOf(closed)) : entries;
      for (const { person, options } of votes) {
        const last = counting.findLast((entry) => entry.author === person && entry.type === 'vote');
        expect(last).toMatchObject({ options });
      }
    })
  );
});

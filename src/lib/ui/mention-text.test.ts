import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMarkdown } from '#protocol/markdown/markdown.ts';
import { mentionPieces, mentionsIn, type Mentionable } from './mention-text.ts';

const person = (id: string, userName: string): Mentionable => ({ id, userName });
const ann = person('ann', 'Ann');
const annLee = person('annlee', 'Ann Lee');
const snake = person('snake', 'low_water');
const unknown = person('unknown', '');
const people = [ann, annLee, snake, unknown];

const named = (text: string, room = true) =>
  mentionPieces(text, people, room).flatMap((piece) =>
    piece.kind === 'person' ? [piece.person.id] : piece.kind === 'room' ? ['@room'] : []
  );

describe('[MENTION-3] a mention is an @ before a whole name, the longest that fits, whatever its case', () => {
  test.for<[text: string, ids: string[]]>([
    ['@Ann', ['ann']],
    ['hello @ann!', ['ann']],
    ['@Ann Lee, and (@ann)', ['annlee', 'ann']],
    ['@Ann Leeward', ['ann']],
    ['@Anna', []],
    ['mail@ann and ann@ann.example', []],
    ['@@ann', []],
    ['@low_water @room', ['snake', '@room']],
    ['@rooms @', []],
    ['', []]
  ])('%s', ([text, ids]) => {
    expect(named(text)).toEqual(ids);
  });

  test('without leave @room is text', () => {
    expect(named('@room', false)).toEqual([]);
  });

  test('the pieces joined are the text', () => {
    const letters = fc.constantFrom('@', 'Ann', ' Lee', ' ', 'room', 'low_water', '*', '\n', 'é', '😀');
    fc.assert(
      fc.property(
        fc.array(letters).map((parts) => parts.join('')),
        (text) => {
          expect(
            mentionPieces(text, people, true)
              .map((piece) => piece.text)
              .join('')
          ).toBe(text);
        }
      )
    );
  });
});

test('[MENTION-3] a name that Markdown would take apart is one, also among marks', () => {
  const odd = [person('bo', '__bo__'), person('star', 'a*b*'), person('both', '__bo__ `x`'), person('tilde', '~~')];
  const found = (body: string) => mentionsIn(body, odd).people;
  expect(found('@__bo__, look')).toEqual(['bo']);
  expect(found('ask @A*B* or @__BO__ *now*')).toEqual(['star', 'bo']);
  expect(found('**@__bo__** and\n> - @~~')).toEqual(['bo', 'tilde']);
  expect(found('@__bo__ `x`')).toEqual(['both']);
  expect(found('`@__bo__` @__bo__x')).toEqual([]);
  const [block] = parseMarkdown('@__bo__ is **here**', ['__bo__']);
  expect(block).toEqual({
    kind: 'paragraph',
    children: [
      { kind: 'text', text: '@__bo__ is ' },
      { kind: 'strong', children: [{ kind: 'text', text: 'here' }] }
    ]
  });
});

test('[MENTION-4] code and links mention nobody; each person counts once', () => {
  expect(mentionsIn('**@Ann**, @ann and @Ann Lee\n> - @room', people)).toEqual({
    people: ['ann', 'annlee'],
    room: true
  });
  expect(mentionsIn('`@Ann`\n```\n@room\n```\n[@Ann](https://a.example)', people)).toEqual({ people: [], room: false });
  expect(mentionsIn('@low_water', people).people).toEqual(['snake']);
  expect(mentionsIn('nobody', people)).toEqual({ people: [], room: false });
});

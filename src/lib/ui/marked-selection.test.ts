import { describe, expect, test } from 'vitest';
import { inOpenFence, withMarks } from './marked-selection.ts';

/** `|` stands at both ends of the selection. */
function pressed(shown: string, mark: string): string {
  const [before, words, after] = shown.split('|') as [string, string, string];
  const value = before + words + after;
  const { from, to, text, selected } = withMarks(value, before.length, before.length + words.length, mark);
  const now = value.slice(0, from) + text + value.slice(to);
  return `${now.slice(0, selected[0])}|${now.slice(...selected)}|${now.slice(selected[1])}`;
}

describe('[MARK-10] marks around a selection', () => {
  test.each([
    ['a |b| c', '**', 'a **|b|** c'],
    ['a **|b|** c', '**', 'a |b| c'],
    ['a| b |c', '*', 'a *|b|* c'],
    ['a||', '**', 'a**||**'],
    ['a**||**', '**', 'a||'],
    ['**|b|**', '*', '***|b|***'],
    ['***|b|***', '*', '**|b|**'],
    ['|x|', '`', '`|x|`']
  ])('%s with %s', (shown, mark, expected) => {
    expect(pressed(shown, mark)).toBe(expected);
  });
});

test('[MARK-11] a fence is open until it is closed', () => {
  for (const open of ['```', '```ts\nlet a', 'see\n```\nx\n\ny', '```\na\n```\n```'])
    expect(inOpenFence(open)).toBe(true);
  for (const closed of ['', 'a ``` b', '```x```', '```\na\n```', '```\na\n```\nb'])
    expect(inOpenFence(closed)).toBe(false);
});

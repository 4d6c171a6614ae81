import { describe, expect, test } from 'vitest';
import { readUserName } from './user-name.ts';

const folded = (input: string): string | null => {
  const named = readUserName(input);
  return named.ok ? named.folded : null;
};

describe('[ACCT-1] user names', () => {
  test.each([
    ['  Ann  ', 'Ann'],
    ['Zoë', 'Zoë'],
    ['Ａｎｎ', 'Ann'],
    ['Ann  of   Gables', 'Ann of Gables'],
    ['محمد', 'محمد'],
    ['花子', '花子'],
    ['👩‍🚀 Ada', '👩‍🚀 Ada'],
    ["O'Brien-Smith (2)", "O'Brien-Smith (2)"]
  ])('%j is kept as %j', (input, name) => {
    expect(readUserName(input)).toMatchObject({ ok: true, name });
  });

  test.each([
    ['nothing', '   '],
    ['a control character', 'a\u0007b'],
    ['a line break', 'a\nb'],
    ['a bidirectional override', 'ann\u202Egnp.exe'],
    ['a bidirectional isolate', 'a\u2066b'],
    ['a zero-width space', 'an\u200Bn'],
    ['a filler', '\u3164'],
    ['joiners alone', '\u200D\u200D'],
    ['a lone surrogate', 'a\uD800'],
    ['a tag character', 'a\u{E0041}'],
    ['41 characters', 'x'.repeat(41)],
    ['what grows under NFKC', '\uFDFA'.repeat(10)]
  ])('%s is refused with a reason', (_what, input) => {
    expect(readUserName(input)).toMatchObject({ ok: false, reason: expect.stringMatching(/\.$/) as string });
  });

  test.each([
    ['Ann', 'ANN'],
    ['straße', 'STRASSE'],
    ['ﬁona', 'fiona'],
    ['Ann', 'A\u200Dnn'],
    ['é', 'e\u0301']
  ])('%j and %j are the same name', (a, b) => {
    expect(folded(a)).not.toBeNull();
    expect(folded(a)).toBe(folded(b));
  });

  test('40 characters are few enough, and folding twice changes nothing', () => {
    const once = folded('x'.repeat(40));
    expect(once).not.toBeNull();
    expect(folded(once!)).toBe(once);
  });
});

import { describe, expect, test } from 'vitest';
import { highlight, HIGHLIGHT_LINE_MAX_CHARS, HIGHLIGHT_MAX_CHARS } from './highlight.ts';

const codes = {
  ts: 'const a = `x${1}`; // hi\nfunction f(): null { return null }',
  html: '<a href="x">b</a><script>let a = 1</script><style>a { color: red }</style>',
  bash: 'if [ -f "$X" ]; then echo \'no\'; fi # end',
  json: '{ "a": [1, true, null] }',
  diff: '+ in\n- out',
  nope: null
} as const;

describe('[MARK-8] colours of code', () => {
  test.each(Object.entries(codes))('%s', async (language, code) => {
    const pieces = await highlight(code ?? 'x', language);
    if (code === null) return expect(pieces).toBeNull();
    expect(pieces!.map(({ text }) => text).join('')).toBe(code);
    expect(pieces!.some(({ mark }) => mark !== null)).toBe(true);
  });

  test('a language may be spelt in capitals', async () => {
    expect(await highlight('let a', 'JS')).toContainEqual({ text: 'let', mark: 'keyword' });
  });

  test('what is too long, as a whole or in one line, stays in one colour', async () => {
    const line = 'let a = 1;\n';
    expect(await highlight(line.repeat(20), 'js')).not.toBeNull();
    expect(await highlight(line.repeat(HIGHLIGHT_MAX_CHARS / 10), 'js')).toBeNull();
    expect(await highlight('a'.repeat(HIGHLIGHT_LINE_MAX_CHARS + 1), 'js')).toBeNull();
    expect(await highlight('let a', '')).toBeNull();
  });

  test('names of everything are no languages', async () => {
    for (const name of ['constructor', '__proto__', 'toString', '"><script>'])
      expect(await highlight('x', name)).toBeNull();
  });
});

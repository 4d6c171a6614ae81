import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../../tests/property-runs.ts';
import { ChatLexer, NESTING_MAX, WORK_MAX_CHARS } from './markdown-lexer.ts';
import { parseMarkdown, plainMarkdown, plainText, type Block, type Inline } from './markdown.ts';

const BODY_CHARS = 16_000;
const filled = (unit: string): string => unit.repeat(Math.ceil(BODY_CHARS / unit.length)).slice(0, BODY_CHARS);

/** Short for what a tree is: `<strong>b</strong>`, with line breaks as they are. */
const drawn = (body: string): string => parseMarkdown(body).map(drawnBlock).join('');
function drawnBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${block.children.map(drawnInline).join('')}</p>`;
    case 'code-block':
      return `<pre ${block.language}>${block.code}</pre>`;
    case 'quote':
      return `<quote>${block.children.map(drawnBlock).join('')}</quote>`;
    case 'list':
      return `<list ${block.start ?? '-'}>${block.items.map((item) => `<li>${item.map(drawnBlock).join('')}</li>`).join('')}</list>`;
  }
}
function drawnInline(node: Inline): string {
  if ('text' in node) return node.kind === 'code' ? `<code>${node.text}</code>` : node.text;
  const inner = node.children.map(drawnInline).join('');
  if (node.kind !== 'link') return `<${node.kind}>${inner}</${node.kind}>`;
  return `<a ${node.href}${node.real === null ? '' : ` really ${node.real}`}>${inner}</a>`;
}

function links(blocks: readonly Block[]): Extract<Inline, { kind: 'link' }>[] {
  const ofInline = (node: Inline): Extract<Inline, { kind: 'link' }>[] =>
    'text' in node ? [] : [...(node.kind === 'link' ? [node] : []), ...node.children.flatMap(ofInline)];
  return blocks.flatMap((block) => {
    if (block.kind === 'paragraph') return block.children.flatMap(ofInline);
    if (block.kind === 'quote') return links(block.children);
    return block.kind === 'list' ? block.items.flatMap(links) : [];
  });
}

function depth(blocks: readonly Block[]): number {
  const inline = (node: Inline): number => ('text' in node ? 0 : 1 + Math.max(0, ...node.children.map(inline)));
  return Math.max(
    0,
    ...blocks.map((block) => {
      if (block.kind === 'paragraph') return Math.max(0, ...block.children.map(inline));
      if (block.kind === 'quote') return 1 + depth(block.children);
      return block.kind === 'list' ? 1 + Math.max(0, ...block.items.map(depth)) : 0;
    })
  );
}

describe('[MARK-1] what is Markdown in a message', () => {
  test.each([
    ['**bold** *it* _it_ ~~gone~~', '<p><strong>bold</strong> <em>it</em> <em>it</em> <del>gone</del></p>'],
    ['run `rm -rf *` now', '<p>run <code>rm -rf *</code> now</p>'],
    ['`<b>` and ``a`b``', '<p><code><b></code> and <code>a`b</code></p>'],
    ['one\ntwo\n\n\nthree **x**', '<p>one\ntwo\n\n\nthree <strong>x</strong></p>'],
    [
      'to buy:\n- milk\n- bread\n  - rye\nand soon',
      '<p>to buy:</p><list -><li><p>milk</p></li><li><p>bread</p><list -><li><p>rye</p></li></list></li></list><p>and soon</p>'
    ],
    ['3. c\n4. d', '<list 3><li><p>c</p></li><li><p>d</p></li></list>'],
    ['> was it?\nno', '<quote><p>was it?</p></quote><p>no</p>'],
    ['> - a\n> - b', '<quote><list -><li><p>a</p></li><li><p>b</p></li></list></quote>'],
    ['see\n```ts\nlet a = 1;\n\n  b();\n```\nthere', '<p>see</p><pre ts>let a = 1;\n\n  b();</pre><p>there</p>'],
    ['```\nnot closed', '<pre >not closed</pre>'],
    ['[the **chart**](https://a.example/x "t")', '<p><a https://a.example/x>the <strong>chart</strong></a></p>'],
    [
      '<https://a.example> *https://a.example/b*',
      '<p><a https://a.example/>https://a.example</a> <em><a https://a.example/b>https://a.example/b</a></em></p>'
    ],
    ['https://a.example/a_b_c/*d* ok', '<p><a https://a.example/a_b_c/*d>https://a.example/a_b_c/*d</a>* ok</p>'],
    ['\\*as it is\\*', '<p>*as it is*</p>']
  ])('%j', (body, expected) => {
    expect(drawn(body)).toBe(expected);
  });
});

describe('[MARK-2] what stays as it was typed', () => {
  test.each([
    '# shopping\nmilk',
    'a\n---\nb\n\n***\n* * *',
    'Title\n=====',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '<b onclick="x()">bold</b> <!-- no -->',
    '<div>\n\n<script>\n</div>',
    '    four spaces\n  two',
    '2*3*4 and snake_case_name',
    '[ ] done',
    '+ 1\n+1',
    '>:(  >_<',
    '-',
    '*',
    '1.',
    '>',
    '```',
    '```\n```',
    '~~~\nwave\n~~~',
    '[label]\n[label]: nothing',
    '¯\\_(ツ)_/¯',
    '&lt;b&gt; &amp; &#106;',
    'two  \nlines\\\nhere',
    '*not closed, _nor this, **or this, `or this'
  ])('%j', (body) => {
    expect(drawn(body)).toBe(`<p>${body}</p>`);
  });
});

describe('[MARK-3] a link opens http, https or mail, or is text', () => {
  test.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java\tscript:alert(1))',
    '[x](<java\nscript:alert(1)>)',
    '[x](\u0001javascript:alert(1))',
    '[x](javascript&colon;alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](&#x6A;&#x61;vascript&#58;alert(1))',
    '[x](%6aavascript:alert(1))',
    '[x](javascript\\:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:msgbox)',
    '[x](blob:evil)',
    '[x](file:///etc/passwd)',
    '[x](//evil.example)',
    '[x](/settings)',
    '[x](\\\\evil.example)',
    '[x](#here)',
    '[x]()',
    '<javascript:x>',
    '[**x**](javascript:alert(1))',
    '[x][y]\n\n[y]: javascript:alert(1)',
    '![x](javascript:alert(1))'
  ])('%j', (body) => {
    expect(links(parseMarkdown(body))).toEqual([]);
    expect(plainMarkdown(body)).toContain('x');
  });

  test('of links in one another there is one', () => {
    for (const body of ['[a [b](https://b.example) c](https://a.example)', '[https://b.example/x](https://a.example)'])
      for (const link of links(parseMarkdown(body)))
        expect(link.children.every((child) => child.kind !== 'link')).toBe(true);
  });
});

describe('[MARK-4] a link whose text looks like another address shows its own', () => {
  test.each([
    ['[https://bank.example](https://evil.example/x)', 'evil.example'],
    ['[bank.example](https://evil.example)', 'evil.example'],
    ['[www.bank.example/login](https://evil.example)', 'evil.example'],
    ['[**bank**.example](https://evil.example)', 'evil.example'],
    ['[bank\u200b.ex\u200bample](https://evil.example)', 'evil.example'],
    ['[bank．example](https://evil.example)', 'evil.example'],
    ['[go to bank.example now](https://evil.example)', 'evil.example'],
    ['[https://bank.example@evil.example](https://bank.example.evil.example)', 'bank.example.evil.example'],
    ['[ann@harbour.example](mailto:eve@evil.example)', 'eve@evil.example'],
    ['[https://bank.example](mailto:eve@evil.example)', 'eve@evil.example'],
    ['[\u200b](https://evil.example)', 'evil.example'],
    ['[https://bаnk.example](https://bank.example)', 'bank.example']
  ])('%j', (body, real) => {
    expect(links(parseMarkdown(body)).map((link) => link.real)).toEqual([real]);
    expect(plainMarkdown(body)).toContain(real);
  });

  test.each([
    '[the chart](https://a.example/x)',
    '[https://a.example](https://a.example/)',
    '[a.example](https://www.a.example/x)',
    '[www.a.example/x](https://a.example/x)',
    '[ann@harbour.example](mailto:ann@harbour.example)',
    'https://a.example'
  ])('%j does not need it', (body) => {
    expect(links(parseMarkdown(body)).map((link) => link.real)).toEqual([null]);
  });
});

test('[MARK-5] a preview has the words without the marks', () => {
  expect(plainMarkdown('**Tide** at `06:00`, ~~late~~ see [chart](https://a.example)')).toBe(
    'Tide at 06:00, late see chart'
  );
  expect(plainMarkdown('to do:\n- a\n- *b*\n\n> c\n```\nd*e*\n```')).toBe('to do:\n• a\n• b\nc\nd*e*');
  expect(plainMarkdown('2. x\n3. y')).toBe('2. x\n3. y');
  expect(plainMarkdown('# as it is')).toBe('# as it is');
});

/** Pieces that Markdown is made of, in any order: far likelier to meet a rule than random text. */
const piece = fc.oneof(
  fc.constantFrom(
    ...'*_~`[]()<>!\\#+-.|:\n \t'.split(''),
    '**',
    '__',
    '~~',
    '```',
    '\n\n',
    '\n- ',
    '\n1. ',
    '\n> ',
    '    '
  ),
  fc.constantFrom(
    '](https://a.example)',
    '](javascript:x)',
    'https://a.example/',
    'www.',
    '<b>',
    '&#58;',
    '\u202e',
    'שלום',
    '😀'
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 })
);
const body = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

test('[MARK-6] whatever is written gives a tree of bounded depth, with no letter lost and safe links alone', () => {
  fc.assert(
    fc.property(body, (written) => {
      const tree = parseMarkdown(written);
      expect(depth(tree)).toBeLessThanOrEqual(2 * (NESTING_MAX + 1));
      for (const { href } of links(tree)) expect(href).toMatch(/^(?:https?:\/\/|mailto:)/);
      // Marks go, and with them the address of a link; no letter of what is neither.
      const letters = (text: string) => text.match(/[\u0590-\u05ff\u{1f600}]/gu) ?? [];
      const shown = plainText(tree) + JSON.stringify(tree);
      for (const letter of letters(written)) expect(shown).toContain(letter);
    }),
    runs(2_000)
  );
});

describe('[MARK-7] hostile lengths are bounded in depth and in what the rules look at', () => {
  test.each(
    [
      [
        '*a',
        '_a ',
        '*a_ ',
        '**a *b ',
        '[',
        '[a](',
        '[a](b ',
        '![a](b ',
        '[]',
        '~~a ',
        '`',
        '\\',
        '*',
        ')',
        ' ',
        '\t',
        '\n \n'
      ],
      [
        '>',
        '> ',
        '> - ',
        '- ',
        '- > ',
        '1. ',
        '- a\n',
        '- a\n* b\n',
        '> a\nb\n',
        '- a\n  > ',
        '```\n',
        '```a\nb\n',
        'a\n-\n'
      ],
      ['<a ', '<!--', 'www.', 'www.a', 'https://', 'a@', 'a.', '# a\n', '***\n', '**_~~`[a](b', 'a**b', '&#', '|-'],
      ['> '.repeat(200) + 'a\n']
    ].flat()
  )('%j, as long as a message may be', (unit) => {
    const written = filled(unit);
    const lexer = new ChatLexer();
    lexer.lex(written);
    expect(lexer.work).toBeLessThanOrEqual(WORK_MAX_CHARS);
    expect(depth(parseMarkdown(written))).toBeLessThanOrEqual(2 * (NESTING_MAX + 1));
  });

  test.each([
    '['.repeat(8_000) + ']'.repeat(8_000),
    '[a]('.repeat(3_000) + ')'.repeat(3_000),
    Array.from({ length: 170 }, (_, at) => `${' '.repeat(at)}- a`).join('\n'),
    Array.from({ length: 170 }, (_, at) => '`'.repeat(at + 1)).join(' '),
    `a${' '.repeat(15_998)}b*`,
    `https://a.example/${'('.repeat(7_000)}${')'.repeat(8_900)}`
  ])('%#', (written) => {
    const lexer = new ChatLexer();
    lexer.lex(written);
    expect(lexer.work).toBeLessThanOrEqual(WORK_MAX_CHARS);
    expect(plainMarkdown(written)).not.toBe('');
  });

  test('past the bound the rest is text, and all of it is there', () => {
    const written = filled('**a *b ');
    expect(plainMarkdown(written).match(/a/g)).toHaveLength(written.match(/a/g)!.length);
  });
});
